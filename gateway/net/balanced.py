"""A client of several servers: picks one for each call, leaves out those that fail, goes on where one can't be connected to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from gateway.net.health_checks import HealthChecks
from gateway.net.member import Member
from gateway.net.pool import Pool
from gateway.net.pool_report import PoolReport
from gateway.net.stats import Stats
from gateway.net.unconnected import Unconnected
from gateway.sdk import (
    BadResponse,
    Clock,
    HttpClient,
    HttpRequest,
    HttpResponse,
    HttpSettings,
    ServerReport,
    Timeout,
    Unavailable,
)
from gateway.sdk.deadlines import EARLY

SERVER_ERROR = 500


class EngineClient(HttpClient, Protocol):
    """A client of one server."""

    async def send(self, request: HttpRequest, /, *, others: bool = False) -> HttpResponse: ...
    def stats(self) -> Stats: ...


class BalancedClient:
    """Sends each call to one of several servers, and to each of them at most once.

    Where no connection can be made nothing was sent, so the call goes on to another server at once, whatever it does. All else is the
    call's outcome, and counts for or against the server: `Unavailable`, `Timeout`, `BadResponse` and a status of 500 or more are
    failures; a full queue of our own and a cancelled call say nothing.
    """

    def __init__(
        self, clients: Sequence[EngineClient], settings: HttpSettings, clock: Clock, *, report: PoolReport, checks: HealthChecks | None
    ) -> None:
        """`clients` are those of `settings.servers`, in their order."""
        self._clients = clients
        self._clock = clock
        self._report = report
        self._checks = checks
        self._pool = Pool(settings, clock, report)

    async def send(self, request: HttpRequest, /) -> HttpResponse:
        """Raises the failure of the last server where none could be connected to."""
        refused: set[int] = set()
        while True:
            member = self._pool.pick(request.affinity, request.tried, refused)
            if request.tried is not None:
                request.tried.add(member.number)
            others = len(refused) + 1 < len(self._pool.members)
            try:
                return await self._send_to(member, request, others=others)
            except Unconnected:
                refused.add(member.number)
                if not others or self._clock.monotonic() >= request.deadline:
                    raise
            self._report.failed_over()

    def servers(self) -> tuple[ServerReport, ...]:
        return tuple(member.report() for member in self._pool.members)

    def stats(self) -> Stats:
        """Of all servers together."""
        each = [client.stats() for client in self._clients]
        return Stats(
            open=sum(stats.open for stats in each), idle=sum(stats.idle for stats in each), waiting=sum(stats.waiting for stats in each)
        )

    async def start(self) -> None:
        """Begins the active checks, where there are any."""
        if self._checks is not None:
            self._checks.start(self._pool.members)

    async def close(self) -> None:
        """Ends the checks and closes the client of each server."""
        if self._checks is not None:
            await self._checks.close()
        await asyncio.gather(*(client.close() for client in self._clients))

    async def _send_to(self, member: Member, request: HttpRequest, *, others: bool) -> HttpResponse:
        """One exchange with one server, which learns from it how that server is."""
        circuit, started = member.circuit, self._clock.monotonic()
        ticket = circuit.admit(started)
        probing = not member.in_service
        failed: bool | None = None
        member.in_flight += 1
        try:
            response = await self._clients[member.number].send(request, others=others)
            failed = _is_failure(request, response)
        except Unconnected:
            member.refused(self._clock.monotonic())
            raise
        except Timeout:
            failed = _had_time(request, started)
            raise
        except (Unavailable, BadResponse):
            failed = True
            raise
        except asyncio.CancelledError:
            # Who sets the deadline outside may cancel a moment before the client itself would have ended the call.
            failed = _had_time(request, started) if self._clock.monotonic() >= request.deadline - EARLY else None
            raise
        else:
            return response
        finally:
            member.in_flight -= 1
            ended = self._clock.monotonic()
            if failed is None:
                circuit.left(ticket)
            elif failed:
                circuit.failed(ticket, ended, ended - started)
            else:
                circuit.succeeded(ticket, ended, ended - started)
            if probing:
                self._pool.changed()


def _is_failure(request: HttpRequest, response: HttpResponse) -> bool | None:
    """None for a status that only the operation can judge."""
    if response.status_code < SERVER_ERROR:
        return False
    return None if request.errors_meant else True


def _had_time(request: HttpRequest, started: float) -> bool | None:
    """True where a late server is to blame, None where it had too little time for that."""
    return True if request.deadline - started >= request.fair else None
