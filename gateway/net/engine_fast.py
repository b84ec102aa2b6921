"""The engine `fast`: pooled, kept-alive HTTP/1.1 to one server."""

from __future__ import annotations

import asyncio
import ssl

from gateway.net.connection import Connection, Outcome
from gateway.net.dial import dial, patience
from gateway.net.head import RequestHead
from gateway.net.idle import IdleConnections
from gateway.net.resolver import Resolver
from gateway.net.server import Server
from gateway.net.stats import Stats
from gateway.net.tls import Tls
from gateway.net.unconnected import Unconnected
from gateway.sdk import Clock, HttpRequest, HttpResponse, HttpSettings, ServerReport, Timeout, Unavailable
from gateway.sdk.deadlines import Deadlines
from gateway.sdk.places import Places

TLS_GOODBYE = 1.0
"""How long, in seconds, a peer has to answer the end of a TLS connection."""


class FastClient:
    """Takes a place, then an idle connection or a new one, and runs one exchange in the caller's own task.

    The place is what is capped: an idle connection is used before a new one is made, so there are never more open than places.
    Whatever ends an exchange early closes its connection and gives its place back.
    """

    def __init__(self, server: Server, settings: HttpSettings, clock: Clock, tls: Tls) -> None:
        self._server = server
        self._clock = clock
        self._tls = http1_context(tls) if server.secure else None
        self._head = RequestHead(server)
        self._deadlines = Deadlines(clock)
        self._places = Places(settings.connections, settings.waiting, self._deadlines)
        self._idle = IdleConnections(settings.idle)
        self._open: set[Connection] = set()
        self._resolver = Resolver(server, self._moved, in_use=lambda: bool(self._open))
        self._all_lost: asyncio.Future[None] | None = None
        self._closed = False

    async def send(self, request: HttpRequest, /, *, others: bool = False) -> HttpResponse:
        """With `others` there is another server to ask, so that connecting to this one may not take all the time.

        What failed before a byte was sent raises `Unconnected`.
        """
        head = self._head.render(request)
        if request.deadline <= self._clock.monotonic():
            raise Timeout
        if not self._places.take() and not await self._places.wait(request.deadline):
            raise Timeout
        try:
            return await self._deliver(request, head, others=others)
        finally:
            self._places.give_back()

    def stats(self) -> Stats:
        return Stats(open=len(self._open), idle=len(self._idle), waiting=self._places.waiting)

    def servers(self) -> tuple[ServerReport, ...]:
        return (ServerReport(0, "in", len(self._open) - len(self._idle)),)

    async def start(self) -> None:
        """Nothing: connections are opened when they are needed."""

    async def close(self) -> None:
        """Fails what is in progress with Unavailable, closes every connection and returns when they are gone."""
        self._closed = True
        self._idle.stop()
        self._deadlines.stop()
        self._resolver.close()
        for connection in list(self._open):
            connection.fail(Unavailable("The connection to a backend was shut down."))
        if self._open:
            self._all_lost = asyncio.get_running_loop().create_future()
            await self._all_lost

    async def _deliver(self, request: HttpRequest, head: bytes, *, others: bool) -> HttpResponse:
        kept = self._idle.pop()
        if kept is not None:
            outcome = await self._exchange(kept, request, head)
            stale = isinstance(outcome, Unavailable) and not kept.answered
            if not (stale and request.idempotent and not self._closed):
                return response_of(outcome)
        fresh = await self._connect(request.deadline, others=others)
        return response_of(await self._exchange(fresh, request, head))

    async def _exchange(self, connection: Connection, request: HttpRequest, head: bytes) -> Outcome | None:
        outcome: asyncio.Future[Outcome | None] = asyncio.get_running_loop().create_future()
        self._deadlines.watch(outcome, request.deadline)
        connection.start(request, head, outcome)
        try:
            return await outcome
        finally:
            self._deadlines.forget(outcome)
            if connection.serving is outcome:
                connection.abort()

    async def _connect(self, deadline: float, *, others: bool) -> Connection:
        """A new connection. Raises Unconnected, Timeout at the deadline, or Unavailable when the client is closed."""
        if self._closed:
            raise Unavailable("The connection to a backend was shut down.")
        left = deadline - self._clock.monotonic()
        try:
            async with asyncio.timeout(patience(left, others=others)):
                return await self._open_connection()
        except TimeoutError as fault:
            raise (Unconnected() if others else Timeout()) from fault
        except ssl.SSLError as fault:
            raise Unconnected("A secure connection to a backend could not be made.") from fault
        except OSError as fault:
            raise Unconnected from fault

    async def _open_connection(self) -> Connection:
        connection = await dial(await self._resolver.addresses(), self._connect_to, Connection.abort)
        if self._closed:
            connection.abort()
            raise Unavailable("The connection to a backend was shut down.")
        if not connection.usable:  # gone already, and its loss reported
            connection.abort()
            raise Unconnected("A backend closed the connection without an answer.")
        self._open.add(connection)
        return connection

    async def _connect_to(self, address: str) -> Connection:
        loop, port = asyncio.get_running_loop(), self._server.port
        if self._tls is None:
            _, connection = await loop.create_connection(self._new_connection, address, port)
        else:
            _, connection = await loop.create_connection(
                self._new_connection, address, port, ssl=self._tls, server_hostname=self._server.host, ssl_shutdown_timeout=TLS_GOODBYE
            )
        connection.address = address
        return connection

    def _new_connection(self) -> Connection:
        return Connection(self._idle.push, self._lost)

    def _moved(self, addresses: frozenset[str]) -> None:
        """The server's name has other addresses: nothing new goes to those that it has no more."""
        for connection in list(self._open):
            if connection.address not in addresses:
                connection.retire()

    def _lost(self, connection: Connection) -> None:
        self._idle.discard(connection)
        self._open.discard(connection)
        if self._all_lost is not None and not self._open and not self._all_lost.done():
            self._all_lost.set_result(None)


def response_of(outcome: Outcome | None) -> HttpResponse:
    """The response, or the failure raised; None is what a passed deadline leaves."""
    if isinstance(outcome, HttpResponse):
        return outcome
    raise outcome or Timeout


def http1_context(tls: Tls) -> ssl.SSLContext:
    context = tls.context()
    context.set_alpn_protocols(["http/1.1"])
    return context
