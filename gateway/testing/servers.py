"""Real HTTP servers on loopback for tests: one whose every byte is scripted, one with routes that can be slowed or broken.

    async with scripted_server(handler) as url:            # handler(reader, writer) is one connection
    async with http_server({"GET /orders/1": Route({"id": 1})}) as url:

Both serve in the running event loop, on a free port, and leave neither task nor socket behind.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import struct
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, Literal

import msgspec

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Fault = Literal["silent", "close", "reset", "reset_midway", "garbage", "truncated", "dripping", "bomb"]

MIB = 1024 * 1024
BOMB_SIZE = 300 * MIB
GZIP_WINDOW = 16 + zlib.MAX_WBITS
DRIP_SECONDS = 0.02
TURNS = 5
"""Turns of the loop in which the event loop itself ends what it owns: TLS handshakes that failed, sockets being closed."""
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER with no time: close sends RST
TARGET_OF_REQUEST = re.compile(rb"([A-Z]+) (\S+) HTTP/1\.[01]")


class Received(msgspec.Struct, frozen=True):
    """A request as the server saw it. Header names are lower-case; of repeated ones the last is kept."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def json(self) -> Any:
        return msgspec.json.decode(self.body)


class Route(msgspec.Struct):
    """What one route answers. Every field may be changed while the server runs.

    `json` is the body, or a function that makes it from the request; `body` replaces it with raw bytes. `delay` is the wait
    before the answer, in seconds. `fault` breaks the answer: `silent` never answers, `close` and `reset` end the connection
    before the first byte, `reset_midway` and `truncated` after half of the body, `garbage` isn't HTTP, `dripping` sends a
    byte every 20 ms, `bomb` is about 300 kB of gzip that unpack to 300 MB. `received` are the requests so far.
    """

    json: Any = None
    status: int = 200
    headers: Mapping[str, str] = {}
    body: bytes | None = None
    delay: float = 0.0
    fault: Fault | None = None
    received: list[Received] = msgspec.field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.received)

    def answer(self, request: Received) -> bytes:
        """The whole answer as bytes."""
        if self.body is not None:
            return render(self.status, self.body, self.headers, method=request.method)
        value = self.json(request) if callable(self.json) else self.json
        headers = {"content-type": "application/json", **self.headers}
        return render(self.status, msgspec.json.encode(value), headers, method=request.method)


def render(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None, *, method: str = "GET") -> bytes:
    """An HTTP/1.1 answer with a right `content-length`, unless `headers` has its own."""
    head = {"content-length": str(len(body)), **(headers or {})}
    if status in {204, 304}:
        head.pop("content-length")
    lines = [f"HTTP/1.1 {status} -", *(f"{name}: {value}" for name, value in head.items()), "", ""]
    bodiless = status in {204, 304} or method == "HEAD"
    return "\r\n".join(lines).encode("latin-1") + (b"" if bodiless else body)


