"""Deadlines behind one timer, on a clock that the test moves and a loop that only counts timers."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.sdk.deadlines import Deadlines


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def monotonic(self) -> float:
        return self.time

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.time, UTC)


class Timers:
    """Stands in for the loop's `call_later`; `pass_time` runs what is due."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.pending: list[tuple[float, Any, Timer]] = []
        self.made = 0

    def call_later(self, delay: float, callback: Any) -> Timer:
        self.made += 1
        timer = Timer()
        self.pending.append((self.clock.time + delay, callback, timer))
        return timer

    def pass_time(self, seconds: float) -> None:
        self.clock.time += seconds
        due = [entry for entry in self.pending if entry[0] <= self.clock.time]
        self.pending = [entry for entry in self.pending if entry[0] > self.clock.time]
        for _, callback, timer in due:
            if not timer.cancelled:
                callback()


class Timer:
    cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


@pytest.fixture
async def timers(monkeypatch: pytest.MonkeyPatch) -> Timers:
    timers = Timers(Clock())
    monkeypatch.setattr(asyncio.get_running_loop(), "call_later", timers.call_later)
    return timers


def future() -> asyncio.Future[Any]:
    return asyncio.get_running_loop().create_future()


async def test_what_is_due_is_resolved_with_none_and_what_is_not_stays(timers: Timers) -> None:
    deadlines, first, second = Deadlines(timers.clock), future(), future()
    deadlines.watch(first, 101)
    deadlines.watch(second, 102)
    timers.pass_time(1)
    assert (first.result(), second.done()) == (None, False)
    timers.pass_time(1)
    assert second.result() is None


async def test_calls_that_end_in_time_set_no_timers(timers: Timers) -> None:
    deadlines = Deadlines(timers.clock)
    for number in range(1000):
        call = future()
        deadlines.watch(call, 105 + number / 1000)
        deadlines.forget(call)
    assert timers.made == 1
    timers.pass_time(10)
    assert timers.pending == []


async def test_an_earlier_deadline_moves_the_timer(timers: Timers) -> None:
    deadlines, late, early = Deadlines(timers.clock), future(), future()
    deadlines.watch(late, 110)
    deadlines.watch(early, 101)
    timers.pass_time(1)
    assert (early.done(), late.done()) == (True, False)
    timers.pass_time(9)
    assert late.done()


async def test_a_call_that_is_done_is_left_as_it_is(timers: Timers) -> None:
    deadlines, call = Deadlines(timers.clock), future()
    deadlines.watch(call, 101)
    call.set_result("done")
    timers.pass_time(1)
    assert call.result() == "done"


async def test_a_timer_that_comes_too_early_waits_for_the_rest(timers: Timers) -> None:
    deadlines, call = Deadlines(timers.clock), future()
    deadlines.watch(call, 101)
    timers.pass_time(1)
    timers.clock.time = 100.5
    second = future()
    deadlines.watch(second, 101)
    timers.pending = [(0.0, callback, timer) for _, callback, timer in timers.pending]
    timers.pass_time(0)
    assert not second.done()
    timers.pass_time(0.5)
    assert second.done()


async def test_a_deadline_in_the_past_is_due_at_once(timers: Timers) -> None:
    deadlines, call = Deadlines(timers.clock), future()
    deadlines.watch(call, 1)
    timers.pass_time(0)
    assert call.done()


async def test_stopped_it_leaves_no_timer(timers: Timers) -> None:
    deadlines = Deadlines(timers.clock)
    deadlines.watch(future(), 101)
    deadlines.stop()
    assert all(timer.cancelled for _, _, timer in timers.pending)
