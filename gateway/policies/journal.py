"""Idempotency records off the event loop: a thread asks the store, and what several requests want written shares one commit.

A request waits for what it asks. What it owes the store, such as the end of what it began, is tried again until the store has it, the
oldest being let go where more than `MOST_OWED` wait: such a record then tells less than is known, never more.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

import msgspec

from gateway.sdk import Clock
from gateway.sdk.idempotency import IdempotencyRows, IdempotencyStore
from gateway.sdk.records import RecordsUnavailable

Told = TypeVar("Told")
Deed = Callable[[IdempotencyRows], Any]

BATCH = 100
MOST_OWED = 1000
PAUSE = 1.0
"""Seconds between two tries of what is owed, while the store fails; and between two looks whether anything is due."""

CLEAN_EVERY = 300.0
"""Seconds between two times that old records are removed."""

CLEANED_AT_ONCE = 500
GRACE = 2.0
"""Seconds that a stop waits for a store that fails."""


class Work(msgspec.Struct, eq=False):
    """What is to be done with the records. `settle` is called in the thread, once, with what came of it or the error."""

    record: str
    deed: Deed
    writing: bool = True
    owed: bool = False
    settle: Callable[[Any], None] | None = None

    def tell(self, outcome: Any) -> None:
        """Whoever waits is told, the first time."""
        settle, self.settle = self.settle, None
        if settle is not None:
            settle(outcome)


class Journal:
    """One for a plan. `look`, `write`, `insist` and `owe` belong to the event loop's thread, the store to the journal's own."""

    def __init__(self, store: IdempotencyStore, clock: Clock, logger: logging.Logger) -> None:
        self._store = store
        self._clock = clock
        self._logger = logger
        self._waiting: SimpleQueue[Work | None] = SimpleQueue()
        self._owed: deque[Work] = deque(maxlen=MOST_OWED)
        self._thread: threading.Thread | None = None
        self._ended = False
        self._failing = False
        self._clean_at = 0.0

    async def start(self) -> None:
        """Begins to remove what need not be kept any more, whether or not anybody asks for anything."""
        self._run_thread()

    async def look(self, record: str, deed: Callable[[IdempotencyRows], Told], *, within: float) -> Told:
        """What `deed` reads. Raises `RecordsUnavailable`, also where it takes longer than `within` seconds."""
        told: Told = await self._done(Work(record, deed, writing=False), within)
        return told

    async def write(self, record: str, deed: Callable[[IdempotencyRows], Told], *, within: float) -> Told:
        """What `deed` gives once it is durable. Raises `RecordsUnavailable`: whether it was done is then not known, nor will be."""
        told: Told = await self._done(Work(record, deed), within)
        return told

    async def insist(self, record: str, deed: Deed, *, within: float) -> bool:
        """Whether it is durable; where it isn't yet it is owed."""
        try:
            await self._done(Work(record, deed, owed=True), within)
        except RecordsUnavailable:
            return False
        return True

    def owe(self, record: str, deed: Deed) -> None:
        """Has it done as soon as the store can."""
        self._put(Work(record, deed, owed=True))

    async def close(self) -> None:
        """Does what waits, and ends. May be called twice, and without `start`."""
        self._ended = True
        if self._thread is not None:
            self._waiting.put(None)
            await asyncio.to_thread(self._thread.join)

    async def _done(self, work: Work, within: float) -> Any:
        loop = asyncio.get_running_loop()
        told: asyncio.Future[Any] = loop.create_future()
        work.settle = lambda outcome: _tell(loop, told, outcome)
        self._put(work)
        try:
            async with asyncio.timeout(max(0.0, within)):
                outcome = await told
        except TimeoutError:
            raise RecordsUnavailable("the store did not answer in time") from None
        if isinstance(outcome, RecordsUnavailable):
            raise outcome
        return outcome

    def _put(self, work: Work) -> None:
        if self._ended:
            work.tell(RecordsUnavailable("the gateway has ended"))
            return
        self._run_thread()
        self._waiting.put(work)

    def _run_thread(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="idempotency-journal", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        ended = False
        while not ended:
            batch, ended = self._next()
            self._round(batch)
            if not ended and time.monotonic() >= self._clean_at:
                self._guarded([Work("", self._clean)], self._clean_up)
        give_up = time.monotonic() + GRACE
        while self._owed and time.monotonic() < give_up:
            time.sleep(PAUSE / 10)
            self._round([])
        self._store.close()  # here: SQLite lets no other thread close what this one opened

    def _next(self) -> tuple[list[Work], bool]:
        """What waits, at most a batch of it; and whether that is the end."""
        batch: list[Work] = []
        with contextlib.suppress(Empty):
            work = self._waiting.get(timeout=PAUSE)
            while work is not None:
                batch.append(work)
                if len(batch) == BATCH:
                    return batch, False
                work = self._waiting.get_nowait()
            return batch, True
        return batch, False

    def _round(self, batch: Sequence[Work]) -> None:
        """What is only read, then what is written, in one order for all processes: so no two wait for each other's records."""
        owed = list(self._owed)
        self._owed.clear()
        writes = [*owed, *(work for work in batch if work.writing)]
        self._guarded([work for work in batch if not work.writing], partial(self._do, writing=False))
        self._guarded(sorted(writes, key=lambda work: work.record), partial(self._do, writing=True))

    def _guarded(self, works: Sequence[Work], action: Callable[[Sequence[Work]], None]) -> None:
        """The border of the journal's thread: whatever fails in it, the thread goes on."""
        if not works:
            return
        try:
            action(works)
        except RecordsUnavailable as error:
            self._failed(works, error)
        except Exception as error:
            self._logger.exception("idempotency records can't be kept")
            for work in works:
                work.tell(RecordsUnavailable(f"{type(error).__name__} in the gateway itself"))

    def _do(self, works: Sequence[Work], *, writing: bool) -> None:
        with self._store.rows(writing=writing) as rows:
            outcomes = [_outcome(work, rows) for work in works]
        for work, outcome in zip(works, outcomes, strict=True):
            work.tell(outcome)
        if self._failing:
            self._failing = False
            self._logger.warning("idempotency records can be kept again")

    def _failed(self, works: Sequence[Work], error: RecordsUnavailable) -> None:
        if not self._failing:
            self._failing = True
            self._logger.error("idempotency records can't be kept: %s", error)
        for work in works:
            if work.owed:
                self._owed.append(work)
            work.tell(error)

    def _clean_up(self, works: Sequence[Work]) -> None:
        """Where there are no records yet nothing is made to hold them."""
        self._clean_at = time.monotonic() + CLEAN_EVERY
        if self._store.is_there():
            self._do(works, writing=True)

    def _clean(self, rows: IdempotencyRows) -> None:
        if rows.clean(self._clock.now().timestamp(), CLEANED_AT_ONCE) == CLEANED_AT_ONCE:
            self._clean_at = 0.0


def _outcome(work: Work, rows: IdempotencyRows) -> Any:
    """What is wrong with one record is told to whoever asked for it."""
    try:
        return work.deed(rows)
    except RecordsUnavailable as error:
        return error


def _tell(loop: asyncio.AbstractEventLoop, told: asyncio.Future[Any], outcome: Any) -> None:
    """Settles a future from another thread; nobody may be waiting any more."""
    with contextlib.suppress(RuntimeError):  # the loop has ended
        loop.call_soon_threadsafe(_set, told, outcome)


def _set(told: asyncio.Future[Any], outcome: Any) -> None:
    if not told.done():
        told.set_result(outcome)
