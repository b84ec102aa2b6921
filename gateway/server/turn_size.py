"""How many requests begin in one turn of the event loop: as many as leave it short."""

from __future__ import annotations

MOST = 64
SHORT, LONG = 0.002, 0.005
"""Seconds of work in a turn. Where it is less there may be more in it; where it is more, everybody waits for too much else."""


class TurnSize:
    """One more after each turn with little work, half as many after one with much (Chiu and Jain, "Analysis of the Increase and Decrease
    Algorithms", 1989). Each turn has its price, which few requests in each would pay often.

    Reading and refusing is no work. Where that takes long, because very much comes, as much time is left for work: else those that are
    refused would take all of it from those that are served.
    """

    __slots__ = ("now",)

    def __init__(self) -> None:
        self.now = 8

    def observe(self, work: float, besides: float) -> None:
        """A turn had so many seconds of work, and of reading and refusing."""
        if work > max(LONG, besides):
            self.now = max(1, self.now // 2)
        elif work < max(SHORT, besides / 2) and self.now < MOST:
            self.now += 1
