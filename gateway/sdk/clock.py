"""Time, as components see it, so that tests can own it."""

from __future__ import annotations

from datetime import UTC, datetime
from time import monotonic
from typing import Protocol


class Clock(Protocol):
    """`monotonic()` in seconds is the scale of every deadline and equals the event loop's `time()`; `now()` is wall time in UTC."""

    def monotonic(self) -> float: ...
    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def monotonic(self) -> float:
        return monotonic()

    def now(self) -> datetime:
        return datetime.now(UTC)
