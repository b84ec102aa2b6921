"""Records that can't be changed unnoticed: a chain of hashes, and the protocol of the stores that keep it.

Each record is a text, and is chained to the one before it: its digest is SHA-256 over the digest of that one, its own number and its
text. Numbers count from 1 without gaps. A store also keeps where the chain ends (`head`), so that missing records at the end are
noticed, and where it begins (`start`) once old records were removed; the removal is itself a record of the chain.

Whoever can write to the store can make up a whole new chain: against that helps only a head that was kept elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from hashlib import sha256
from typing import Protocol

import msgspec

GENESIS = "0" * 64
"""What the first record has in place of the digest of the one before it."""


def link_digest(previous: str, sequence: int, body: str) -> str:
    """The digest of record number `sequence`, in 64 hexadecimal digits; `previous` is the digest of the one before it."""
    return sha256(f"{previous}\n{sequence}\n{body}".encode("utf-8", "surrogatepass")).hexdigest()


class Mark(msgspec.Struct, frozen=True):
    """A place in the chain: a record's number and digest. Number 0 is the place before the first record."""

    sequence: int = 0
    digest: str = GENESIS


class Link(msgspec.Struct, frozen=True):
    """One record as it is stored."""

    sequence: int
    digest: str
    body: str


class Chain(msgspec.Struct, frozen=True):
    """What a store says of its chain: the last record that was removed from its start, and its last record."""

    start: Mark = Mark()
    head: Mark = Mark()


class RecordsUnavailable(Exception):
    """The store can't be reached, is full, or may not be written to. The text names no host, path or account."""


class RecordsDamaged(Exception):
    """The store is there, and what it holds is no chain of records: a part is missing, or can't be read."""


class RecordStore(Protocol):
    """Keeps one chain. Several processes may append to it at once; each store object belongs to one thread.

    Everything blocks, for seconds at most where the store doesn't answer. Whatever goes wrong is `RecordsUnavailable`, or in `snapshot`
    also `RecordsDamaged`; a later call connects anew.
    """

    def open(self) -> Chain:
        """Makes what is missing, brings an older layout up to date, and tells where the chain stands."""

    def append(self, bodies: Sequence[str], *, unless_after: int | None = None) -> Chain:
        """Adds all of `bodies` or, where it raises, none that is certain; they are durable when it returns.

        After a failure it isn't known whether they were stored: `unless_after`, the number of the last record known before, has the
        store look for the first of them behind it, and add nothing where it is there. For that each body must be unique.
        """

    def remove(self, through: Mark, body: str) -> bool:
        """Removes all records up to and including `through` and adds `body`, which says so, as a record: both or neither.

        False where there is no such record (another process may have removed it).
        """

    def snapshot(self) -> AbstractContextManager[tuple[Chain, Iterator[Link]]]:
        """The chain as it is at this moment, in order of number. It makes nothing: a store that isn't there is unavailable."""

    def close(self) -> None:
        """Closes the connection; may be called twice."""
