"""A few connections that many callers take turns with."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Protocol, cast

from gateway.stores.redis_faults import RedisFault

OPENING = 2.0
"""Seconds that a connection may take to open: names, TLS and log-in included. Who waits for one has a shorter limit; a connection that
opens too late for them serves the next."""

MOST_WAITING = 64


class Link(Protocol):
    """One connection; `rested` tells whether nobody had it for a while, so that it may have ended unnoticed."""

    rested: bool

    async def ask(self, *words: Any) -> Any: ...
    async def close(self) -> None: ...


class Links:
    """At most `most` connections, opened as they are needed, the last one given back taken first.

    A caller that is cancelled while it waits loses nothing: a connection that came for it goes on to the next. One that was taken is
    given back only by `give`; whoever is not sure that it is in step has it dropped.
    """

    def __init__(self, connect: Callable[[], Awaitable[Link]], most: int) -> None:
        self._connect = connect
        self._most = most
        self._count = 0
        self._idle: list[Link] = []
        self._opening: set[asyncio.Task[None]] = set()
        self._waiting: deque[asyncio.Future[Link]] = deque()

    @property
    def busy(self) -> bool:
        """Whether all connections are open and at work, so that whoever waits, waits for other callers."""
        return not self._idle and not self._opening and self._count >= self._most

    @property
    def crowded(self) -> bool:
        """Whether so many wait already that another one would do so in vain."""
        return len(self._waiting) >= MOST_WAITING

    async def take(self) -> Link:
        """A connection for this caller alone. Raises `RedisFault` where none can be opened."""
        if self._idle:
            return self._idle.pop()
        waiter: asyncio.Future[Link] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        self._open_for_waiters()
        try:
            return await waiter
        except asyncio.CancelledError:
            with suppress(ValueError):
                self._waiting.remove(waiter)
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self.give(waiter.result())
            raise

    def give(self, link: Link) -> None:
        """Takes back a connection whose last answer was read whole."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(link)
                return
        link.rested = True
        self._idle.append(link)

    async def drop(self, link: Link) -> None:
        """Closes a connection that was taken."""
        self._count -= 1
        await link.close()
        self._open_for_waiters()

    async def forget_idle(self) -> None:
        """Closes all that nobody uses."""
        idle, self._idle = self._idle, []
        self._count -= len(idle)
        for link in idle:
            await link.close()

    async def close(self) -> None:
        """Ends what is being opened, and closes what is idle; nothing is opened any more. Connections that are in use are their callers'
        to drop."""
        self._most = 0
        opening = tuple(self._opening)
        for task in opening:
            task.cancel()
        await asyncio.gather(*opening, return_exceptions=True)
        self._fail(RedisFault("closed"))
        await self.forget_idle()

    def _open_for_waiters(self) -> None:
        """As many as wait, within the bound."""
        while self._count < self._most and len(self._opening) < len(self._waiting):
            self._count += 1
            task = asyncio.get_running_loop().create_task(self._open())
            self._opening.add(task)

    async def _open(self) -> None:
        link: Link | None = None
        fault = RedisFault("no connection in time")
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(OPENING):
                    link = await self._connect()
        except RedisFault as error:
            fault = error
        finally:
            self._opening.discard(cast("asyncio.Task[None]", asyncio.current_task()))
            if link is None:
                self._count -= 1
        if link is not None:
            self.give(link)
        else:
            self._fail(fault)

    def _fail(self, fault: RedisFault) -> None:
        """All who wait: what one connection met, the next would meet too."""
        waiting, self._waiting = self._waiting, deque()
        for waiter in waiting:
            if not waiter.done():
                waiter.set_exception(RedisFault(fault.reason, lost=fault.lost, refused=fault.refused))
