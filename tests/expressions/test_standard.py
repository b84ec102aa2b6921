"""Comparisons, and how arguments reach functions."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from gateway.expressions.limits import fresh
from gateway.expressions.standard import flat, keys_of
from gateway.expressions.values import equals, less, less_or_equal
from gateway.sdk import ExpressionFault
from tests.expressions.evaluation import expression, fails, of

VALUES: list[Any] = [None, True, False, 0, 1, 1.0, -2.5, "", "a", "1", [], [1], [True], {}, {"a": 1}]
MEANING: dict[str, Any] = {
    "==": equals,
    "!=": lambda left, right: not equals(left, right),
    "<": less,
    ">": lambda left, right: less(right, left),
    "<=": less_or_equal,
    ">=": lambda left, right: less_or_equal(right, left),
}


@pytest.mark.parametrize("operator", sorted(MEANING))
def test_paths_compare(operator: str) -> None:
    compiled = expression(f"input.l {operator} input.r")
    for left, right in product(VALUES, repeat=2):
        assert compiled({"input": {"l": left, "r": right}}) is MEANING[operator](left, right), (left, right)


LITERALS = {"`null`": None, "`true`": True, "`false`": False, "`0`": 0, "`1`": 1, "'a'": "a", "`[1]`": [1], "`{}`": {}}


@pytest.mark.parametrize(("literal", "operator"), list(product(LITERALS, sorted(MEANING))))
def test_literals_compare(literal: str, operator: str) -> None:
    right_of, left_of = expression(f"input.x {operator} {literal}"), expression(f"{literal} {operator} input.x")
    for found in VALUES:
        scope = {"input": {"x": found}}
        assert right_of(scope) is MEANING[operator](found, LITERALS[literal])
        assert left_of(scope) is MEANING[operator](LITERALS[literal], found)


def test_one_level_of_lists_dissolves() -> None:
    assert flat([1, [2, [3]], [], None], fresh()) == [1, 2, [3], None]
    with pytest.raises(ExpressionFault, match="more work"):
        flat([[0] * 300_000], fresh())


def test_keys_are_paid_for() -> None:
    def key(item: Any, scope: Any, budget: list[int]) -> Any:
        return item * 2

    budget = fresh()
    before = budget[0]
    assert keys_of("x", [1, 2], key, {}, budget) == [2, 4]
    assert budget[0] < before
    with pytest.raises(ExpressionFault, match="needs a list"):
        keys_of("x", {"a": 1}, key, {}, fresh())


def test_walking_a_list_again_and_again_is_bounded() -> None:
    rows = list(range(20_000))
    assert "more work" in fails(
        "input.rows | map(&contains(@, `-1`), [@, @, @, @] | [@, @, @] | [].[@, @, @][] | [@, @, @][] | [])", rows=rows
    )


def test_null_arguments_skip_the_call_but_not_the_others() -> None:
    assert of("concat(input.a, upper(input.b))", b="x") is None
    assert of("coalesce(concat(input.a, 'x'), 'y')") == "y"
