"""What the log is told of overload: that it begins, and how much it was; not each request."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from gateway.sdk.priority import CRITICAL, LOW
from gateway.server.shedding import LONGEST, QUIET, SheddingRecord
from tests.virtual_time import in_virtual_time


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, logger="gateway.overload")
    return caplog


def told(logged: pytest.LogCaptureFixture) -> list[dict[str, Any] | None]:
    """What each record tells; None for a beginning."""
    return [getattr(record, "fields", None) for record in logged.records]


async def noted(record: SheddingRecord, times: int, pause: float) -> None:
    """As many requests of the lowest priority, a pause behind each."""
    for _ in range(times):
        record.note(LOW, "waited", asyncio.get_running_loop())
        await asyncio.sleep(pause)


def test_the_first_is_told_at_once_and_alone(logged: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        await noted(SheddingRecord(), 100, 0)
        assert told(logged) == [None]

    in_virtual_time(work())
    assert [record.levelname for record in logged.records] == ["WARNING"]


def test_how_much_it_was_is_told_when_it_is_over(logged: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        record, loop = SheddingRecord(), asyncio.get_running_loop()
        await noted(record, 4, 0.5)
        record.note(CRITICAL, "memory", loop)
        record.note(LOW, "queue_full", loop)
        await asyncio.sleep(2 * QUIET)

    in_virtual_time(work())
    given_up = {"critical (memory)": 1, "low (queue_full)": 1, "low (waited)": 4}
    assert told(logged) == [None, {"given_up": given_up, "seconds": 2.0}]
    assert logged.records[1].getMessage() == "6 requests were given up"


def test_it_is_not_over_while_one_is_given_up_now_and_then(logged: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        await noted(SheddingRecord(), 10, QUIET * 0.9)
        assert told(logged) == [None]
        await asyncio.sleep(2 * QUIET)

    in_virtual_time(work())
    assert [fields and fields["given_up"] for fields in told(logged)] == [None, {"low (waited)": 10}]


def test_the_next_time_is_counted_from_the_beginning(logged: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        record = SheddingRecord()
        await noted(record, 3, 0.25)
        await asyncio.sleep(3 * QUIET)
        await noted(record, 2, 0.25)
        await asyncio.sleep(3 * QUIET)

    in_virtual_time(work())
    first, second = {"low (waited)": 3}, {"low (waited)": 2}
    assert told(logged) == [None, {"given_up": first, "seconds": 0.5}, None, {"given_up": second, "seconds": 0.25}]


def test_one_that_lasts_is_told_of_meanwhile_and_none_is_counted_twice(logged: pytest.LogCaptureFixture) -> None:
    many = int(2.5 * LONGEST / 0.5)

    async def work() -> None:
        await noted(SheddingRecord(), many, 0.5)
        await asyncio.sleep(2 * QUIET)

    in_virtual_time(work())
    beginning, *reports = told(logged)
    assert beginning is None
    assert len(reports) == 3
    assert sum(fields["given_up"]["low (waited)"] for fields in reports if fields is not None) == many
    assert all(fields is not None and fields["seconds"] <= LONGEST + QUIET for fields in reports)


def test_when_it_is_over_nothing_runs_on() -> None:
    async def work() -> None:
        await noted(SheddingRecord(), 1, 3 * QUIET)
        await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="nothing will ever happen"):
        in_virtual_time(work())


def test_what_was_told_of_is_not_told_of_again_in_the_end(logged: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        await noted(SheddingRecord(), 60, 0.495)
        await asyncio.sleep(3 * QUIET)

    in_virtual_time(work())
    assert [fields and fields["given_up"] for fields in told(logged)] == [None, {"low (waited)": 60}]
