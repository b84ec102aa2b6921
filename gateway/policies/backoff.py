"""How long to wait before another try."""

from __future__ import annotations

GROWTH = 3.0


def next_wait(waits: tuple[float, float], previous: float, share: float) -> float:
    """The wait in seconds before another try, by decorrelated jitter: between the shortest and three times the wait before it.

    `waits` are the shortest and the longest wait, `previous` is 0 for a first one, `share` a random number from 0 to 1. Callers that
    failed together come back at different times (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
    """
    shortest, longest = waits
    grown = GROWTH * (max(previous, shortest) or longest / GROWTH**2)
    return min(longest, shortest + share * (grown - shortest))
