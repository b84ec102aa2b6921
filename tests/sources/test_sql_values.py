"""Values out of and into databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest

from gateway.sdk import InvalidRequest
from gateway.sources.sql_values import MAX_LIST, bound_list, bound_value, iso_duration, json_safe


@pytest.mark.parametrize(
    ("value", "safe"),
    [
        (Decimal("10.50"), "10.50"),
        (Decimal("1E+3"), "1000"),
        (Decimal("-0.00"), "-0.00"),
        (Decimal("Infinity"), None),
        (Decimal("NaN"), None),
        (float("nan"), None),
        (float("-inf"), None),
        (1.5, 1.5),
        (True, True),
        (-(1 << 63), -(1 << 63)),
        (date(2026, 11, 20), "2026-11-20"),
        (datetime(2026, 11, 20, 1, 2, 3, 4, tzinfo=UTC), "2026-11-20T01:02:03.000004+00:00"),
        (time(9, 30), "09:30:00"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (b"\xff", "/w=="),
        (memoryview(b"a"), "YQ=="),
        ([Decimal(1), {1: b""}], ["1", {"1": ""}]),
        ((1, {2}), [1, [2]]),
    ],
)
def test_json_safe(value: Any, safe: Any) -> None:
    assert json_safe(value) == safe
    msgspec.json.encode(json_safe(value))


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(), "PT0S"),
        (timedelta(days=1), "P1D"),
        (timedelta(days=1, hours=2, minutes=3, seconds=4, milliseconds=500), "P1DT2H3M4.5S"),
        (timedelta(microseconds=1), "PT0.000001S"),
        (timedelta(seconds=-90), "-PT1M30S"),
        (timedelta(hours=25), "P1DT1H"),
    ],
)
def test_durations(length: timedelta, text: str) -> None:
    assert iso_duration(length) == text


def test_objects_and_lists() -> None:
    assert bound_value("x", {"a": [1]}, arrays=True) == '{"a":[1]}'
    assert bound_value("x", [1, {"a": 1}], arrays=True) == [1, '{"a":1}']
    assert bound_value("x", [1, "a"], arrays=False) == '[1,"a"]'
    assert bound_value("x", None, arrays=False) is None


@pytest.mark.parametrize("value", [1 << 63, -(1 << 63) - 1, "a\0", "\udc00", float("inf"), [1 << 64], {"a": "\ud800"}])
def test_what_drivers_choke_on(value: Any) -> None:
    with pytest.raises(InvalidRequest):
        bound_value("x", value, arrays=True)


def test_expanding_lists() -> None:
    assert bound_list("x", None) == []
    assert bound_list("x", "a") == ["a"]
    assert bound_list("x", [1, None, True]) == [1, None, True]
    for bad in ([[1]], [{}], [1 << 63], [0] * (MAX_LIST + 1), {"a": 1}):
        with pytest.raises(InvalidRequest):
            bound_list("x", bad)
