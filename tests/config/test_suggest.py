"""The word that was meant."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.suggest import certain, closest, distance, edits_within
from tests.config.typos import key_sets, score, typos

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


def test_a_single_letter_is_meant_only_where_it_is_half_of_the_word() -> None:
    assert closest("b", ["by", "as"]) == "by"
    assert closest("x", ["by", "as"]) is None


def test_of_equally_near_words_the_one_that_begins_alike_comes_first() -> None:
    assert closest("rolet", ["bolet", "rolex", "molet"]) == "rolex"


def test_typos_are_all_of_one_edit() -> None:
    assert {"b", "y", "yb", "bby", "b_", "byz", "iy"} <= typos("by")
    assert {distance("timeout", typo) for typo in typos("timeout")} == {1}
    assert len(key_sets()) > 80
    assert any({"call", "join", "foreach", "timeout"} <= set(keys) for keys in key_sets())


def test_typos_of_every_key_are_told_what_was_meant() -> None:
    found = score(every=31)
    assert found.right >= 0.97 * found.tried, str(found)
    assert found.short_right >= 0.97 * found.short_tried, str(found)


@pytest.mark.slow
def test_every_typo_of_every_key_is_told_what_was_meant() -> None:
    found = score(every=1)
    assert found.right >= 0.995 * found.tried, str(found)
    assert found.short_right >= 0.99 * found.short_tried, str(found)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        *[("timout", "timeout"), ("Timeout", "timeout"), ("foreahc", "foreach"), ("intents", "intent"), ("tinemout", "timeout")],
        *[
            ("tmeou", None),
            ("cal", "call"),
            ("cll", "call"),
            ("wen", "when"),
            ("policies", None),
            ("timeout_seconds", None),
            ("zebra", None),
        ],
    ],
)
def test_what_is_certain(word: str, meant: str | None) -> None:
    assert certain(word, closest(word, KEYS), KEYS) == meant


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("rles", ["roles", "rules"]),
        ("get_ordr", ["get_order", "get_orders"]),
        ("delete_ordr", ["delete_order", "delete_old"]),
        ("ordr", ["order", "odr"]),
        ("b", ["by"]),
        ("iu", ["in"]),
        ("order_get", ["get_order"]),
        ("x" * 80, ["x" * 81]),
    ],
)
def test_where_something_else_can_be_meant_nothing_is_certain(word: str, known: list[str]) -> None:
    assert certain(word, closest(word, known), known) is None


def test_two_spellings_of_one_word_are_not_certain() -> None:
    assert certain("Get-Order", "get_order", ["get_order", "get-order"]) is None
    assert certain("GET_ORDER", "get_order", ["get_order"]) == "get_order"


def test_thousands_of_names_cost_little() -> None:
    verbs, nouns = ["get", "list", "create", "delete"], ["repo", "issue", "hook", "team", "branch", "runner"]
    names = [f"{verb}-{one}-{other}-{number}" for verb in verbs for one in nouns for other in nouns for number in range(14)]
    started = time.process_time()
    assert closest("list-isue-team-13", names) == "list-issue-team-13"
    assert time.process_time() - started < 0.2


@given(st.text(alphabet="abc_", max_size=8), st.text(alphabet="abc_", max_size=8), st.integers(0, 4))
def test_a_limit_changes_no_distance_within_it(left: str, right: str, limit: int) -> None:
    edits = distance(left, right)
    assert edits_within(left, right, limit) == (edits if edits <= limit else None)


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
