"""A gateway on real sockets, in the test's own event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from uvicorn.server import ServerState

from gateway.runtime.plan import ServerSettings
from gateway.server.application import Application
from gateway.server.listen import make_config, serve
from gateway.server.protocol import BoundedProtocol
from gateway.server.sockets import Listeners, listen
from tests.server.gateways import KEY

Address = tuple[str, int]


@asynccontextmanager
async def served(application: Application, *, stop: asyncio.Event | None = None) -> AsyncIterator[Listeners]:
    """Serves until the block ends, or `stop` is set."""
    listeners = listen(ServerSettings(port=0, admin_port=0), warn=print)
    started = asyncio.Event()
    stop = stop or asyncio.Event()
    serving = asyncio.create_task(serve(application, listeners, stop=stop, on_started=started.set))
    await started.wait()
    try:
        yield listeners
    finally:
        stop.set()
        await serving


@asynccontextmanager
async def bare(application: Application) -> AsyncIterator[Address]:
    """The public application behind its protocol alone, without uvicorn's server, which takes its time to start and stop."""
    loop = asyncio.get_running_loop()
    config, state = make_config(application.asgi), ServerState()
    config.load()
    server = await loop.create_server(
        lambda: BoundedProtocol(config=config, server_state=state, app_state={}, _loop=loop), "127.0.0.1", 0, backlog=1024
    )
    yield server.sockets[0].getsockname()[:2]
    server.close()
    await server.wait_closed()


@asynccontextmanager
async def connected(address: Address) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection."""
    reader, writer = await asyncio.open_connection(*address)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


def chat() -> bytes:
    """A whole request."""
    body = b'{"intent": "track_order"}'
    head = f"POST /v1/chat HTTP/1.1\r\nHost: gateway.example\r\nX-API-Key: {KEY}\r\nContent-Type: application/json\r\n"
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


async def status(reader: asyncio.StreamReader) -> int:
    """The status of the next response, which is read whole."""
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [int(line.split(b":")[1]) for line in head.splitlines() if line.startswith(b"content-length:")]
    await reader.readexactly(lengths[0] if lengths else 0)
    return int(head.split()[1])
