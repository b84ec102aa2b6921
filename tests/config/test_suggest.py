"""The word that was meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.suggest import closest, distance

KEYS = ["call", "with", "when", "foreach", "timeout", "retry", "ensure", "fallback", "required", "output", "intent", "steps", "policy"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        *[("timout", "timeout"), ("tiemout", "timeout"), ("intnet", "intent"), ("cal", "call"), ("wiht", "with"), ("wehn", "when")],
        *[("step", "steps"), ("policies", "policy"), ("Timeout", "timeout"), ("for_each", "foreach"), ("for-each", "foreach")],
        *[("timeout_seconds", "timeout"), ("requ", "required"), ("outptu", "output"), ("retries", "retry")],
        *[("x", None), ("", None), ("zebra", None), ("database", None), ("c", None)],
    ],
)
def test_what_is_meant(word: str, meant: str | None) -> None:
    assert closest(word, KEYS) == meant


def test_parts_in_another_order() -> None:
    assert closest("order_get", ["get_order", "get_orders", "order"]) == "get_order"


def test_a_near_spelling_comes_before_a_common_beginning() -> None:
    assert closest("stepp", ["step_names", "steps"]) == "steps"


def test_the_word_itself_is_no_suggestion() -> None:
    assert closest("call", ["call"]) is None


def test_equally_near_words_are_told_apart_by_name_not_by_order() -> None:
    assert closest("bat", ["cat", "bad", "bar"]) == closest("bat", ["bar", "cat", "bad"]) == "bad"


def test_a_huge_word_costs_nothing() -> None:
    assert closest("x" * 1_000_000, KEYS) is None
    assert closest("call", ["x" * 1_000_000, "calls"]) == "calls"


@given(st.text(alphabet="abc", max_size=6), st.text(alphabet="abc", max_size=6))
def test_distance_is_symmetric_and_bounded(left: str, right: str) -> None:
    edits = distance(left, right)
    assert edits == distance(right, left)
    assert abs(len(left) - len(right)) <= edits <= max(len(left), len(right))
    assert (edits == 0) == (left == right)


@given(st.text(min_size=2, max_size=20), st.data())
def test_swapped_neighbours_are_one_edit(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 2))
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    assert distance(word, swapped) <= 1


@given(st.text(max_size=80), st.lists(st.text(max_size=12), max_size=8))
def test_any_words(word: str, known: list[str]) -> None:
    assert closest(word, known) in {None, *known}
