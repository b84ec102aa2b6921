from __future__ import annotations

from typing import Any

import pytest

from gateway.expressions.limits import MAX_TEXT, WORK, charged, fits, fresh, measured, spend, spend_steps
from gateway.sdk import ExpressionFault


def test_a_budget_runs_out() -> None:
    budget = fresh()
    spend(budget, WORK)
    assert budget == [0]
    with pytest.raises(ExpressionFault, match="more work"):
        spend(budget, 1)


def test_steps_are_dearer_than_characters() -> None:
    budget = fresh()
    spend_steps(budget, 250_000)
    assert budget == [0]


@pytest.mark.parametrize(("value", "price"), [("abc", 3), ([1, 2], 32), ({"a": 1}, 16), (5, 0), (None, 0)])
def test_building_costs(value: Any, price: int) -> None:
    budget = [100]
    assert charged(value, budget) is value
    assert budget == [100 - price]


def test_measuring_counts_shared_parts_each_time() -> None:
    part: list[Any] = ["x" * 100]
    for _ in range(10):
        part = [part, part]
    budget = fresh()
    assert measured(part, budget) is part
    assert WORK - budget[0] > 1024 * 100


def test_measuring_stops_early() -> None:
    part: list[Any] = ["x"]
    for _ in range(60):
        part = [part, part]
    with pytest.raises(ExpressionFault, match="more work"):
        measured(part, fresh())


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({1: 2}, "keys are not text"),
        ([{"a": {1, 2}}], "JSON can't hold"),
        ([float("inf")], "not finite"),
        (float("nan"), "not finite"),
        (object(), "JSON can't hold"),
    ],
)
def test_measuring_refuses_what_json_has_not(value: Any, message: str) -> None:
    with pytest.raises(ExpressionFault, match=message):
        measured(value, fresh())


def test_measuring_refuses_deep_values() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ExpressionFault, match="nested too deeply"):
        measured(deep, fresh())
    while deep:
        deep = deep.pop()


def test_texts_have_a_length() -> None:
    fits(MAX_TEXT)
    with pytest.raises(ExpressionFault, match="more work"):
        fits(MAX_TEXT + 1)
