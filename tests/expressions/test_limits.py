from __future__ import annotations

import time
from collections import OrderedDict
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.expressions.limits import HOLDER, MAX_TEXT, MAX_VALUE_DEPTH, VALUE, WORK, charged, fits, fresh, measured, spend, spend_steps
from gateway.sdk import ExpressionFault


class Word(str):
    """A text of a plugin's own class."""

    __slots__ = ()


class Share(float):
    """A number of a plugin's own class."""


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
        ({"a": Share("inf")}, "not finite"),
        ({"a": 1, 2: 3}, "keys are not text"),
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


@pytest.mark.parametrize(
    ("value", "price"),
    [
        (None, VALUE),
        ("abc", VALUE + 3),
        (Word("abc"), VALUE + 3),
        ([], VALUE + HOLDER),
        ({"ab": [1, "x"]}, VALUE + HOLDER + 2 + VALUE + HOLDER + 2 * VALUE + 1),
        (OrderedDict(ab=Share(0.5)), VALUE + HOLDER + 2 + VALUE),
        ([datetime(2026, 11, 20, tzinfo=UTC), True, 1.5], VALUE + HOLDER + 3 * VALUE),
    ],
)
def test_measuring_has_a_price(value: Any, price: int) -> None:
    budget = fresh()
    assert measured(value, budget) is value
    assert WORK - budget[0] == price


def test_measuring_takes_just_so_many_levels() -> None:
    deep: Any = "x"
    for _ in range(MAX_VALUE_DEPTH):
        deep = [deep]
    assert measured(deep, fresh()) is deep
    with pytest.raises(ExpressionFault, match="nested too deeply"):
        measured([deep], fresh())


@pytest.mark.parametrize("depth", [0, 51, 52, 53, 188])
def test_measuring_takes_little_time_wherever_it_is_called(depth: int) -> None:
    """A whole budget, well inside what may hold up the event loop; calls of itself took 200 to 800 ms."""
    shared: Any = ["x"]
    for _ in range(60):
        shared = [shared, shared]

    def at(left: int) -> float:
        if left:
            return at(left - 1)
        started = time.process_time()
        with pytest.raises(ExpressionFault, match="more work"):
            measured(shared, fresh())
        return time.process_time() - started

    assert min(at(depth) for _ in range(3)) < 0.15


def test_texts_have_a_length() -> None:
    fits(MAX_TEXT)
    with pytest.raises(ExpressionFault, match="more work"):
        fits(MAX_TEXT + 1)
