"""Serving an application with uvicorn: two listeners in one event loop, and a graceful end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

import uvicorn
from starlette.types import ASGIApp

from gateway.server import arrival
from gateway.server.application import Application
from gateway.server.protocol import BoundedProtocol
from gateway.server.sockets import BACKLOG, Listeners
from gateway.server.tls import ListenerTls

DRAIN = 20
"""Seconds that requests in flight have to finish at a stop."""

KEEP_ALIVE = 75
"""Seconds that an idle connection is kept; longer than load balancers keep theirs, so that they are the ones to close."""

SHUTDOWN = 5.0
"""Seconds that a client has to say goodbye on a TLS connection."""

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Listener(uvicorn.Server):
    """A uvicorn server whose signals are somebody else's business; `up` is set once it accepts connections. Plain HTTP without `tls`."""

    def __init__(self, config: uvicorn.Config, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(config)
        self.up = asyncio.Event()
        self._tls = tls

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Called by uvicorn before it accepts connections."""
        if self._tls is None:
            await super().startup(sockets)
        else:
            await self._start_tls(self._tls, sockets or [])
        self.up.set()

    async def _start_tls(self, tls: ssl.SSLContext, sockets: list[socket.socket]) -> None:
        """As uvicorn does it, but with little patience: asyncio gives a minute to who says nothing."""
        loop = asyncio.get_running_loop()

        def protocol() -> BoundedProtocol:
            return BoundedProtocol(config=self.config, server_state=self.server_state, app_state=self.lifespan.state, _loop=loop)

        self.servers = [
            await loop.create_server(
                protocol, sock=each, ssl=tls, backlog=BACKLOG, ssl_handshake_timeout=arrival.PATIENCE, ssl_shutdown_timeout=SHUTDOWN
            )
            for each in sockets
        ]
        self.started = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Two servers share the process: `serve` stops both."""
        yield


def run(application: Application, listeners: Listeners, *, on_started: Callable[[], None] = lambda: None) -> None:
    """Serves until SIGINT or SIGTERM, in an event loop of its own (uvloop where it is installed)."""
    gc.collect()
    gc.freeze()
    loop_factory = make_config(application.asgi).get_loop_factory()
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(serve(application, listeners, on_started=on_started))


async def serve(
    application: Application,
    listeners: Listeners,
    *,
    stop: asyncio.Event | None = None,
    on_started: Callable[[], None] = lambda: None,
) -> None:
    """Serves until `stop` is set, or SIGINT or SIGTERM where this is the main thread; a second SIGINT doesn't wait for anybody.

    Sources are started before the first request is read and closed after the last answer; the sockets are closed.
    Raises `UnusableTls` where the certificate's files can't be used any more.
    """
    stop = stop or asyncio.Event()
    files = application.plan.server.tls
    tls = ListenerTls(files) if files is not None else None
    public = Listener(make_config(application.asgi), tls.context if tls is not None else None)
    servers = [public, Listener(make_config(application.admin_asgi))]
    try:
        with _signals(stop, servers):
            await application.startup()
            async with asyncio.TaskGroup() as group:
                for server, listening in zip(servers, listeners, strict=True):
                    group.create_task(server.serve([listening])).add_done_callback(lambda _: stop.set())
                await asyncio.gather(*(server.up.wait() for server in servers))
                watching = group.create_task(tls.watch()) if tls is not None else None
                on_started()
                await stop.wait()
                if watching is not None:
                    watching.cancel()
                for server in servers:
                    server.should_exit = True
    finally:
        listeners.close()
        await application.shutdown()


def make_config(app: ASGIApp) -> uvicorn.Config:
    """How uvicorn serves an application: nothing is read from outside, no header tells what serves."""
    return uvicorn.Config(
        app,
        http=BoundedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=DRAIN,
    )


@contextlib.contextmanager
def _signals(stop: asyncio.Event, servers: list[Listener]) -> Iterator[None]:
    """The first signal asks for an end, a second SIGINT for one at once."""

    def asked(received: signal.Signals) -> None:
        if stop.is_set() and received is signal.SIGINT:
            for server in servers:
                server.force_exit = True
        stop.set()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number in SIGNALS:
        signal.signal(number, lambda received, _: loop.call_soon_threadsafe(asked, signal.Signals(received)))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
