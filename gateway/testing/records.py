"""A store of records in memory, for tests: it can fail in every way a real one does."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from gateway.sdk import Chain, Link, Mark, RecordsUnavailable
from gateway.sdk.records import link_digest


class Shelf:
    """What stores in memory share. `fault`, while it is set, is why they are unavailable; with `forgetful`, the next append is
    done and fails all the same, as where a connection is lost while it commits. `appends` are the sizes of what was added at once."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.chain = Chain()
        self.links: list[Link] = []
        self.fault: str | None = None
        self.forgetful = False
        self.appends: list[int] = []

    @property
    def bodies(self) -> list[str]:
        """The records."""
        return [link.body for link in self.links]


class MemoryRecords:
    """Implements `gateway.sdk.RecordStore`."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self.closed = False

    def open(self) -> Chain:
        """See `RecordStore.open`."""
        with self._locked() as shelf:
            return shelf.chain

    def append(self, bodies: Sequence[str], *, unless_after: int | None = None) -> Chain:
        """See `RecordStore.append`."""
        with self._locked() as shelf:
            if unless_after is not None and any(link.sequence > unless_after and link.body == bodies[0] for link in shelf.links):
                return shelf.chain
            shelf.appends.append(len(bodies))
            self._add(shelf, bodies)
            if shelf.forgetful:
                shelf.forgetful = False
                raise RecordsUnavailable("lost while it committed")
            return shelf.chain

    def remove(self, through: Mark, body: str) -> bool:
        """See `RecordStore.remove`."""
        with self._locked() as shelf:
            if all((link.sequence, link.digest) != (through.sequence, through.digest) for link in shelf.links):
                return False
            shelf.links = [link for link in shelf.links if link.sequence > through.sequence]
            shelf.chain = Chain(through, shelf.chain.head)
            self._add(shelf, [body])
            return True

    @contextmanager
    def snapshot(self) -> Iterator[tuple[Chain, Iterator[Link]]]:
        """See `RecordStore.snapshot`."""
        with self._locked() as shelf:
            chain, links = shelf.chain, list(shelf.links)
        yield chain, iter(links)

    def close(self) -> None:
        """See `RecordStore.close`."""
        self.closed = True

    @contextmanager
    def _locked(self) -> Iterator[Shelf]:
        with self._shelf.lock:
            if self._shelf.fault is not None:
                raise RecordsUnavailable(self._shelf.fault)
            yield self._shelf

    @staticmethod
    def _add(shelf: Shelf, bodies: Sequence[str]) -> None:
        for body in bodies:
            sequence = shelf.chain.head.sequence + 1
            digest = link_digest(shelf.chain.head.digest, sequence, body)
            shelf.links.append(Link(sequence, digest, body))
            shelf.chain = Chain(shelf.chain.start, Mark(sequence, digest))
