"""The log of overload: a record for each time that it lasts, not for each request that is given up."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter

from gateway.sdk.priority import PRIORITIES

QUIET = 1.0
"""Seconds without a request given up after which it is over."""

LONGEST = 30.0
"""Seconds after which one that lasts gets a record all the same."""


class SheddingRecord:
    """Counts what is given up from the first on; the log is told when it begins, and how much it was when it is over."""

    def __init__(self) -> None:
        self._logger = logging.getLogger("gateway.overload")
        self._counts: Counter[tuple[int, str]] = Counter()
        self._began = 0.0
        self._last = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def note(self, rank: int, reason: str, loop: asyncio.AbstractEventLoop) -> None:
        """One request."""
        self._last = loop.time()
        self._counts[rank, reason] += 1
        if self._timer is None:
            self._began = self._last
            self._logger.warning("requests are being given up: more is asked for than can be done")
            self._timer = loop.call_later(QUIET, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        if now - self._last >= QUIET:
            self._timer = None
            if self._counts:
                self._tell(self._last)
        else:
            if now - self._began >= LONGEST:
                self._tell(now)
                self._began = now
            self._timer = loop.call_later(QUIET, self._look, loop)

    def _tell(self, until: float) -> None:
        counts, self._counts = self._counts, Counter()
        given_up = {f"{PRIORITIES[rank]} ({reason})": count for (rank, reason), count in sorted(counts.items())}
        fields = {"given_up": given_up, "seconds": round(until - self._began, 3)}
        self._logger.warning("%d requests were given up", counts.total(), extra={"fields": fields})
