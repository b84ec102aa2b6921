"""Records get to the store off the request's path: none twice, none lost unless it is told."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from typing import Any

import pytest

from gateway.policies.audit_entry import Entry
from gateway.sdk import Chain, RecordsUnavailable
from gateway.testing.records import MemoryRecords, Shelf
from tests.policies.auditing import entry_of, events_of, records_of, until, writer_on
from tests.policies.exchanges import NOON, FakeServices


class Written:
    """A writer with its shelf."""

    def __init__(self, **options: Any) -> None:
        self.shelf = Shelf()
        self.services = FakeServices()
        self.writer = writer_on(self.shelf, self.services, **options)

    def counted(self, result: str) -> float:
        return self.services.metrics.total("gateway_audit_records_total", result=result)

    def put(self, *names: str) -> list[bool]:
        return [self.writer.put(entry_of(name)) for name in names]


async def test_records_are_written_in_order_and_soon() -> None:
    written = Written()
    await written.writer.start()
    assert written.put("a", "b", "c") == [True] * 3
    started = time.monotonic()
    await until(lambda: len(written.shelf.links) == 3)
    assert time.monotonic() - started < 0.5
    assert events_of(written.shelf) == ["a", "b", "c"]
    assert written.counted("written") == 3
    await written.writer.close()


async def test_each_record_has_an_id_of_its_own() -> None:
    written = Written()
    written.put("a", "a", "a")
    await written.writer.start()
    await written.writer.close()
    assert len({record["id"] for record in records_of(written.shelf)}) == 3


async def test_many_records_are_written_together() -> None:
    written = Written()
    written.put(*(str(number) for number in range(1200)))
    await written.writer.start()
    await written.writer.close()
    assert written.shelf.appends == [500, 500, 200]


async def test_a_stop_under_load_loses_nothing() -> None:
    written = Written()
    await written.writer.start()
    for burst in range(40):
        written.put(*(f"{burst}/{number}" for number in range(50)))
        await asyncio.sleep(0)
    await written.writer.close()
    assert events_of(written.shelf) == [f"{burst}/{number}" for burst in range(40) for number in range(50)]
    assert written.counted("dropped") == 0


async def test_after_the_end_records_are_refused_and_told(caplog: pytest.LogCaptureFixture) -> None:
    written = Written()
    await written.writer.start()
    await written.writer.close()
    await written.writer.close()
    assert written.put("late") == [False]
    assert not written.writer.reserve(1)
    assert (written.counted("dropped"), events_of(written.shelf)) == (1, [])
    assert "an audit record was dropped" in caplog.text


async def test_a_full_queue_drops_counts_and_tells(caplog: pytest.LogCaptureFixture) -> None:
    written = Written(capacity=3)
    assert written.put("a", "b", "c", "d", "e") == [True, True, True, False, False]
    await written.writer.start()
    await written.writer.close()
    assert events_of(written.shelf) == ["a", "b", "c"]
    assert (written.counted("written"), written.counted("dropped")) == (3, 2)
    assert "2 audit records were dropped" in caplog.text


class TestReserved:
    """Places that are kept: what is put in them is not dropped."""

    async def test_a_place_is_kept_in_a_full_queue(self) -> None:
        written = Written(capacity=3)
        await written.writer.start()
        assert written.writer.reserve(2)
        assert not written.writer.reserve(2)
        written.shelf.fault = "gone"
        await until(lambda: not written.put("x")[0])
        assert written.writer.put(entry_of("kept"), reserved=True)
        written.writer.release(1)
        assert written.writer.depth == 2
        written.shelf.fault = None
        await written.writer.close()
        assert "kept" in events_of(written.shelf)

    async def test_none_before_the_store_was_reached(self) -> None:
        written = Written()
        assert not written.writer.reserve(1)
        written.shelf.fault = "gone"
        await written.writer.start()
        assert not written.writer.reserve(1)
        written.shelf.fault = None
        await until(lambda: written.writer.reserve(1))
        await written.writer.close()


class TestDurably:
    """`put_durably` comes back when the record is in the store."""

    async def test_it_waits_for_the_commit(self) -> None:
        written = Written()
        await written.writer.start()
        assert written.writer.reserve(3)
        assert await asyncio.gather(*(written.writer.put_durably(entry_of(name)) for name in "abc")) == [True] * 3
        assert events_of(written.shelf) == ["a", "b", "c"]
        await written.writer.close()

    async def test_it_tells_of_a_failure_at_once_and_writes_later(self) -> None:
        written = Written()
        await written.writer.start()
        assert written.writer.reserve(1)
        written.shelf.fault = "gone"
        assert await written.writer.put_durably(entry_of("a")) is False
        written.shelf.fault = None
        await until(lambda: written.writer.up)
        await written.writer.close()
        assert events_of(written.shelf) == ["a"]

    async def test_everybody_is_told_of_a_failure(self) -> None:
        written = Written()
        await written.writer.start()
        assert written.writer.reserve(1000)
        written.shelf.fault = "gone"
        assert not any(await asyncio.gather(*(written.writer.put_durably(entry_of(str(name))) for name in range(1000))))
        written.shelf.fault = None
        await written.writer.close()
        assert sorted(map(int, events_of(written.shelf))) == list(range(1000))

    async def test_nobody_waits_at_the_end(self) -> None:
        written = Written()
        await written.writer.start()
        assert written.writer.reserve(1)
        await written.writer.close()
        assert await written.writer.put_durably(entry_of("late")) is False


class TestFailing:
    """What waits for a store that fails is written when it is back."""

    async def test_records_wait_for_the_store(self, caplog: pytest.LogCaptureFixture) -> None:
        written = Written()
        await written.writer.start()
        written.shelf.fault = "SQLITE_FULL"
        written.put("a")
        await until(lambda: not written.writer.up)
        written.put("b")
        assert written.writer.depth == 2
        written.shelf.fault = None
        await until(lambda: len(written.shelf.links) == 2)
        await written.writer.close()
        assert events_of(written.shelf) == ["a", "b"]
        messages = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
        assert messages == ["audit records can't be written: SQLITE_FULL; 1 wait", "audit records can be written again; 2 wait"]

    async def test_a_commit_whose_answer_was_lost_is_not_repeated(self) -> None:
        written = Written()
        await written.writer.start()
        written.shelf.forgetful = True
        written.put("a", "b")
        await until(lambda: len(written.shelf.links) == 2)
        written.put("c")
        await written.writer.close()
        assert events_of(written.shelf) == ["a", "b", "c"]

    async def test_a_long_failure_is_told_once(self, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("gateway.policies.audit_writer.LONGEST_PAUSE", 0.002)
        written = Written()
        written.shelf.fault = "gone"
        written.put("a")
        await written.writer.start()
        await until(lambda: written.writer._tries > 10)
        assert len([record for record in caplog.records if "can't be written" in record.getMessage()]) == 1
        written.shelf.fault = None
        await written.writer.close()

    async def test_what_is_left_at_the_end_is_counted_and_told(
        self, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("gateway.policies.audit_writer.GRACE", 0.05)
        written = Written()
        await written.writer.start()
        written.shelf.fault = "gone"
        written.put("a", "b")
        await written.writer.close()
        assert written.counted("dropped") == 2
        assert "2 audit records are lost" in caplog.text

    async def test_a_fault_of_our_own_does_not_end_the_thread(self, caplog: pytest.LogCaptureFixture) -> None:
        class Broken(MemoryRecords):
            broken = True

            def append(self, bodies: Any, *, unless_after: int | None = None) -> Chain:
                if self.broken:
                    raise ZeroDivisionError
                return super().append(bodies, unless_after=unless_after)

        written = Written()
        written.writer._store = store = Broken(written.shelf)
        await written.writer.start()
        written.put("a")
        await until(lambda: not written.writer.up)
        store.broken = False
        await until(lambda: written.writer.up)
        await written.writer.close()
        assert events_of(written.shelf) == ["a"]
        assert "ZeroDivisionError" in caplog.text


async def test_the_head_is_left_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="gateway.test")
    written = Written()
    await written.writer.start()
    written.put("a")
    await written.writer.close()
    head = written.shelf.chain.head
    assert f"the audit records end with 1:{head.digest}" in caplog.text


async def test_old_records_are_removed(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="gateway.test")
    shelf = Shelf()
    old = json.dumps({"event": "old", "time": "2026-01-01T00:00:00.000000Z"})
    MemoryRecords(shelf).append([old])
    written = Written(retention=3600.0)
    written.writer = writer_on(shelf, written.services, retention=3600.0)
    await written.writer.start()
    await written.writer.close()
    assert events_of(shelf) == ["removed"]
    assert "1 audit records were removed" in caplog.text


async def test_failing_to_remove_keeps_nobody_from_writing(caplog: pytest.LogCaptureFixture) -> None:
    class NeverRead(MemoryRecords):
        def snapshot(self) -> Any:
            raise RecordsUnavailable("no reading")

    written = Written(retention=3600.0)
    store = NeverRead(written.shelf)
    written.writer._store = written.writer._retention._store = store  # type: ignore[union-attr]
    await written.writer.start()
    assert written.writer.up
    written.put("a")
    await written.writer.close()
    assert events_of(written.shelf) == ["a"]
    assert caplog.text.count("old audit records can't be removed: no reading") == 1


async def test_without_a_start_what_waits_is_written_at_the_end() -> None:
    written = Written()
    written.writer.put(Entry(NOON, {"event": "a"}))
    await written.writer.close()
    assert events_of(written.shelf) == ["a"]
