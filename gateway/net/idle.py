"""Kept-alive connections that nobody uses at the moment."""

from __future__ import annotations

import asyncio

from gateway.net.connection import Connection


class IdleConnections:
    """A stack: the one used last is used next, so that the others can grow old, and are closed after `keep` seconds."""

    __slots__ = ("_keep", "_stack", "_timer")

    def __init__(self, keep: float) -> None:
        self._keep = keep
        self._stack: list[Connection] = []
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._stack)

    def push(self, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        connection.idle_since = loop.time()
        self._stack.append(connection)
        if self._timer is None:
            self._timer = loop.call_later(self._keep, self._close_old)

    def pop(self) -> Connection | None:
        while self._stack:
            connection = self._stack.pop()
            if connection.usable:
                return connection
        return None

    def discard(self, connection: Connection) -> None:
        """Forgets a connection that is gone."""
        if connection in self._stack:
            self._stack.remove(connection)

    def stop(self) -> None:
        """Lets go of the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _close_old(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        oldest_kept = loop.time() - self._keep
        while self._stack and self._stack[0].idle_since <= oldest_kept:
            self._stack.pop(0).abort()
        if self._stack:
            self._timer = loop.call_later(self._stack[0].idle_since - oldest_kept, self._close_old)
