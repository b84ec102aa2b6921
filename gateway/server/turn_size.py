"""How many requests begin in one turn of the event loop: as many as leave it short."""

from __future__ import annotations

MOST = 64
SHORT, LONG = 0.0005, 0.0012
"""Seconds of work in a turn. Where it is less there may be more in it; where it is more, everybody waits for too much else."""


class TurnSize:
    """One more after each turn with little work, half as many after one with much (Chiu and Jain, "Analysis of the Increase and Decrease
    Algorithms", 1989). Each turn has its price, which few requests in each would pay often."""

    __slots__ = ("now",)

    def __init__(self) -> None:
        self.now = 8

    def observe(self, work: float) -> None:
        """In the last turn so many seconds went by with work, and not with reading and refusing what has come."""
        if work > LONG:
            self.now = max(1, self.now // 2)
        elif work < SHORT and self.now < MOST:
            self.now += 1
