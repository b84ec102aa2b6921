"""How many further tries a source gets, so that an outage is never multiplied.

Retries and hedged reads share one budget for each source, and each lane of it (tenants with servers of their own). It is a share of the
calls, with a small floor so that a source that is asked rarely has some too. The idea and the figures of share and window are those of
Finagle's `RetryBudget` ("Retry Budgets", 2016); a sliding window takes the place of its token bucket, so that the bound is a hard one.
"""

from __future__ import annotations

from gateway.sdk import Binding

WINDOW = 10.0
"""Seconds over which calls and further tries are counted."""

CALLS_PER_TRY = 5
"""One further try for so many calls: 20 %."""

FLOOR = 3
"""Further tries that any window may hold, however few calls it holds."""

PARTS = 20
LENGTH = WINDOW / PARTS
"""The window moves on in parts of so many seconds; a power of two, so that a time always falls into the same part."""

SLOTS = PARTS + 1


class RetryBudget:
    """In the `WINDOW` that ends at any further try there are at most `max(FLOOR, calls / CALLS_PER_TRY)` of them.

    Calls leave the count up to a part too early and further tries up to a part too late, so that this holds exactly. Over any length of
    time it follows that further tries are at most that share of the calls, and `FLOOR` for each window. `now` is on the monotonic scale.
    """

    __slots__ = ("_calls", "_calls_of", "_head", "_tries", "_tries_of")

    def __init__(self) -> None:
        self._head = 0
        self._calls = self._tries = 0
        self._calls_of = [0] * SLOTS
        self._tries_of = [0] * SLOTS

    def called(self, now: float) -> None:
        """Counts a call: its first try, whatever comes of it."""
        self._move_to(int(now / LENGTH))
        self._calls += 1
        self._calls_of[self._head % SLOTS] += 1

    def take(self, now: float) -> bool:
        """Takes a further try where there is one left; one that is taken counts, whether it is made or not."""
        self._move_to(int(now / LENGTH))
        if self._tries >= max(FLOOR, self._calls // CALLS_PER_TRY):
            return False
        self._tries += 1
        self._tries_of[self._head % SLOTS] += 1
        return True

    def _move_to(self, head: int) -> None:
        """Calls are counted in the last `PARTS` parts, further tries in one part more."""
        if head <= self._head:
            return
        for part in range(max(self._head + 1, head - SLOTS), head + 1):
            gone, oldest = part % SLOTS, (part - PARTS) % SLOTS
            self._tries -= self._tries_of[gone]
            self._tries_of[gone] = 0
            self._calls -= self._calls_of[oldest]
            self._calls_of[oldest] = 0
        self._head = head


class RetryBudgets:
    """The budgets of one source by lane."""

    def __init__(self) -> None:
        self._lanes: dict[str, RetryBudget] = {}

    def of(self, lane: str) -> RetryBudget:
        """There are as many as tenants apart, and one."""
        budget = self._lanes.get(lane)
        if budget is None:
            budget = self._lanes[lane] = RetryBudget()
        return budget


def budgets_of(binding: Binding) -> RetryBudgets:
    """What all operations of the source share."""
    budgets: RetryBudgets = binding.shared.setdefault("retry_budget", RetryBudgets())
    return budgets
