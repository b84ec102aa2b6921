"""How many requests may be under way in this process: as many as its event loop keeps up with.

A gradient on latency, as in Netflix's concurrency-limits (`Gradient2Limit`) and Envoy's adaptive concurrency filter; but the latency is
not that of requests. Theirs is mostly the backends', and waiting for a backend costs this process nothing: a limit on it would take a slow
backend for an overloaded gateway. What is scarce is the process's only thread, so what is looked at is how long what is ready
waits for its turn in the event loop. Instead of a long-term average there is a fixed target: an idle loop's is next to nothing.
"""

from __future__ import annotations

from math import sqrt

LEAST, MOST = 8, 10_000
TARGET = 0.020
"""Seconds that what is ready may wait: the loop's turn is as long as that."""

WINDOW = 0.05
"""Seconds whose average is looked at."""

STEEPEST = 0.5
GROWTH = 1.5


class ConcurrencyLimit:
    """`most` is how many may be under way now."""

    __slots__ = ("_began", "_busiest", "_count", "_sum", "most")

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._began = 0.0
        self._sum = 0.0
        self._count = 0
        self._busiest = 0

    def observe(self, lag: float, now: float, under_way: int) -> None:
        """What was ready waited `lag` seconds for its turn; so many requests are under way."""
        self._sum += lag
        self._count += 1
        self._busiest = max(self._busiest, under_way)
        if now - self._began >= WINDOW:
            self._adapt(self._sum / self._count)
            self._began, self._sum, self._count, self._busiest = now, 0.0, 0, 0

    def _adapt(self, lag: float) -> None:
        """A limit that isn't used says nothing about whether more would be too many."""
        if lag > TARGET:
            self.most = max(LEAST, int(max(STEEPEST, TARGET / lag) * min(self.most, max(self._busiest, LEAST)) + sqrt(self.most)))
        elif self._busiest * 2 >= self.most:
            self.most = min(MOST, int(self.most * (GROWTH if lag < TARGET / 2 else 1.0) + sqrt(self.most)))
