"""Removing audit records that are older than `retention`, so that the chain stays whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import timedelta

from gateway.policies.audit_entry import Entry, stamp, write
from gateway.sdk import Clock, Link, Mark, RecordStore

EVERY = 3600.0
"""Seconds between two looks for old records."""

AT_ONCE = 5000
"""Records that are removed in one transaction, so that others who write never wait long."""


class Retention:
    """Looks once an hour; `seconds` is how long records are kept. Used by one thread."""

    def __init__(self, store: RecordStore, clock: Clock, seconds: float) -> None:
        self._store = store
        self._clock = clock
        self._seconds = seconds
        self._next = clock.monotonic()

    def run_if_due(self, identity: Callable[[], str]) -> int:
        """How many records were removed; as long as there are more, it is due again at once. Raises what the store raises.

        `identity` makes the record that says so unlike every other.
        """
        now = self._clock.monotonic()
        if now < self._next:
            return 0
        self._next = now + EVERY
        removed = self._remove(identity)
        if removed == AT_ONCE:
            self._next = now
        return removed

    def _remove(self, identity: Callable[[], str]) -> int:
        now = self._clock.now()
        cutoff = stamp(now - timedelta(seconds=self._seconds))
        with self._store.snapshot() as (chain, links):
            last, count = _older(links, cutoff)
        if last is None:
            return 0
        record = {"event": "removed", "through": last.sequence, "digest": last.digest, "count": count, "first": chain.start.sequence + 1}
        return count if self._store.remove(last, write(Entry(now, record), identity())) else 0


def _older(links: Iterable[Link], cutoff: str) -> tuple[Mark | None, int]:
    """The last of the records at the start that are all older than `cutoff`, and how many they are."""
    last: Mark | None = None
    count = 0
    for link in links:
        if count == AT_ONCE or not _is_older(link.body, cutoff):
            break
        last, count = Mark(link.sequence, link.digest), count + 1
    return last, count


def _is_older(body: str, cutoff: str) -> bool:
    """What can't be read was tampered with, and stays."""
    try:
        return bool(json.loads(body)["time"] < cutoff)
    except (ValueError, TypeError, KeyError):
        return False
