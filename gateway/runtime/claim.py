"""A keyed request's hold on its record: it is made before the first write is sent, and it remembers what became of the writes.

What became of a write:

    done      the backend took it
    refused   it was surely not done: it was never sent, or the backend said no (4xx), the only time that it was asked
    failed    the backend answered that the business said no, by the operation's own `success`
    unknown   anything else, such as no answer in time
"""

from __future__ import annotations

import asyncio
from collections import Counter as Tally
from collections.abc import Callable
from typing import Literal

from gateway.policies.audit_calls import outcome_of
from gateway.policies.journal import Journal
from gateway.sdk import BackendError, Call, CallHandler, Course, Exchange, GatewayError, Result
from gateway.sdk.idempotency import Entry, Held
from gateway.sdk.records import RecordsUnavailable

NOTE = "claim"
"""Where a request's `Claim` stands in `Exchange.notes`."""

STORE_SECONDS = 2.0
"""The longest that a request waits for the store, where it has as much time."""

Fate = Literal["done", "refused", "failed", "unknown"]


class Withheld(Exception):
    """A write must not be sent, now or ever: the whole run ends, and no rung stands in. `held` is the record that stands against it; None
    where none could be made."""

    def __init__(self, held: Held | None) -> None:
        super().__init__("withheld")
        self.held = held


class Claim:
    """One request's. `entry` makes its record as of now, `patience` tells how long it may wait, in seconds.

    `taken_over` says that another request has begun the same and has not finished: what is refused now may have been done then.
    """

    def __init__(self, key: str, journal: Journal, entry: Callable[[], Entry], patience: Callable[[], float]) -> None:
        self.key = key
        self.taken_over = False
        self.fates: Tally[Fate] = Tally()
        self._journal = journal
        self._entry = entry
        self._patience = patience
        self._making: asyncio.Future[None] | None = None
        self._under_way = 0

    @property
    def begun(self) -> bool:
        """Whether writes may go out, or may have."""
        return self.taken_over or self._making is not None

    @property
    def uncertain(self) -> bool:
        """Whether there is a write of which nobody knows what became."""
        return self._under_way > 0 or self.fates["unknown"] > 0

    @property
    def harmless(self) -> bool:
        """Whether surely nothing was changed."""
        return not (self.taken_over or self.uncertain or self.fates["done"] or self.fates["failed"])

    async def send(self, handler: CallHandler, call: Call) -> Result:
        """Performs a write; `make` was called before."""
        fate: Fate = "unknown"
        self._under_way += 1
        try:
            result = await handler(call)
            fate = "done"
        except GatewayError as error:
            fate = fate_of(error, call.course)
            raise
        finally:
            self._under_way -= 1
            self.fates[fate] += 1
        return result

    async def make(self) -> None:
        """Returns once the record is durable, for each of several writes that go out side by side. Raises `Withheld`."""
        if self.taken_over:
            return
        if self._making is None:
            self._making = asyncio.ensure_future(self._make())
            self._making.add_done_callback(_look_at)
        await asyncio.shield(self._making)

    async def made(self) -> bool:
        """Whether there is a record of this request's own, once that is certain."""
        if self._making is None:
            return self.taken_over
        await asyncio.wait([self._making])
        return self._making.exception() is None

    async def _make(self) -> None:
        entry = self._entry()
        try:
            held = await self._journal.write(entry.record, lambda rows: rows.add(entry), within=min(STORE_SECONDS, self._patience()))
        except RecordsUnavailable:
            self._journal.owe(entry.record, lambda rows: rows.remove(entry.record, entry.owner))
            raise Withheld(None) from None
        if held is not None:
            raise Withheld(held)


def claim_of(exchange: Exchange) -> Claim | None:
    """That of a request whose writes are recorded."""
    found = exchange.notes.get(NOTE)
    return found if isinstance(found, Claim) else None


def fate_of(error: GatewayError, course: Course) -> Fate:
    """What became of a write that ended so. A refusal of the second try tells nothing of the first."""
    if course.attempts == 0:
        return "refused"
    if course.attempts > 1:
        return "unknown"
    if error.unsent or outcome_of(error) == "failed":
        return "refused"
    answered = isinstance(error, BackendError) and error.status_code is not None and 200 <= error.status_code < 300
    return "failed" if answered else "unknown"


def _look_at(making: asyncio.Future[None]) -> None:
    if not making.cancelled():
        making.exception()
