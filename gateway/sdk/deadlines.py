"""The deadlines of all calls in progress, behind one timer."""

from __future__ import annotations

import asyncio
from math import inf
from typing import Any

from gateway.sdk.clock import Clock

EARLY = 0.001
"""How much too early, in seconds, a loop may call: uvloop counts in milliseconds."""


class Deadlines:
    """Resolves a future with None when its deadline passes.

    One timer stands at the earliest deadline that was asked for, whether or not that call is still in progress: a call that
    ends in time, as nearly all do, then costs an entry in a table instead of a timer set and cancelled.
    """

    __slots__ = ("_clock", "_due", "_timer", "_timer_at")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due: dict[asyncio.Future[Any], float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = inf

    def watch(self, future: asyncio.Future[Any], deadline: float) -> None:
        self._due[future] = deadline
        if deadline < self._timer_at:
            self._arm(deadline)

    def forget(self, future: asyncio.Future[Any]) -> None:
        self._due.pop(future, None)

    def stop(self) -> None:
        """Lets go of the timer; for when nothing is in progress any more."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._timer_at = None, inf

    def _arm(self, deadline: float) -> None:
        self.stop()
        self._timer_at = deadline
        self._timer = asyncio.get_running_loop().call_later(max(0.0, deadline - self._clock.monotonic()), self._sweep)

    def _sweep(self) -> None:
        self._timer, self._timer_at = None, inf
        now = self._clock.monotonic() + EARLY
        for future in [future for future, deadline in self._due.items() if deadline <= now]:
            del self._due[future]
            if not future.done():
                future.set_result(None)
        if self._due:
            self._arm(min(self._due.values()))
