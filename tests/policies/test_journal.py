"""Records off the event loop: who waits, what is tried again, and what one thread makes of what many ask."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from gateway.policies import journal as subject
from gateway.policies.journal import Journal
from gateway.sdk import SystemClock
from gateway.sdk.idempotency import IdempotencyRows
from gateway.sdk.records import RecordsUnavailable
from gateway.testing.idempotency import Drawer, MemoryIdempotency
from gateway.testing.idempotency_contract import FIRST as LONG_AGO
from gateway.testing.idempotency_contract import HELD

FIRST = msgspec.structs.replace(LONG_AGO, kept_until=9e12)
LOGGER = logging.getLogger("gateway.testing.journal")


@asynccontextmanager
async def opened(drawer: Drawer) -> AsyncIterator[Journal]:
    journal = Journal(MemoryIdempotency(drawer), SystemClock(), LOGGER)
    try:
        yield journal
    finally:
        await journal.close()


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "PAUSE", 0.01)
    monkeypatch.setattr(subject, "GRACE", 0.05)


async def until(condition: object) -> None:
    async with asyncio.timeout(2):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.002)


async def test_what_is_written_is_read() -> None:
    async with opened(Drawer()) as journal:
        assert await journal.look("r1", lambda rows: rows.find("r1", 1000.0), within=2) is None
        assert await journal.write("r1", lambda rows: rows.add(FIRST), within=2) is None
        assert await journal.look("r1", lambda rows: rows.find("r1", 1000.0), within=2) == HELD


async def test_many_share_a_commit_in_the_order_of_their_records() -> None:
    drawer, order = Drawer(), []

    def noted(record: str) -> object:
        return lambda rows: order.append(record) or rows.add(msgspec.structs.replace(FIRST, record=record))

    async with opened(drawer) as journal:
        journal._clean_at = float("inf")
        with drawer.lock:  # the thread waits with the first one
            first = asyncio.ensure_future(journal.write("r0", noted("r0"), within=2))
            await until(lambda: journal._waiting.empty() and journal._thread is not None)
            await asyncio.sleep(0.01)
            names = [f"r{number}" for number in (5, 3, 9, 1)]
            others = [asyncio.ensure_future(journal.write(name, noted(name), within=2)) for name in names]
            await asyncio.sleep(0.01)
        assert await asyncio.gather(first, *others) == [None] * 5
    assert order == ["r0", "r1", "r3", "r5", "r9"]
    assert drawer.commits == 2


async def test_a_store_that_is_away_is_told_to_all_who_wait(caplog: pytest.LogCaptureFixture) -> None:
    drawer = Drawer()
    drawer.fault = "no disk"
    async with opened(drawer) as journal:
        for _ in range(3):
            with pytest.raises(RecordsUnavailable, match="no disk"):
                await journal.write("r1", lambda rows: rows.add(FIRST), within=2)
        drawer.fault = None
        assert await journal.write("r1", lambda rows: rows.add(FIRST), within=2) is None
    told = [record.getMessage() for record in caplog.records]
    assert told == ["idempotency records can't be kept: no disk", "idempotency records can be kept again"]


async def test_nobody_waits_longer_than_they_said() -> None:
    drawer = Drawer()
    async with opened(drawer) as journal:
        with drawer.lock:
            with pytest.raises(RecordsUnavailable, match="in time"):
                await journal.write("r1", lambda rows: rows.add(FIRST), within=0.01)
            assert await journal.insist("r1", lambda rows: rows.finish("r1", "o1", "late"), within=0.01) is False
        await until(lambda: "r1" in drawer.entries and drawer.entries["r1"].state == "finished")


async def test_what_is_owed_is_done_when_the_store_is_back() -> None:
    drawer = Drawer()
    async with opened(drawer) as journal:
        await journal.write("r1", lambda rows: rows.add(FIRST), within=2)
        drawer.fault = "no disk"
        assert await journal.insist("r1", lambda rows: rows.finish("r1", "o1", "answer"), within=2) is False
        journal.owe("r2", lambda rows: rows.add(msgspec.structs.replace(FIRST, record="r2")))
        await asyncio.sleep(0.03)
        drawer.fault = None
        await until(lambda: "r2" in drawer.entries)
        assert drawer.entries["r1"].state == "finished"


async def test_only_so_much_is_owed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "MOST_OWED", 2)
    drawer = Drawer()
    drawer.fault = "no disk"
    async with opened(drawer) as journal:
        for number in range(4):
            await journal.insist(
                f"r{number}", lambda rows, record=f"r{number}": rows.add(msgspec.structs.replace(FIRST, record=record)), within=2
            )
        drawer.fault = None
    assert sorted(drawer.entries) == ["r2", "r3"]


async def test_a_fault_of_our_own_costs_only_that_round(caplog: pytest.LogCaptureFixture) -> None:
    def broken(rows: IdempotencyRows) -> None:
        del rows
        raise ZeroDivisionError

    async with opened(Drawer()) as journal:
        with pytest.raises(RecordsUnavailable, match="ZeroDivisionError"):
            await journal.write("r1", broken, within=2)
        journal.owe("r1", broken)
        await asyncio.sleep(0.02)
        assert await journal.write("r1", lambda rows: rows.add(FIRST), within=2) is None
    assert "Traceback" in caplog.text


async def test_what_is_wrong_with_one_record_is_not_told_to_others() -> None:
    def spoilt(rows: IdempotencyRows) -> None:
        del rows
        raise RecordsUnavailable("can't be read")

    drawer = Drawer()
    async with opened(drawer) as journal:
        with drawer.lock:
            work = [journal.write("r1", lambda rows: rows.add(FIRST), within=2), journal.write("r2", spoilt, within=2)]
            both = asyncio.gather(*work, return_exceptions=True)
            await asyncio.sleep(0.01)
        first, second = await both
    assert first is None
    assert isinstance(second, RecordsUnavailable)


async def test_an_end_does_what_waits_and_takes_nothing_more() -> None:
    drawer = Drawer()
    store = MemoryIdempotency(drawer)
    journal = Journal(store, SystemClock(), LOGGER)
    journal.owe("r1", lambda rows: rows.add(FIRST))
    await journal.close()
    assert list(drawer.entries) == ["r1"]
    assert store.closed
    with pytest.raises(RecordsUnavailable, match="ended"):
        await journal.write("r2", lambda rows: rows.add(FIRST), within=2)
    journal.owe("r2", lambda rows: rows.add(FIRST))
    await journal.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "idempotency-journal"]


async def test_an_end_gives_up_on_a_store_that_stays_away() -> None:
    drawer = Drawer()
    drawer.fault = "no disk"
    async with opened(drawer) as journal:
        journal.owe("r1", lambda rows: rows.add(FIRST))
    assert drawer.entries == {}


async def test_old_records_are_removed_from_the_start_on_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "CLEANED_AT_ONCE", 2)
    drawer = Drawer()
    drawer.entries = {f"r{number}": msgspec.structs.replace(FIRST, record=f"r{number}", kept_until=2000.0) for number in range(5)}
    drawer.entries["new"] = msgspec.structs.replace(FIRST, record="new")
    async with opened(drawer) as journal:
        await journal.start()
        await until(lambda: list(drawer.entries) == ["new"])


async def test_where_nothing_was_ever_kept_nothing_is_made() -> None:
    drawer = Drawer()
    async with opened(drawer) as journal:
        await journal.start()
        await asyncio.sleep(0.03)
    assert drawer.commits == 0
