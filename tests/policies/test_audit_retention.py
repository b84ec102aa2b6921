"""Old records are removed from the start, and the chain stays whole."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.policies import audit_retention
from gateway.policies.audit_entry import Entry, write
from gateway.policies.audit_retention import EVERY, Retention
from gateway.sdk import Mark
from gateway.testing.records import MemoryRecords, Shelf
from tests.policies.auditing import events_of, records_of

DAY = 86400.0
START = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    """Time that a test turns on."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)


class Kept:
    """A shelf with a record a day, and a retention of three days."""

    def __init__(self, days: int) -> None:
        self.shelf = Shelf()
        self.store = MemoryRecords(self.shelf)
        self.clock = Clock()
        self.retention = Retention(self.store, self.clock, 3 * DAY)
        for day in range(days):
            self.store.append([write(Entry(START + timedelta(days=day), {"event": f"day {day}"}), str(day))])


def test_what_is_older_is_removed_and_a_record_says_so() -> None:
    kept = Kept(days=6)
    third = kept.shelf.links[2]
    kept.clock.seconds = 5.5 * DAY
    assert kept.retention.run_if_due(lambda: "r-1") == 3
    assert events_of(kept.shelf) == ["day 3", "day 4", "day 5", "removed"]
    told = records_of(kept.shelf)[-1]
    assert (told["id"], told["time"]) == ("r-1", "2026-01-06T12:00:00.000000Z")
    assert (told["through"], told["digest"], told["count"], told["first"]) == (3, third.digest, 3, 1)
    assert kept.shelf.chain.start == Mark(3, third.digest)


def test_it_looks_once_an_hour() -> None:
    kept = Kept(days=1)
    assert kept.retention.run_if_due(lambda: "r-1") == 0
    kept.clock.seconds = EVERY - 1
    kept.retention._seconds = 0.0
    assert kept.retention.run_if_due(lambda: "r-2") == 0
    kept.clock.seconds = EVERY
    assert kept.retention.run_if_due(lambda: "r-3") == 1


def test_removals_follow_each_other_for_years() -> None:
    kept = Kept(days=0)
    for day in range(400):
        kept.clock.seconds = day * DAY
        kept.store.append([write(Entry(kept.clock.now(), {"event": f"day {day}"}), str(day))])
        kept.retention.run_if_due(lambda number=day: f"r-{number}")
    events = events_of(kept.shelf)
    assert [event for event in events if event != "removed"] == ["day 396", "day 397", "day 398", "day 399"]
    assert len(events) < 10


def test_many_are_removed_bit_by_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_retention, "AT_ONCE", 4)
    kept = Kept(days=10)
    kept.clock.seconds = 30 * DAY
    assert [kept.retention.run_if_due(lambda number=turn: f"r-{number}") for turn in range(4)] == [4, 4, 2, 0]
    assert events_of(kept.shelf) == ["removed"] * 3


def test_what_another_process_removed_is_left_to_it() -> None:
    kept = Kept(days=6)
    kept.clock.seconds = 5.5 * DAY
    other = Retention(kept.store, kept.clock, 3 * DAY)
    assert (kept.retention.run_if_due(lambda: "a"), other.run_if_due(lambda: "b")) == (3, 0)


@pytest.mark.parametrize("body", ["no JSON", "[]", "null", "{}", json.dumps({"time": 5}), "5"])
def test_what_was_tampered_with_stays(body: Any) -> None:
    kept = Kept(days=1)
    kept.store.append([body])
    kept.store.append([write(Entry(START, {"event": "behind it"}), "z")])
    kept.clock.seconds = 30 * DAY
    assert kept.retention.run_if_due(lambda: "r") == 1
    assert kept.shelf.bodies[0] == body
