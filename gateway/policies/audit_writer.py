"""Writing audit records off the request's path: they wait in a bounded queue, and a thread commits them in batches.

What is guaranteed: a record is durable at most `INTERVAL` and one commit after it was put; `put_durably` waits for that. A process
that is killed loses what was put later. An orderly stop writes everything that waits. Where the store fails, records wait for it, at
most `CAPACITY`; each further one, and each that still waits when an orderly stop gives up, is counted and told in the log.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable

from gateway.policies.audit_entry import Entry, write
from gateway.policies.audit_retention import Retention
from gateway.sdk import Chain, Clock, Metrics, RecordsDamaged, RecordStore, RecordsUnavailable

CAPACITY = 10_000
BATCH = 500
INTERVAL = 0.05
"""Seconds between two commits; where somebody waits, there is one at once."""

LONGEST_PAUSE = 5.0
"""Seconds between two tries while the store fails."""

GRACE = 5.0
"""Seconds that a stop waits for a store that fails."""

TELL_EVERY = 60.0
"""Seconds between two log records of the same trouble."""


class AuditWriter:
    """`put`, `reserve` and `put_durably` belong to the event loop's thread, all that touches the store to the writer's own.

    `up` tells whether the last that was heard of the store is good.
    """

    def __init__(
        self, store: RecordStore, clock: Clock, metrics: Metrics, logger: logging.Logger, *,
        retention: float | None = None, capacity: int = CAPACITY,
    ) -> None:  # fmt: skip
        self.up = False
        self._store = store
        self._logger = logger
        self._retention = Retention(store, clock, retention) if retention is not None else None
        self._capacity = capacity
        self._waiting: deque[Entry] = deque()
        self._batch: list[tuple[Entry, str]] = []
        self._reserved = 0
        self._name = secrets.token_hex(8)
        self._number = 0
        self._head: int | None = None
        self._unsure = False
        self._tries = 0
        self._trouble = Trouble(logger)
        self._drops = self._drops_told = 0
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        outcomes = ("written", "dropped", "refused")
        self._counted = {each: metrics.counter("gateway_audit_records_total", "Audit records by result.", result=each) for each in outcomes}
        metrics.gauge("gateway_audit_queue_depth", "Audit records that wait to be written.", lambda: float(self.depth))
        metrics.gauge("gateway_audit_sink_up", "Whether audit records can be written.", lambda: float(self.up))

    @property
    def depth(self) -> int:
        """How many records wait, places that are reserved included."""
        return len(self._waiting) + len(self._batch) + self._reserved

    async def start(self) -> None:
        """Begins to write, and waits until the store was tried once."""
        tried = asyncio.get_running_loop().create_future()
        self._thread = threading.Thread(target=self._run, args=(_teller(tried),), name="audit-writer", daemon=True)
        self._thread.start()
        await tried

    async def close(self) -> None:
        """Writes what waits, and ends. May be called twice, and without `start`."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)
        else:
            self._finish()

    def put(self, entry: Entry, *, reserved: bool = False) -> bool:
        """Queues a record, in a place that was `reserved` or else in a free one; False, and counted, where there is none."""
        if reserved:
            self._reserved -= 1
        if self._stop.is_set():
            self._counted["dropped"].inc()
            self._logger.error("an audit record was dropped: the gateway has ended")
            return False
        if not reserved and self.depth >= self._capacity:
            self._drops += 1
            self._counted["dropped"].inc()
            return False
        self._waiting.append(entry)
        if len(self._waiting) == BATCH:
            self._wake.set()
        return True

    def reserve(self, places: int) -> bool:
        """Keeps places free, for records that must not be lost; none where the store fails or the queue is full."""
        if not self.up or self._stop.is_set() or self.depth + places > self._capacity:
            return False
        self._reserved += places
        return True

    def release(self, places: int) -> None:
        """Gives back what was reserved."""
        self._reserved -= places

    def refuse(self) -> None:
        """Counts a request that was refused because its record could not be kept."""
        self._counted["refused"].inc()

    async def put_durably(self, entry: Entry) -> bool:
        """Queues a record in a reserved place and waits for its commit; False where that failed, now: it may be written later."""
        durable = asyncio.get_running_loop().create_future()
        if not self.put(Entry(entry.time, entry.record, _teller(durable)), reserved=True):
            return False
        self._wake.set()
        return bool(await durable)

    def _run(self, tried: Callable[[bool], None]) -> None:
        self._round()
        tried(True)
        while not self._stop.is_set():
            self._wake.wait(INTERVAL if self.up else min(LONGEST_PAUSE, INTERVAL * 2 ** min(self._tries, 10)))
            self._wake.clear()
            self._round()
        self._finish()

    def _round(self) -> None:
        """The border of the writer's thread: whatever fails in it, the thread goes on."""
        try:
            self._write_all()
            self._retain()
        except RecordsUnavailable as error:
            self._failed(str(error))
        except Exception as error:
            self._failed(f"{type(error).__name__} in the gateway itself", error)
        if self._drops > self._drops_told and self._trouble.told("drops", f"{self._drops - self._drops_told} audit records were dropped"):
            self._drops_told = self._drops

    def _write_all(self) -> None:
        if self._head is None:
            self._succeeded(self._store.open())
        while self._batch or self._waiting:
            self._fill()
            bodies = [body for _, body in self._batch]
            self._succeeded(self._store.append(bodies, unless_after=self._head if self._unsure else None))
            self._settle()

    def _retain(self) -> None:
        """A failure here keeps nobody from writing: it is tried again when it is due again."""
        if self._retention is None or self._stop.is_set():
            return
        try:
            removed = self._retention.run_if_due(self._identity)
        except (RecordsUnavailable, RecordsDamaged) as error:
            self._logger.error("old audit records can't be removed: %s", error)  # noqa: TRY400 -- no traceback: it is told what to mend
            return
        if removed:
            self._logger.info("%d audit records were removed: they were older than `retention`", removed)

    def _fill(self) -> None:
        """A batch that may be stored already stays as it is: the store knows all of it by its first record."""
        if self._unsure and self._batch:
            return
        while self._waiting and len(self._batch) < BATCH:
            entry = self._waiting.popleft()
            self._batch.append((entry, write(entry, self._identity())))

    def _identity(self) -> str:
        self._number += 1
        return f"{self._name}-{self._number}"

    def _settle(self) -> None:
        batch, self._batch = self._batch, []
        for entry, _ in batch:
            if entry.settle is not None:
                entry.settle(True)
        self._counted["written"].inc(len(batch))

    def _succeeded(self, chain: Chain) -> None:
        self._head, self._unsure, self._tries, self.up = chain.head.sequence, False, 0, True
        self._trouble.over(f"audit records can be written again; {self.depth} wait")

    def _failed(self, reason: str, fault: Exception | None = None) -> None:
        """What waits stays; whoever waits for it is told that it isn't durable."""
        self.up, self._unsure = False, self._head is not None
        self._tries += 1
        self._trouble.told("store", f"audit records can't be written: {reason}; {self.depth} wait", fault)
        disappointed = [entry.settle for entry, _ in self._batch]
        self._batch = [(Entry(entry.time, entry.record), body) for entry, body in self._batch]
        for _ in range(len(self._waiting)):
            entry = self._waiting.popleft()
            self._waiting.append(Entry(entry.time, entry.record))
            disappointed.append(entry.settle)
        for settle in disappointed:
            if settle is not None:
                settle(False)

    def _finish(self) -> None:
        give_up = time.monotonic() + GRACE
        self._round()
        while (self._batch or self._waiting) and time.monotonic() < give_up:
            time.sleep(INTERVAL)
            self._round()
        lost = len(self._batch) + len(self._waiting)
        if lost:
            self._counted["dropped"].inc(lost)
            self._logger.error("%d audit records are lost: they could not be written before the end", lost)
        with contextlib.suppress(RecordsUnavailable):
            self._tell_head()
        self._store.close()
        self.up = False

    def _tell_head(self) -> None:
        """Leaves a head in the log, which is mostly kept elsewhere: `gateway audit-log verify --expect` compares it."""
        if self._head is not None:
            head = self._store.open().head
            self._logger.info("the audit records end with %d:%s", head.sequence, head.digest)


class Trouble:
    """Tells the log of what goes on for long, once in a while; used by one thread."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._times: dict[str, float] = {}
        self._is_told = False

    def told(self, what: str, message: str, fault: Exception | None = None) -> bool:
        """Whether it was time to tell of `what` again."""
        now = time.monotonic()
        if now - self._times.get(what, float("-inf")) < TELL_EVERY:
            return False
        self._times[what] = now
        self._is_told = True
        self._logger.error(message, exc_info=fault)
        return True

    def over(self, message: str) -> None:
        """The end of it, where it was told of."""
        if self._is_told:
            self._is_told = False
            self._logger.warning(message)


def _teller(future: asyncio.Future[bool]) -> Callable[[bool], None]:
    """Sets a future's result from another thread; nobody may be waiting any more."""
    loop = future.get_loop()

    def tell(durable: bool) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(_set, future, durable)

    return tell


def _set(future: asyncio.Future[bool], durable: bool) -> None:
    if not future.done():
        future.set_result(durable)
