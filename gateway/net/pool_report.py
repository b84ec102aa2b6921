"""What operators learn of the servers of a pool: metrics, and a log record for each change."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from gateway.net.member import Member
from gateway.sdk import Metrics, ServerState

LEVELS: dict[ServerState, int] = {"in": 0, "probing": 1, "out": 2}
REASONS = {
    "connect": "it can't be connected to",
    "failures": "too many calls to it failed",
    "check": "its health checks fail",
}


class Observed(msgspec.Struct, frozen=True):
    """Where a pool's events go; `source` is what they are told of."""

    source: str
    metrics: Metrics
    logger: logging.Logger


class PoolReport:
    """Names servers by their number in `servers`, those of a tenant's own pool as `tenant/number`; never by their address."""

    def __init__(self, observed: Observed | None, pool: str, size: int) -> None:
        self._observed = observed
        self._names = [f"{pool}/{number}" if pool else str(number) for number in range(size)]
        self._pool = pool
        self._whose = f" of tenant {pool}" if pool else ""
        self._panic = False
        self._failovers = None
        if observed is not None:
            self._failovers = observed.metrics.counter(
                "gateway_failovers_total",
                "Calls that went on to another server since one could not be connected to.",
                source=observed.source,
            )
            self._ejections = {
                (number, reason): observed.metrics.counter(
                    "gateway_server_ejections_total", "How often a server was left out.", source=observed.source, server=name, reason=reason
                )
                for number, name in enumerate(self._names)
                for reason in REASONS
            }

    def watch(self, members: Sequence[Member], panic: Callable[[], bool]) -> None:
        """Has the state of the servers, and whether there is `panic`, shown."""
        if self._observed is None:
            return
        source, gauge = self._observed.source, self._observed.metrics.gauge
        for member, name in zip(members, self._names, strict=True):
            gauge("gateway_server_state", "0 in service, 1 probing, 2 out.", partial(_level, member), source=source, server=name)
        gauge("gateway_panic", "1 where servers are used that should be left out.", panic, source=source, pool=self._pool)

    def turned(self, member: Member, reason: str | None) -> None:
        """A server was left out, or came back (reason None)."""
        if self._observed is None:
            return
        source, logger = self._observed.source, self._observed.logger
        if reason is None:
            logger.info("server %d of source %s%s is used again", member.number, source, self._whose)
            return
        self._ejections[member.number, reason].inc()
        logger.warning("server %d of source %s%s is left out: %s", member.number, source, self._whose, REASONS[reason])

    def failed_over(self) -> None:
        """A call goes on to another server."""
        if self._failovers is not None:
            self._failovers.inc()

    def panicking(self, panic: bool) -> None:
        """Whether servers are used that should be left out."""
        if panic == self._panic:
            return
        self._panic = panic
        if self._observed is None:
            return
        source, logger = self._observed.source, self._observed.logger
        if panic:
            logger.warning(
                "most servers of source %s%s are down: those left out for failures or checks are used again", source, self._whose
            )
        else:
            logger.info("enough servers of source %s%s are in service again", source, self._whose)


def _level(member: Member) -> float:
    return LEVELS[member.state]
