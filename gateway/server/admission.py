"""What stands before everything else: requests begin one at a time, as fast as the event loop gets through with those that have begun.

Where more comes than can be done, something has to wait, and it matters where. Bytes that aren't read wait unseen in the system, and
tasks that are all begun at once wait in the event loop, where all of them get late together. So whatever comes is read at once, and
waits here: a few requests begin in each turn of the event loop, behind whatever those under way were ready to go on with. A turn that
takes long, because there is much to go on with, holds back the next beginnings by itself. Backends that are slow don't: nothing is
ready while they take their time. What has waited too long is told so for next to nothing, while what can be done is done in time.

The limit is the time in the queue and not its length (Nichols and Jacobson, "Controlling Queue Delay", 2012; Maurer, "Fail at
Scale", 2015): how many can be done in it is another matter with every configuration.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, NamedTuple, Protocol, TypeVar

from gateway.sdk.priority import LOW
from gateway.server.accept_queue import AcceptQueue, Ticket
from gateway.server.concurrency_limit import ConcurrencyLimit
from gateway.server.turn_size import TurnSize


class Visit(Protocol):
    """A request whose head has been read."""

    @property
    def gone(self) -> bool:
        """Whether the client has hung up."""

    def begin(self) -> None:
        """Has it served."""

    def refuse(self) -> None:
        """Tells the client to come again."""


class Rank(NamedTuple):
    """What a request seems to be: how important, and whose share it is of."""

    rank: int
    tenant: str
    member: str


Kind = TypeVar("Kind", bound=Visit)

Shed = Callable[[int, str, float], None]
"""Is told of each request that is given up: its rank, the reason, the time."""


class Admission(Generic[Kind]):
    """One for a process. `wait` is the longest in the queue, in seconds, and `most` the most requests in it.

    `judge` tells what a request seems to be, None for one that doesn't wait; `room_for` the least important rank that there is any
    room for.
    """

    def __init__(
        self,
        *,
        wait: float,
        most: int,
        judge: Callable[[Kind], Rank | None],
        room_for: Callable[[], int],
        shed: Shed,
        clock: Callable[[], float],
    ) -> None:
        self.under_way = 0
        self.limit = ConcurrencyLimit()
        self.lag = 0.0
        self._queue: AcceptQueue[Kind] = AcceptQueue(most, wait)
        self._came: deque[tuple[Kind, float]] = deque()
        self._judge = judge
        self._room_for = room_for
        self._shed = shed
        self._clock = clock
        self._turn_size = TurnSize()
        self._begun = 0
        self._scheduled = False
        self._asked = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def depth(self) -> int:
        """Requests that wait."""
        return len(self._queue) + len(self._came)

    def at_once(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Whether a request may begin now, which then counts as begun. `left` must be called when it is over."""
        if self._came or self._queue or not self._may_begin() or self._room_for() < LOW:
            return False
        self._begun += 1
        self.under_way += 1
        self._schedule(loop)
        return True

    def wait(self, visit: Kind, loop: asyncio.AbstractEventLoop) -> None:
        """Has it begun or refused as soon as that is known; not before this returns."""
        self._came.append((visit, self._clock()))
        self._schedule(loop)

    def left(self, loop: asyncio.AbstractEventLoop) -> None:
        """A request that had begun is over."""
        self.under_way -= 1
        if self._queue:
            self._schedule(loop)

    def _may_begin(self) -> bool:
        return self._begun < self._turn_size.now and self.under_way < self.limit.most

    def _schedule(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._scheduled:
            self._scheduled = True
            self._asked = self._clock()
            loop.call_soon(self._turn, loop)

    def _turn(self, loop: asyncio.AbstractEventLoop) -> None:
        """Once in each turn of the event loop, as long as anything begins or waits."""
        now = self._clock()
        self._scheduled = False
        self._begun = 0
        self._look_back(now)
        if not self._came and not self._queue:
            return
        try:
            self._line_up(now)
            for ticket in self._queue.overdue(now):
                self._refuse(ticket, "waited", now)
            self._begin_some()
        finally:
            self._go_on(loop, now)

    def _look_back(self, now: float) -> None:
        """How long the last turn took. First what was ready went on, then what has come meanwhile was read, in one piece."""
        self.lag = now - self._asked
        reading = now - self._came[0][1] if self._came else 0.0
        self._turn_size.observe(self.lag - reading)
        self.limit.observe(self.lag, now, self.under_way)

    def _go_on(self, loop: asyncio.AbstractEventLoop, now: float) -> None:
        """Nothing may begin before something ends where the limit is reached; but nobody waits longer than the longest."""
        if self._came or (self._queue and self.under_way < self.limit.most):
            self._schedule(loop)
        elif self._queue and self._timer is None:
            self._timer = loop.call_later(max(0.0, self._queue.next_overdue() - now), self._on_timer, loop)

    def _line_up(self, now: float) -> None:
        """Those that came since the last turn. Where all of them may begin, nothing of them has to be known."""
        came = self._came
        if not self._queue and self._room_for() == LOW:
            while came and self._may_begin():
                self._begin(came.popleft()[0])
        while came:
            visit, arrived = came.popleft()
            seems = self._judge(visit)
            if seems is None:
                self._begin(visit)
                continue
            ticket = Ticket(visit, arrived, rank=seems.rank, tenant=seems.tenant, member=seems.member)
            if seems.rank > self._room_for():
                self._refuse(ticket, "memory", now)
                continue
            pushed_out = self._queue.put(ticket)
            if pushed_out is not None:
                self._refuse(pushed_out, "queue_full", now)

    def _begin_some(self) -> None:
        """Who hung up while waiting costs nothing more."""
        while self._may_begin() and (ticket := self._queue.take()) is not None:
            if not ticket.visit.gone:
                self._begin(ticket.visit)

    def _begin(self, visit: Kind) -> None:
        self._begun += 1
        self.under_way += 1
        visit.begin()

    def _refuse(self, ticket: Ticket[Kind], reason: str, now: float) -> None:
        if not ticket.visit.gone:
            self._shed(ticket.rank, reason, now)
            ticket.visit.refuse()

    def _on_timer(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        self._schedule(loop)
