"""Patterns on names, followed name by name, give what matching the whole path at once would."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.expressions.field_patterns import NOWHERE, FieldPatterns


def matches(pattern: str, path: str) -> bool:
    patterns = FieldPatterns([pattern])
    return patterns.matched(patterns.along(path.split(".") if path else [])) == {0}


@pytest.mark.parametrize(
    ("pattern", "path", "found"),
    [
        ("*.iban", "iban", True),
        ("*.iban", "customer.accounts.iban", True),
        ("*.iban", "customer.iban.bank", False),
        ("*.iban", "iban_old", False),
        ("*.iban", "IBAN", False),
        ("iban", "iban", True),
        ("iban", "customer.iban", False),
        ("customer.*", "customer", True),
        ("customer.*", "customer.name.first", True),
        ("customer.*", "order.customer", False),
        ("*.customer.*.id", "a.customer.id", True),
        ("*.customer.*.id", "a.customer.b.c.id", True),
        ("*.customer.*.id", "customer.identity", False),
        ("*", "", True),
        ("*", "anything.at.all", True),
        ("x-y.ü", "x-y.ü", True),
    ],
)
def test_a_star_stands_for_any_number_of_names(pattern: str, path: str, found: bool) -> None:
    assert matches(pattern, path) is found


@pytest.mark.parametrize("text", ["", ".iban", "iban.", "a..b", "card-*", "*iban", "**", "a[0]", "a b", "${ x }", "a\n"])
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no pattern"):
        FieldPatterns([text])


parts = st.sampled_from(["*", "a", "b"])


@given(st.lists(parts, min_size=1, max_size=5), st.lists(st.sampled_from(["a", "b", "c"]), max_size=6))
def test_names_one_by_one_are_as_good_as_the_whole_path(pattern: list[str], path: list[str]) -> None:
    whole = "".join("(?:[abc]/)*" if part == "*" else f"{part}/" for part in pattern)
    assert matches(".".join(pattern), ".".join(path)) is (re.fullmatch(whole, "".join(f"{name}/" for name in path)) is not None)


def test_several_patterns_are_followed_at_once() -> None:
    patterns = FieldPatterns(["*.iban", "owner.name"])
    assert patterns.matched(patterns.along(["owner", "name"])) == {1}
    assert patterns.matched(patterns.along(["owner", "iban"])) == {0}
    assert patterns.matched(patterns.along(["name"])) == frozenset()


def test_what_can_t_match_any_more_is_nowhere() -> None:
    patterns = FieldPatterns(["owner.name"])
    assert patterns.along(["x"]) == NOWHERE
    assert patterns.anywhere(patterns.start) == NOWHERE
    assert FieldPatterns(["*.iban"]).anywhere(FieldPatterns(["*.iban"]).start) != NOWHERE
