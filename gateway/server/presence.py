"""Whether the client is still there: one that hangs up gets its work cancelled."""

from __future__ import annotations

import asyncio

from starlette.types import Receive

GRACE = 0.05
"""Seconds before anybody looks: most requests are done by then, and looking costs a task."""


class Presence:
    """Begins with a request whose body has been received; cancels the current task when the client hangs up.

    `gone` tells such a cancellation from any other. `end` must be called before the answer is sent.
    """

    __slots__ = ("_receive", "_task", "_timer", "_watcher", "gone")

    def __init__(self, receive: Receive) -> None:
        loop = asyncio.get_running_loop()
        self._receive = receive
        self._task = asyncio.current_task(loop)
        self._timer = loop.call_later(GRACE, self._look)
        self._watcher: asyncio.Task[None] | None = None
        self.gone = False

    def end(self) -> None:
        """Looks no more."""
        self._timer.cancel()
        if self._watcher is not None:
            self._watcher.cancel()

    def _look(self) -> None:
        self._watcher = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        message = await self._receive()
        while message["type"] != "http.disconnect":
            message = await self._receive()
        self.gone = True
        if self._task is not None:
            self._task.cancel()
