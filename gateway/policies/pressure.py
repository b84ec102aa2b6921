"""What this process has no room for at the moment: told by the front of the server and by memory, heeded there and by the stage `admit`."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.policies.known_callers import KnownCallers
from gateway.policies.priorities import Priorities
from gateway.sdk.priority import LOW, PRIORITIES

NO_PRIORITIES = Priorities()
NO_HOSTS: Mapping[str, str] = {}

LASTING = 0.5
"""Seconds that a priority counts as crowded out after one of its requests was given up."""


class Pressure:
    """One for a plan. Ranks are those of `gateway.sdk.priority`; times are on the clock's monotonic scale, in seconds.

    `room_for` is the least important rank that memory leaves room for.
    """

    __slots__ = ("_crowded_until", "callers", "credentials", "hosts", "priorities", "room_for")

    def __init__(
        self, priorities: Priorities = NO_PRIORITIES, *, credentials: tuple[str, ...] = (), hosts: Mapping[str, str] = NO_HOSTS
    ) -> None:
        """`credentials` are the headers, in lower case, by which callers are known; `hosts` tells tenants by the names of theirs."""
        self.priorities = priorities
        self.credentials = credentials
        self.hosts = hosts
        self.callers = KnownCallers()
        self.room_for = LOW
        self._crowded_until = [0.0] * len(PRIORITIES)

    def gave_up(self, rank: int, now: float) -> None:
        """A request of this rank waited too long."""
        self._crowded_until[rank] = now + LASTING

    def crowded(self, rank: int, now: float) -> bool:
        """Whether requests of this rank were given up lately."""
        return now < self._crowded_until[rank]
