"""Questions of workers to their colleagues that are under way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

LIMIT = 1.5
"""Seconds that workers have for an answer."""


class Inquiry(NamedTuple):
    """Who asked, under which number of theirs, and what; `replies` are those that have come, None of all others."""

    asker: int
    number: int
    topic: str
    until: float
    missing: set[int]
    replies: dict[int, bytes | None]


class Inquiries:
    """Kept by the supervisor, under numbers of its own. An inquiry is over when nothing is missing, or it is too late."""

    def __init__(self) -> None:
        self._next = 0
        self._open: dict[int, Inquiry] = {}

    def begin(self, inquiry: Inquiry) -> int:
        """Its number."""
        self._next += 1
        self._open[self._next] = inquiry
        return self._next

    def topic(self, number: int) -> str | None:
        """What is asked; None of an inquiry that is over."""
        found = self._open.get(number)
        return None if found is None else found.topic

    def reply(self, number: int, worker: int, body: bytes | None) -> None:
        """A worker has answered. One that is too late says nothing."""
        found = self._open.get(number)
        if found is not None and worker in found.missing:
            found.missing.discard(worker)
            found.replies[worker] = body

    def gone(self, worker: int) -> None:
        """A worker will answer nothing any more, and hear nothing."""
        for number, each in tuple(self._open.items()):
            if each.asker == worker:
                del self._open[number]
            else:
                each.missing.discard(worker)

    def over(self, now: float) -> Iterable[Inquiry]:
        """Takes out what is over."""
        ended = [number for number, each in self._open.items() if not each.missing or now >= each.until]
        return [self._open.pop(number) for number in ended]

    def due(self) -> float | None:
        """When the next one is too late."""
        return min((each.until for each in self._open.values()), default=None)
