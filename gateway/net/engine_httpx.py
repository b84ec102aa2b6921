"""The engine `httpx`: for what `fast` lacks, which is HTTP/2 and proxies, at many times its cost per call.

httpx2's transport is used without its client, which would keep cookies from one caller's answer for the next one's request.

Two things that `fast` does are beyond it, over HTTP/1.1: bytes that a faulty server sends after an answer are read as the next
answer of that connection, and an answer that comes while the request's body is still being sent is read only afterwards.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, cast

import httpcore2
import httpx2

from gateway.net.answer import BODILESS
from gateway.net.body import PlainBody, body_for
from gateway.net.dial import patience
from gateway.net.fields import fold, unpacked
from gateway.net.head import RequestHead
from gateway.net.resolved_network import ResolvedNetwork
from gateway.net.server import Server
from gateway.net.stats import Stats
from gateway.net.tls import Tls
from gateway.net.unconnected import Unconnected
from gateway.sdk import BackendFailure, BadResponse, Clock, HttpRequest, HttpResponse, HttpSettings, ServerReport, Timeout, Unavailable
from gateway.sdk.deadlines import Deadlines
from gateway.sdk.places import Places

NO_ANSWER = "Server disconnected"
"""How httpcore2's message begins when a connection ends where an answer should have begun; it has no class of its own."""


class Attempt:
    """What is known of one try: whether it opened a connection, and whether its answer had begun.

    It learns this from httpcore2's `trace` extension, and the socket of a TLS handshake in progress too: one that is cancelled
    would otherwise stay open, since httpcore2 closes it for an exception but not for a cancellation.
    """

    __slots__ = ("_handshaking", "_stream", "answered", "fresh")

    def __init__(self) -> None:
        self.fresh = False
        self.answered = False
        self._stream: httpcore2.AsyncNetworkStream | None = None
        self._handshaking = False

    async def trace(self, event: str, info: dict[str, Any], /) -> None:
        match event.partition(".")[2]:
            case "connect_tcp.started":
                self.fresh = True
            case "connect_tcp.complete":
                self._stream = info["return_value"]
            case "start_tls.started":
                self._handshaking = True
            case "start_tls.complete":
                self._handshaking = False

    async def abandon(self) -> None:
        if self._handshaking and self._stream is not None:
            await self._stream.aclose()

    def failure(self, fault: httpx2.TransportError) -> BackendFailure:
        if isinstance(fault, httpx2.RemoteProtocolError) and (self.answered or not str(fault).startswith(NO_ANSWER)):
            return BadResponse("A backend's answer is not HTTP, or was cut short.")
        if isinstance(fault, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.ProxyError):
            return Unconnected()
        return Unavailable("A backend broke the connection off.")


class HttpxClient:
    """Takes a place, as `fast` does, then lets httpx2 find or make a connection."""

    def __init__(self, server: Server, settings: HttpSettings, clock: Clock, tls: Tls) -> None:
        self._clock = clock
        self._head = RequestHead(server)
        self._url = httpx2.URL(f"{'https' if server.secure else 'http'}://{server.authority}/")
        self._places = Places(settings.connections, settings.waiting, Deadlines(clock))
        self._closed = False
        self._transport = httpx2.AsyncHTTPTransport(
            verify=tls.context() if server.secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            trust_env=False,
            http2=True,
            limits=httpx2.Limits(
                max_connections=settings.connections, max_keepalive_connections=settings.connections, keepalive_expiry=settings.idle
            ),
            proxy=proxy_at(settings.proxy, tls) if settings.proxy else None,
        )
        self._network = None if settings.proxy else ResolvedNetwork(server, in_use=lambda: bool(self.stats().open))
        if self._network is not None:
            self._transport._pool._network_backend = self._network  # httpx2 has no argument for it; a proxy looks names up itself

    async def send(self, request: HttpRequest, /, *, others: bool = False) -> HttpResponse:
        """With `others` there is another server to ask, so that connecting to this one may not take all the time.

        What failed before a byte was sent raises `Unconnected`.
        """
        self._head.render(request)  # the same checks as the other engine's
        if request.deadline <= self._clock.monotonic():
            raise Timeout
        if not self._places.take() and not await self._places.wait(request.deadline):
            raise Timeout
        try:
            async with asyncio.timeout(request.deadline - self._clock.monotonic()):
                return await self._deliver(request, others=others)
        except TimeoutError:
            raise Timeout from None
        finally:
            self._places.give_back()

    def stats(self) -> Stats:
        connections = self._transport._pool.connections  # httpx2 itself has no way to ask
        return Stats(open=len(connections), idle=sum(each.is_idle() for each in connections), waiting=self._places.waiting)

    def servers(self) -> tuple[ServerReport, ...]:
        stats = self.stats()
        return (ServerReport(0, "in", stats.open - stats.idle),)

    async def start(self) -> None:
        """Nothing: connections are opened when they are needed."""

    async def close(self) -> None:
        self._closed = True
        if self._network is not None:
            self._network.close()
        await self._transport.aclose()

    async def _deliver(self, request: HttpRequest, *, others: bool) -> HttpResponse:
        attempt = Attempt()
        try:
            return await self._exchange(request, attempt, others=others)
        except Unavailable:
            if attempt.fresh or attempt.answered or not request.idempotent or self._closed:
                raise
        return await self._exchange(request, Attempt(), others=others)

    async def _exchange(self, request: HttpRequest, attempt: Attempt, *, others: bool) -> HttpResponse:
        if self._closed:
            raise Unavailable("The connection to a backend was shut down.")
        left = request.deadline - self._clock.monotonic()
        message = httpx2.Request(
            request.method,
            self._url,
            headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in self._head.headers(request)],
            stream=httpx2.ByteStream(request.body or b""),
            extensions={
                "target": self._head.target(request).encode("latin-1"),
                "trace": attempt.trace,
                "timeout": {"connect": patience(left, others=True)} if others else {},
            },
        )
        try:
            response = await self._transport.handle_async_request(message)
            attempt.answered = True
            return await read(request, response)
        except httpx2.TransportError as fault:
            raise attempt.failure(fault) from fault
        finally:
            await attempt.abandon()


async def read(request: HttpRequest, response: httpx2.Response) -> HttpResponse:
    """The whole answer, under the request's limit; the connection is freed or closed."""
    stream = cast("httpx2.AsyncByteStream", response.stream)
    try:
        if response.status_code < 200:
            raise BadResponse("A backend's answer is no answer to what was asked.")
        fields = fold(response.headers.raw)
        bodiless = request.method == "HEAD" or response.status_code in BODILESS
        body = PlainBody(0) if bodiless else body_for(fields, request.max_body)
        async with aclosing(cast("AsyncGenerator[bytes, None]", aiter(stream))) as pieces:
            async for piece in pieces:
                body.feed(piece)
        return HttpResponse(response.status_code, fields if bodiless else unpacked(fields), body.finish())
    finally:
        await stream.aclose()


def proxy_at(url: str, tls: Tls) -> httpx2.Proxy:
    """The proxy at an http or https URL. Raises ValueError, without the URL (it may hold a password), for anything else."""
    secure = url.startswith("https://")
    if not secure and not url.startswith("http://"):
        raise ValueError("a proxy's URL starts with http:// or https://")
    try:
        return httpx2.Proxy(url, ssl_context=tls.context() if secure else None)
    except httpx2.InvalidURL:
        raise ValueError("a proxy's URL is not valid") from None
