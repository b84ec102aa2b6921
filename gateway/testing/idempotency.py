"""Idempotency records in memory, for tests: a store that can fail in every way a real one does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from gateway.sdk.idempotency import Entry, Held
from gateway.sdk.records import RecordsUnavailable


class Drawer:
    """What stores in memory share. `fault`, while it is set, is why they are unavailable; with `forgetful`, the next transaction that
    writes is done and fails all the same, as where a connection is lost while it commits. `commits` counts those that write."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.entries: dict[str, Entry] = {}
        self.fault: str | None = None
        self.forgetful = False
        self.commits = 0


class MemoryRows:
    """Implements `gateway.sdk.idempotency.IdempotencyRows`."""

    def __init__(self, entries: dict[str, Entry]) -> None:
        self._entries = entries

    def find(self, record: str, at: float) -> Held | None:
        """See `IdempotencyRows.find`."""
        entry = self._entries.get(record)
        return None if entry is None or entry.kept_until <= at else _held(entry)

    def add(self, entry: Entry) -> Held | None:
        """See `IdempotencyRows.add`."""
        there = self._entries.get(entry.record)
        if there is not None and there.kept_until > entry.at:
            return _held(there)
        self._entries[entry.record] = entry
        return None

    def take_over(self, record: str, owner: str, heir: str, lease_until: float) -> bool:
        """See `IdempotencyRows.take_over`."""
        entry = self._entries.get(record)
        if entry is None or entry.owner != owner or entry.state == "finished":
            return False
        self._entries[record] = msgspec.structs.replace(entry, owner=heir, lease_until=lease_until, state="started")
        return True

    def finish(self, record: str, owner: str, answer: str | None) -> bool:
        """See `IdempotencyRows.finish`."""
        entry = self._owned(record, owner)
        if entry is not None:
            self._entries[record] = msgspec.structs.replace(entry, state="finished", answer=answer)
        return entry is not None

    def give_up(self, record: str, owner: str) -> bool:
        """See `IdempotencyRows.give_up`."""
        entry = self._owned(record, owner)
        if entry is None or entry.state == "finished":
            return False
        self._entries[record] = msgspec.structs.replace(entry, state="unknown")
        return True

    def remove(self, record: str, owner: str) -> bool:
        """See `IdempotencyRows.remove`."""
        entry = self._owned(record, owner)
        if entry is None or entry.state == "finished":
            return False
        del self._entries[record]
        return True

    def clean(self, at: float, most: int) -> int:
        """See `IdempotencyRows.clean`."""
        old = sorted((entry.kept_until, record) for record, entry in self._entries.items() if entry.kept_until <= at)[:most]
        for _, record in old:
            del self._entries[record]
        return len(old)

    def _owned(self, record: str, owner: str) -> Entry | None:
        entry = self._entries.get(record)
        return entry if entry is not None and entry.owner == owner else None


class MemoryIdempotency:
    """Implements `gateway.sdk.idempotency.IdempotencyStore`."""

    def __init__(self, drawer: Drawer) -> None:
        self._drawer = drawer
        self.closed = False

    @contextmanager
    def rows(self, *, writing: bool) -> Iterator[MemoryRows]:
        """See `IdempotencyStore.rows`."""
        drawer = self._drawer
        with drawer.lock:
            if drawer.fault is not None:
                raise RecordsUnavailable(drawer.fault)
            entries = dict(drawer.entries)
            yield MemoryRows(entries)
            if writing:
                drawer.entries = entries
                drawer.commits += 1
                if drawer.forgetful:
                    drawer.forgetful = False
                    raise RecordsUnavailable("lost while it committed")

    def is_there(self) -> bool:
        """See `IdempotencyStore.is_there`."""
        if self._drawer.fault is not None:
            raise RecordsUnavailable(self._drawer.fault)
        return bool(self._drawer.entries)

    def close(self) -> None:
        """See `IdempotencyStore.close`."""
        self.closed = True


def _held(entry: Entry) -> Held:
    return Held(entry.fingerprint, entry.revision, entry.state, entry.owner, entry.lease_until, entry.answer)
