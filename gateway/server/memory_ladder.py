"""What is given up where memory runs short: from 80 % on what is kept and what is least important, from 90 % on all but the critical."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from gateway.sdk.priority import CRITICAL, LOW, NORMAL, PRIORITIES
from gateway.server.memory import Share

INTERVAL = 0.25
"""Seconds between two looks."""

SHORT, NEARLY_OUT = 0.80, 0.90
BACK = 0.05
"""So much below a step it is left again: memory that is given back returns late, and a step that comes and goes helps nobody."""

STEPS = ((NEARLY_OUT, CRITICAL), (SHORT, NORMAL))
"""From which part of the memory on there is room for which rank and the more important ones."""


class MemoryLadder:
    """`step` is told whenever there is room for another rank; `forget` has some of what is kept forgotten, as often as memory is short."""

    def __init__(self, share: Share, *, step: Callable[[int], None], forget: Callable[[], None]) -> None:
        self.room_for = LOW
        self._share = share
        self._step = step
        self._forget = forget
        self._timer: asyncio.TimerHandle | None = None
        self._logger = logging.getLogger("gateway.overload")

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Looks from now on."""
        self._timer = loop.call_later(INTERVAL, self._look, loop)

    def stop(self) -> None:
        """Looks no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        share = self._share()
        if share is not None:
            self.told(share)
        self.start(loop)

    def told(self, share: float) -> None:
        """So much of the memory is taken."""
        now_for = self._rank(share)
        if now_for != self.room_for:
            self._logger.warning("memory is %d %% full: requests are served down to priority %s", share * 100, PRIORITIES[now_for])
            self.room_for = now_for
            self._step(now_for)
        if now_for < LOW:
            self._forget()

    def _rank(self, share: float) -> int:
        for begins, rank in STEPS:
            if share >= (begins - BACK if self.room_for <= rank else begins):
                return rank
        return LOW
