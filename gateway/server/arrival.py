"""How long a request may take to arrive: a clock that runs only for one that doesn't come in a single piece."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable

PATIENCE = 5.0
"""Seconds for the head of a request, from its first byte or from connecting, and for a body before its pace is looked at."""

RATE = 8 * 1024
"""Bytes a second that a body must come with in the long run."""


def allowed(received: int) -> float:
    """Seconds that a body may have taken of which so many bytes are here."""
    return PATIENCE + received / RATE


class Arrival:
    """Calls `late` when what is waited for doesn't come in time. `held` tells whether it is us who don't read."""

    __slots__ = ("_awaited", "_began", "_held", "_late", "_loop", "_received", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop, *, late: Callable[[], None], held: Callable[[], bool]) -> None:
        self._loop = loop
        self._late = late
        self._held = held
        self._timer: asyncio.TimerHandle | None = None
        self._awaited: Hashable = None
        self._began = 0.0
        self._received = 0

    def wait_for(self, awaited: Hashable) -> None:
        """The clock starts, unless it already runs for the same."""
        if self._timer is None or awaited != self._awaited:
            self.stop()
            self._awaited = awaited
            self._start()

    def received(self, size: int) -> None:
        """More of a body is here, which gives the rest more time."""
        self._received += size

    def stop(self) -> None:
        """It is here, or nobody waits any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _start(self) -> None:
        self._began = self._loop.time()
        self._received = 0
        self._timer = self._loop.call_at(self._began + PATIENCE, self._look)

    def _look(self) -> None:
        due = self._began + allowed(self._received)
        if self._held():
            self._start()
        elif due > self._loop.time():
            self._timer = self._loop.call_at(due, self._look)
        else:
            self._timer = None
            self._late()
