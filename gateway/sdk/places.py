"""How many calls run at once, how many start in a second, and how many wait for their turn, first come first served."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from gateway.sdk.deadlines import Deadlines
from gateway.sdk.errors import Overloaded
from gateway.sdk.pace import Pace

SHORTEST_NAP = 0.001
"""Seconds; some loops count in milliseconds, and would wake up again and again for less."""


class Places:
    """A bounded number of places with a bounded queue before them; with a `pace`, each needs a turn of it as well.

        if places.take() or await places.wait(until):
            try: …
            finally: places.give_back()

    Every place taken is given back exactly once by who took it. One given back goes to the first who waits; who comes while others
    wait queues behind them. A waiter that is cancelled, or whose time is over, leaves at once and takes nothing along.
    """

    __slots__ = ("_deadlines", "_most", "_pace", "_queue", "_room", "_timer", "taken")

    def __init__(self, places: float, waiting: int, deadlines: Deadlines, pace: Pace | None = None) -> None:
        """`places` may be infinite."""
        self._most = places
        self._room = waiting
        self._deadlines = deadlines
        self._pace = pace
        self._queue: OrderedDict[asyncio.Future[bool | None], None] = OrderedDict()
        self._timer: asyncio.TimerHandle | None = None
        self.taken = 0

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._queue)

    def take(self) -> bool:
        """Takes a place if one is free."""
        if self._queue or self.taken >= self._most or (self._pace is not None and not self._pace.take()):
            return False
        self.taken += 1
        return True

    async def wait(self, until: float) -> bool:
        """Waits for a place: False where `until` (on the monotonic scale) comes first. Raises Overloaded where the queue is full."""
        if len(self._queue) >= self._room:
            raise Overloaded
        future: asyncio.Future[bool | None] = asyncio.get_running_loop().create_future()
        self._queue[future] = None
        self._deadlines.watch(future, until)
        self._hand_out()
        try:
            return await future is True
        except asyncio.CancelledError:
            if future.done() and not future.cancelled() and future.result():
                self.give_back(unused=True)
            raise
        finally:
            self._deadlines.forget(future)
            self._queue.pop(future, None)

    def give_back(self, *, unused: bool = False) -> None:
        """Gives a place back; with `unused`, its turn in the pace too."""
        self.taken -= 1
        if unused and self._pace is not None:
            self._pace.give_back()
        if self._queue:
            self._hand_out()

    def _hand_out(self) -> None:
        """Lets in who may start now; what must wait for the pace alone gets a timer."""
        pace = self._pace
        while self._queue and self.taken < self._most:
            future = next(iter(self._queue))
            if not future.done():
                if pace is not None and not pace.take():
                    self._wake_in(pace.ready_in())
                    return
                self.taken += 1
                future.set_result(True)
            del self._queue[future]

    def _wake_in(self, seconds: float) -> None:
        """A timer that is set already comes no later: a turn that is given back leaves nobody waiting for the pace."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(max(seconds, SHORTEST_NAP), self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._hand_out()
