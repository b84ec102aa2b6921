"""So many a second: the generic cell rate algorithm (ITU-T I.371, annex A), which needs one number and no timer."""

from __future__ import annotations

from math import inf

from gateway.sdk.clock import Clock

BURST = 0.1
"""Seconds whose worth may go at once, after a pause; one may always."""

ROUNDING = 1e-6
"""Seconds that a turn may come too early: sums of binary fractions are a little off."""


class Pace:
    """Lets through at most `per_second` a second, evenly but for a burst. `give_back` is for what was taken and not used."""

    __slots__ = ("_clock", "_interval", "_next", "_tolerance")

    def __init__(self, per_second: float, clock: Clock) -> None:
        self._clock = clock
        self._interval = 1.0 / per_second
        self._tolerance = max(0.0, BURST - self._interval)
        self._next = -inf

    def take(self) -> bool:
        """Takes the turn of one, where there is one now."""
        now = self._clock.monotonic()
        due = self._next
        if due - now > self._tolerance + ROUNDING:
            return False
        self._next = (due if due > now else now) + self._interval
        return True

    def give_back(self) -> None:
        """A turn that was taken and not used."""
        self._next -= self._interval

    def ready_in(self) -> float:
        """Seconds until there is a turn."""
        return max(0.0, self._next - self._clock.monotonic() - self._tolerance)
