"""Idempotency records: which requests that write were begun under which key, and how they ended; and the protocol of the stores that
keep them (draft-ietf-httpapi-idempotency-key-header, language §4 "Keys").

A record is `started` before its first write is sent. Its owner is a request that is under way, and stays in office for its lease; a record
that is started and whose lease is over belongs to nobody any more: how it ended is not known, as if it were `unknown`. The times are those
of the processes' own clocks. One that is wrong only lets a record seem abandoned too early or too late, which never has anything
done twice: what belongs to nobody is either not done again, or sent again with the same keys.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Literal, Protocol, runtime_checkable

import msgspec

State = Literal["started", "unknown", "finished"]


class Entry(msgspec.Struct, frozen=True):
    """A record that is to be made. `record` is its name, a digest of tenant, identity, intent and key; `fingerprint` is that of the
    request's input, `revision` that of the configuration that it is carried out by. `at` and all times in seconds since the epoch.
    """

    record: str
    fingerprint: str
    revision: str
    owner: str
    at: float
    lease_until: float
    kept_until: float
    state: State = "started"
    answer: str | None = None


class Held(msgspec.Struct, frozen=True):
    """A record as it is stored. `answer` is there where it is finished and could be kept."""

    fingerprint: str
    revision: str
    state: State
    owner: str
    lease_until: float
    answer: str | None = None

    def is_running(self, at: float) -> bool:
        """Whether its owner may still be at work."""
        return self.state == "started" and at < self.lease_until


class IdempotencyRows(Protocol):
    """The records, as one transaction sees them. All that changes a record names its owner, and does nothing where it has another."""

    def find(self, record: str, at: float) -> Held | None:
        """The record; None where there is none, or none that is still to be kept."""

    def add(self, entry: Entry) -> Held | None:
        """Makes a record, and gives None; or gives the one that is there."""

    def take_over(self, record: str, owner: str, heir: str, lease_until: float) -> bool:
        """Has `heir` own, as started, what `owner` had and did not finish; False where somebody else was faster."""

    def finish(self, record: str, owner: str, answer: str | None) -> bool:
        """Records that it is done, and its answer."""

    def give_up(self, record: str, owner: str) -> bool:
        """Records that it ended, and that how is not known."""

    def remove(self, record: str, owner: str) -> bool:
        """Forgets it: nothing was done."""

    def clean(self, at: float, most: int) -> int:
        """Removes at most `most` records that need not be kept any more; how many there were."""


class IdempotencyStore(Protocol):
    """Keeps the records. Several processes may use one store at once; each store object belongs to one thread.

    Everything blocks, for seconds at most where the store doesn't answer, and raises `RecordsUnavailable`; a later use connects anew.
    """

    def rows(self, *, writing: bool) -> AbstractContextManager[IdempotencyRows]:
        """The records, for one transaction: what is changed in it is durable when it ends, or else nothing of it is certain."""

    def is_there(self) -> bool:
        """Whether records were ever kept. It makes nothing."""

    def close(self) -> None:
        """Closes the connection; may be called twice."""


@runtime_checkable
class KeepsIdempotency(Protocol):
    """A store of audit records that has a place for these records too."""

    def idempotency(self) -> IdempotencyStore: ...
