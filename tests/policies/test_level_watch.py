"""What other processes wrote is read again and again, whatever the store does meanwhile, until it is enough."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import Any

import pytest

from gateway.policies.level_watch import LevelWatch
from gateway.sdk.records import RecordsUnavailable


class Store:
    """Gives one thing after the other, an error by raising it; the last again and again."""

    def __init__(self, *given: Any) -> None:
        self._given = list(given)
        self.reads = 0

    def exists(self) -> bool:
        return True

    def read(self, part: str) -> list[str]:
        self.reads += 1
        given = self._given.pop(0) if len(self._given) > 1 else self._given[0]
        if isinstance(given, Exception):
            raise given
        return [f"{part} {given}"]

    def write(self, part: str, name: str, text: str, at: float) -> None:
        raise NotImplementedError


async def watched(store: Store, count: int) -> list[list[str]]:
    found: list[list[str]] = []
    watch = LevelWatch(store, "levels", found.append, interval=0.002)
    watch.start()
    try:
        async with asyncio.timeout(5):
            while len(found) < count:
                await asyncio.sleep(0.002)
    finally:
        watch.stop()
    return found[:count]


async def test_it_is_told_what_is_there_each_time() -> None:
    assert await watched(Store("a", "b"), 3) == [["levels a"], ["levels b"], ["levels b"]]


async def test_a_store_that_is_away_is_told_once_and_what_it_had_stays(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    away = RecordsUnavailable("it is away")
    assert await watched(Store("a", away, away, away, "b", away, "c"), 3) == [["levels a"], ["levels b"], ["levels c"]]
    assert len([each for each in caplog.records if "it is away" in each.getMessage()]) == 2


async def test_whatever_one_look_meets_the_next_comes(caplog: pytest.LogCaptureFixture) -> None:
    assert await watched(Store(ZeroDivisionError(), "a"), 1) == [["levels a"]]
    assert "could not be looked at" in caplog.text


async def test_its_thread_ends_with_it_and_without_a_loop_to_tell() -> None:
    before = threading.active_count()
    await watched(Store("a"), 1)
    assert threading.active_count() == before
    watch = LevelWatch(Store("a"), "levels", lambda _: None)
    watch.stop()
    other = asyncio.new_event_loop()
    other.close()
    store = Store("a")
    orphan = LevelWatch(store, "levels", lambda _: None, interval=0.001)
    thread = threading.Thread(target=orphan._run, args=(other,))  # its loop has ended
    thread.start()
    while store.reads < 2:
        await asyncio.sleep(0.001)
    orphan.stop()
    thread.join(1)
    assert not thread.is_alive()
