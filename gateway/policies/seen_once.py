"""What was seen within a span of time, so that it is not accepted a second time. Bounded, and this process's own."""

from __future__ import annotations

MOST = 250_000


class TooMany(Exception):
    """There is no room to remember one more: it can't be told from a repetition later."""


class SeenOnce:
    """Two generations: what is younger than `span` seconds is in one of them, what is older than two spans in none."""

    def __init__(self, span: float, most: int = MOST) -> None:
        self._span = span
        self._most = most
        self._current: set[bytes] = set()
        self._previous: set[bytes] = set()
        self._turn_at = 0.0

    def __len__(self) -> int:
        return len(self._current) + len(self._previous)

    def add(self, mark: bytes, now: float) -> bool:
        """Whether it was not there yet; `now` is on the monotonic scale. Raises `TooMany`."""
        if now >= self._turn_at:
            fresh = now < self._turn_at + self._span
            self._previous = self._current if fresh else set()
            self._current = set()
            self._turn_at = (self._turn_at if fresh else now) + self._span
        if mark in self._current or mark in self._previous:
            return False
        if len(self) >= self._most:
            raise TooMany
        self._current.add(mark)
        return True
