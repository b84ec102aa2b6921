"""A record as text: one line of ASCII, bounded, the same for the same record."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from gateway.policies.audit_entry import LONGEST_TEXT, MOST_ITEMS, Entry, stamp, write
from tests.policies.exchanges import NOON


def test_members_are_in_order_of_name() -> None:
    text = write(Entry(NOON, {"event": "request", "b": 1, "a": None}), "x-1")
    assert text == '{"a":null,"b":1,"event":"request","id":"x-1","time":"2026-11-20T12:00:00.000000Z"}'
    assert write(Entry(NOON, {"a": None, "b": 1, "event": "request"}), "x-1") == text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a" * 1000, "a" * LONGEST_TEXT),
        (["b"] * 1000, ["b"] * MOST_ITEMS),
        (("x", 1, True, None), ["x", 1, True, None]),
        ([{"operation": "erp.cancel", "key": None, "nested": {"a": 1}}], [{"operation": "erp.cancel", "key": None, "nested": None}]),
        ({"a": "map"}, None),
        ([["nested"]], [None]),
        (1 << 20_000, None),
        (1.5, None),
        (float("nan"), None),
        (b"bytes", None),
        (object(), None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_only_plain_values_are_written(value: Any, written: Any) -> None:
    assert json.loads(write(Entry(NOON, {"value": value}), "x"))["value"] == written


@pytest.mark.parametrize("text", ["\x1b[31m\r\n\0\x7f\x9b", "\ud800", "ünïcödé \U0001f600", '"}\n{"forged":1}'])
def test_a_text_stays_on_its_line_and_comes_back(text: str) -> None:
    written = write(Entry(NOON, {"user.id": text}), "x")
    assert written.isascii()
    assert written.isprintable()
    assert json.loads(written)["user.id"] == text


def test_times_are_in_utc_and_in_order_as_texts() -> None:
    east = timezone(timedelta(hours=5))
    assert stamp(datetime(2026, 11, 20, 17, 0, 0, 5, tzinfo=east)) == "2026-11-20T12:00:00.000005Z"
    times = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=0.1 * step) for step in range(30)]
    assert sorted(map(stamp, times)) == [stamp(time) for time in times]
