"""The places of a client: how many calls run at once, and how many wait for one, first come first served."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from gateway.net.deadlines import Deadlines
from gateway.sdk import Overloaded, Timeout


class Places:
    """A bounded number of places with a bounded queue before them.

    Every place taken is given back exactly once by who took it. One given back goes straight to the first who waits.
    """

    __slots__ = ("_deadlines", "_free", "_queue", "_room")

    def __init__(self, places: int, waiting: int, deadlines: Deadlines) -> None:
        self._free = places
        self._room = waiting
        self._deadlines = deadlines
        self._queue: OrderedDict[asyncio.Future[bool | None], None] = OrderedDict()

    @property
    def waiting(self) -> int:
        return len(self._queue)

    def take(self) -> bool:
        """Takes a place if one is free."""
        if self._free == 0:
            return False
        self._free -= 1
        return True

    async def wait(self, deadline: float) -> None:
        """Waits for a place. Raises Overloaded where the queue is full, Timeout where the deadline comes first."""
        if len(self._queue) >= self._room:
            raise Overloaded
        future: asyncio.Future[bool | None] = asyncio.get_running_loop().create_future()
        self._queue[future] = None
        self._deadlines.watch(future, deadline)
        try:
            if await future is None:
                raise Timeout
        except asyncio.CancelledError:
            if future.done() and not future.cancelled() and future.result():
                self.give_back()
            raise
        finally:
            self._deadlines.forget(future)
            self._queue.pop(future, None)

    def give_back(self) -> None:
        while self._queue:
            future, _ = self._queue.popitem(last=False)
            if not future.done():
                future.set_result(True)
                return
        self._free += 1