async def read_request(reader: asyncio.StreamReader) -> Received | None:
    """The next request of a connection; None where it ended or sent something else."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        start, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
        asked = TARGET_OF_REQUEST.fullmatch(start)
        headers = {
            name.decode("latin-1").lower(): value.strip().decode("latin-1") for name, _, value in (line.partition(b":") for line in lines)
        }
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError):
        return None
    return Received(asked[1].decode(), asked[2].decode(), headers, body) if asked else None


@asynccontextmanager
async def scripted_server(handler: Handler, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """Runs `handler(reader, writer)` for each connection and yields the base URL.

    The connection is closed when the handler returns. Connections still open at the end are cancelled and aborted. An
    exception of a handler, connection errors aside, is raised at the end.
    """
    connections: set[asyncio.Task[None]] = set()
    failures: list[BaseException] = []

    def ended(task: asyncio.Task[None]) -> None:
        connections.discard(task)
        failure = None if task.cancelled() else task.exception()
        if failure is not None:
            failures.append(failure)

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not server.is_serving():
            writer.transport.abort()
            return
        task = asyncio.ensure_future(serve_connection(handler, reader, writer))
        connections.add(task)
        task.add_done_callback(ended)

    server = await asyncio.start_server(accept, host, 0, ssl=tls, backlog=1024)
    try:
        yield url_of(server.sockets[0].getsockname(), secure=tls is not None)
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await server.wait_closed()
        for _ in range(TURNS):
            await asyncio.sleep(0)
    if failures:
        raise failures[0]


async def serve_connection(handler: Handler, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await handler(reader, writer)
        writer.close()
        await writer.wait_closed()
    except (ConnectionError, ssl.SSLError):
        return
    finally:
        writer.transport.abort()


@asynccontextmanager
async def http_server(
    routes: Mapping[str, Route], *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1", per_connection: int | None = None
) -> AsyncIterator[str]:
    """Serves `routes` and yields the base URL.

    A key is `METHOD /path`, `/path` (any method) or `*` (whatever no other key names; 404 without it); the query is no part of
    it. `per_connection` is the number of answers after which a kept-alive connection is closed without notice.
    """

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served = 0
        while (per_connection is None or served < per_connection) and (request := await read_request(reader)):
            route = route_of(routes, request)
            route.received.append(request)
            await asyncio.sleep(route.delay)
            if writer.is_closing():
                return
            await send(writer, route, request)
            if route.fault is not None:
                return
            served += 1

    async with scripted_server(connection, tls=tls, host=host) as url:
        yield url


def route_of(routes: Mapping[str, Route], request: Received) -> Route:
    for key in (f"{request.method} {request.path}", request.path, "*"):
        if key in routes:
            return routes[key]
    return Route({"error": "not found"}, status=404)


def refused_url(host: str = "127.0.0.1") -> str:
    """A base URL where nobody listens."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return url_of(probe.getsockname(), secure=False)


def url_of(address: tuple[Any, ...], *, secure: bool) -> str:
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    return f"{'https' if secure else 'http'}://{host}:{address[1]}"


async def send(writer: asyncio.StreamWriter, route: Route, request: Received) -> None:
    """Sends the route's answer, broken as its `fault` says."""
    answer = route.answer(request)
    match route.fault:
        case None:
            writer.write(answer)
        case "silent":
            await asyncio.get_running_loop().create_future()
        case "close":
            writer.close()
        case "reset":
            reset(writer)
        case "reset_midway":
            writer.write(first_half(answer))
            await asyncio.sleep(DRIP_SECONDS)
            reset(writer)
        case "truncated":
            writer.write(first_half(answer))
        case "garbage":
            writer.write(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
        case "dripping":
            await drip(writer, answer)
        case "bomb":
            packed = await asyncio.to_thread(gzip_bomb)
            writer.write(render(200, packed, {"content-type": "application/json", "content-encoding": "gzip"}))
    await writer.drain()


async def drip(writer: asyncio.StreamWriter, answer: bytes, seconds: float = DRIP_SECONDS) -> None:
    """Sends `answer` byte by byte, until the client is gone."""
    for position in range(len(answer)):
        if writer.is_closing():
            raise ConnectionResetError
        writer.write(answer[position : position + 1])
        await writer.drain()
        await asyncio.sleep(seconds)


def first_half(answer: bytes) -> bytes:
    """The head and half of the body."""
    body_start = answer.index(b"\r\n\r\n") + 4
    return answer[: (body_start + len(answer)) // 2]


def reset(writer: asyncio.StreamWriter) -> None:
    """Ends a connection with RST instead of FIN."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    writer.transport.abort()


@cache
def gzip_bomb(size: int = BOMB_SIZE) -> bytes:
    """`size` zero bytes, packed about a thousandfold; `size` is a multiple of 1 MiB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, GZIP_WINDOW)
    zeros = bytes(MIB)
    return b"".join(packer.compress(zeros) for _ in range(size // MIB)) + packer.flush()
