"""One call for equal ones: who waits how long, who ends it, and what becomes of its failure."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

import pytest

from gateway.policies.single_flight import SingleFlight
from gateway.sdk import Call, Timeout, Unavailable
from tests.policies.calls_under_way import call_by
from tests.virtual_time import VirtualClock, in_virtual_time


class Backend:
    """Answers after `seconds` with the number of the call, or fails at the call's deadline where that comes first."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.clock = VirtualClock()
        self.deadlines: list[float] = []
        self.ended = 0

    async def __call__(self, call: Call) -> int:
        self.deadlines.append(call.deadline - self.clock.monotonic())
        number = len(self.deadlines)
        try:
            left = min(call.deadline - self.clock.monotonic(), call.timeout)
            await asyncio.sleep(min(self.seconds, left))
        except asyncio.CancelledError:
            self.ended += 1
            raise
        if left < self.seconds:
            raise Timeout
        return number


def within(seconds: float, timeout: float | None = None) -> Call:
    call = call_by()
    call.deadline = VirtualClock().monotonic() + seconds
    call.timeout = call.timeout if timeout is None else timeout
    return call


async def later(seconds: float, work: Coroutine[Any, Any, Any]) -> Any:
    await asyncio.sleep(seconds)
    return await work


def test_each_waits_no_longer_than_it_may() -> None:
    async def run() -> None:
        flights, backend = SingleFlight[int](VirtualClock()), Backend(2)
        began = backend.clock.monotonic()
        ended: dict[float, float] = {}

        async def ask(seconds: float) -> Any:
            try:
                return await flights.fly("key", within(seconds), backend)
            except Timeout as error:
                return error
            finally:
                ended[seconds] = backend.clock.monotonic() - began

        got = await asyncio.gather(ask(1), ask(3), ask(0.5), ask(5))
        assert [type(each) for each in got] == [Timeout, int, Timeout, int]
        assert ended == pytest.approx({1: 1, 0.5: 0.5, 3: 2, 5: 2})

    in_virtual_time(run())


def test_one_whose_time_is_over_does_not_begin_to_wait() -> None:
    async def run() -> None:
        flights, backend = SingleFlight[int](VirtualClock()), Backend(1)
        leader = asyncio.create_task(flights.fly("key", within(5), backend))
        await asyncio.sleep(0)
        with pytest.raises(Timeout):
            await flights.fly("key", within(0), backend)
        assert await leader == 1

    in_virtual_time(run())


def test_work_that_an_impatient_one_cut_short_begins_anew_for_the_patient() -> None:
    async def run() -> None:
        flights, backend = SingleFlight[int](VirtualClock()), Backend(2)
        tasks = [
            asyncio.create_task(later(wait, flights.fly("key", within(seconds), backend))) for wait, seconds in ((0, 1), (0.1, 4), (0.2, 6))
        ]
        got = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(got[0], Timeout)
        assert got[1:] == [2, 2]
        assert backend.deadlines == pytest.approx([1, 5])
        assert len(flights) == 0

    in_virtual_time(run())


def test_a_backend_that_is_too_slow_for_one_try_is_so_for_all() -> None:
    async def run() -> None:
        flights, backend = SingleFlight[int](VirtualClock()), Backend(9)
        tasks = [asyncio.create_task(later(wait, flights.fly("key", within(4, timeout=1), backend))) for wait in (0, 0.5)]
        got = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(each) for each in got] == [Timeout, Timeout]
        assert len(backend.deadlines) == 1

    in_virtual_time(run())


def test_the_more_patient_of_two_steps_gets_its_own_timeout() -> None:
    async def run() -> None:
        flights, backend = SingleFlight[int](VirtualClock()), Backend(1)
        narrow = asyncio.create_task(flights.fly("key", within(0.2, timeout=0.2), backend))
        wide = asyncio.create_task(later(0.1, flights.fly("key", within(5, timeout=5), backend)))
        assert isinstance((await asyncio.gather(narrow, return_exceptions=True))[0], Timeout)
        assert await wide == 2

    in_virtual_time(run())


def test_the_last_who_leaves_ends_the_work_and_who_comes_then_begins_anew() -> None:
    async def run() -> None:
        flights, backend = SingleFlight[int](VirtualClock()), Backend(1)
        tasks = [asyncio.create_task(flights.fly("key", within(5), backend)) for _ in range(3)]
        await asyncio.sleep(0.5)
        for task in tasks:
            task.cancel()
        anew = asyncio.create_task(flights.fly("key", within(5), backend))
        await asyncio.gather(*tasks, return_exceptions=True)
        assert await anew == 2
        assert (backend.ended, len(flights)) == (1, 0)

    in_virtual_time(run())


def test_what_is_sent_in_the_background_goes_on_without_anybody() -> None:
    async def run() -> None:
        flights, backend = SingleFlight[int](VirtualClock()), Backend(1)
        flights.send("key", within(5), backend)
        flights.send("key", within(5), backend)
        asked = asyncio.create_task(flights.fly("key", within(5), backend))
        await asyncio.sleep(0.1)
        asked.cancel()
        await asyncio.sleep(0)
        assert "key" in flights
        assert await flights.fly("key", within(5), backend) == 1
        assert (backend.ended, len(backend.deadlines)) == (0, 1)

    in_virtual_time(run())


def test_a_fault_in_the_background_that_nobody_waits_for_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(_: Call) -> int:
        raise ZeroDivisionError

    async def failing(_: Call) -> int:
        raise Unavailable

    async def run() -> None:
        flights = SingleFlight[int](VirtualClock())
        flights.send("broken", within(5), broken)
        flights.send("failing", within(5), failing)
        await asyncio.sleep(0.1)
        assert len(flights) == 0

    with caplog.at_level(logging.WARNING):
        in_virtual_time(run())
    assert [record.exc_info and record.exc_info[0] for record in caplog.records] == [ZeroDivisionError]


def test_closing_ends_what_is_under_way() -> None:
    async def run() -> None:
        flights, backend = SingleFlight[int](VirtualClock()), Backend(9)
        asked = asyncio.create_task(flights.fly("key", within(99), backend))
        flights.send("other", within(99), backend)
        await asyncio.sleep(1)
        await flights.close()
        with pytest.raises(Unavailable):
            await asked
        assert (backend.ended, len(flights)) == (2, 0)

    in_virtual_time(run())


def test_closing_tells_those_whose_call_had_not_begun() -> None:
    async def story() -> None:
        flights: SingleFlight[int] = SingleFlight(VirtualClock())
        waiting = asyncio.create_task(flights.fly("key", within(5.0), Backend(1.0)))
        await asyncio.sleep(0)
        await flights.close()
        with pytest.raises(Unavailable):
            await waiting
        assert len(flights) == 0

    in_virtual_time(story())
