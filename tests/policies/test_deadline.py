from __future__ import annotations

import asyncio

import pytest

from gateway.policies.deadline import Deadline, build
from gateway.sdk import Call, NotFound, Result, SystemClock, Timeout
from gateway.testing.services import FakeServices
from tests.policies.calls_under_way import FakeOperation, answering, binding_of, call_by, value


async def test_a_call_in_time_is_what_it_is() -> None:
    async def work(call: Call) -> str:
        return "in time"

    assert (await Deadline(SystemClock())(call_by(), answering(work))).value == "in time"


async def test_a_late_call_is_ended() -> None:
    ended = False

    async def work(call: Call) -> None:
        nonlocal ended
        try:
            await asyncio.sleep(30)
        finally:
            ended = True

    with pytest.raises(Timeout):
        await Deadline(SystemClock())(call_by(seconds=0.01), answering(work))
    assert ended


async def test_without_time_nothing_is_called() -> None:
    async def proceed(call: Call) -> Result:
        raise AssertionError

    with pytest.raises(Timeout):
        await Deadline(SystemClock())(call_by(seconds=0), proceed)


async def test_errors_and_cancellation_pass_through() -> None:
    async def work(call: Call) -> None:
        raise NotFound

    with pytest.raises(NotFound):
        await Deadline(SystemClock())(call_by(), answering(work))
    waiting = asyncio.Event()

    async def wait(call: Call) -> Result:
        waiting.set()
        await asyncio.sleep(30)
        return value(None)

    task = asyncio.create_task(Deadline(SystemClock())(call_by(), wait))
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_reads_and_writes_have_one() -> None:
    assert isinstance(build(binding_of(FakeOperation(effect="write")), FakeServices()), Deadline)
