"""Pools whose time a test owns."""

from __future__ import annotations

import logging
from typing import Any

from gateway.net.member import Member
from gateway.net.pool import Pool
from gateway.net.pool_report import Observed, PoolReport
from gateway.sdk import HttpSettings, SystemClock
from gateway.testing.services import FakeMetrics


class LeapingClock(SystemClock):
    """The machine's clock, and whatever a test leaps ahead of it."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


class StillClock(SystemClock):
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.time = 1000.0

    def monotonic(self) -> float:
        return self.time


class PoolUnderTest(Pool):
    """A pool of some servers `http://0.example`, `http://1.example` … with a clock and metrics of its own."""

    def __init__(self, size: int, **settings: Any) -> None:
        self.time = StillClock()
        self.metrics = FakeMetrics()
        observed = Observed("erp", self.metrics, logging.getLogger("gateway.testing.pool"))
        made = HttpSettings(tuple(f"http://{number}.example" for number in range(size)), **settings)
        super().__init__(made, self.time, PoolReport(observed, made.pool, size))

    def picked(self, count: int, affinity: bytes | None = None) -> list[int]:
        """The numbers of the servers that as many calls get."""
        return [self.pick(affinity, None, ()).number for _ in range(count)]

    def fail(self, number: int, times: int = 3) -> None:
        """Calls to a server fail."""
        member = self.members[number]
        for _ in range(times):
            member.circuit.failed(member.circuit.admit(self.time.time), self.time.time)

    def refuse(self, number: int) -> None:
        """A server can't be connected to."""
        self.members[number].refused(self.time.time)

    def succeed(self, member: Member) -> None:
        """A call to a server, begun now, works."""
        member.circuit.succeeded(member.circuit.admit(self.time.time), self.time.time)
