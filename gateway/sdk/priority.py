"""How important a request is: what there is no time for is given up from the least important on."""

from __future__ import annotations

from typing import Literal, get_args

Priority = Literal["critical", "high", "normal", "low"]

PRIORITIES: tuple[Priority, ...] = get_args(Priority)
"""The most important first. A rank is a place in here."""

CRITICAL, HIGH, NORMAL, LOW = range(len(PRIORITIES))


def rank_of(priority: Priority) -> int:
    """0 is the most important."""
    return PRIORITIES.index(priority)


def combined(intent: int, tenant: int) -> int:
    """The rank of a request: its intent's, moved by as many steps as its tenant's is away from `normal`."""
    return min(max(intent + tenant - NORMAL, CRITICAL), LOW)
