"""Serves every system on a port of its own, in one process and one event loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import struct
from collections.abc import Iterator, Mapping
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.demo.backends.switches import Switch

BACKLOG = 1024
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER with no time: close sends RST


class Site:
    """A system on its port."""

    def __init__(self, app: ASGIApp, switch: Switch) -> None:
        self.app = app
        self.switch = switch
        # The protocol is named so that asyncio turns Nagle's algorithm off: it costs 40 ms on kept connections.
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(BACKLOG)
        self.port: int = self.socket.getsockname()[1]

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self.port}"


class Sites:
    """The ASGI application of all ports: what is asked goes to the system whose port it came in on."""

    def __init__(self, sites: Mapping[int, Site]) -> None:
        self._sites = sites

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._sites[scope["server"][1]].app(scope, receive, send)


class Server(uvicorn.Server):
    """Leaves signals to its owner, and stops at once."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def stop(self) -> None:
        """Ends `serve`, requests under way included. What is cut off then is no error to report."""
        logging.getLogger("uvicorn.error").disabled = True
        self.should_exit = self.force_exit = True


def server(sites: list[Site]) -> Server:
    """One server for all `sites`; run it with `serve(sockets=…)`."""
    by_port = {site.port: site for site in sites}

    class Protocol(HttpToolsProtocol):
        """Resets connections to a system that is down, new ones and kept ones."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._site = by_port[transport.get_extra_info("sockname")[1]]
            self._reset_if_down(transport)

        def data_received(self, data: bytes) -> None:
            if not self._reset_if_down(self.transport):
                super().data_received(data)

        def _reset_if_down(self, transport: asyncio.Transport) -> bool:
            if self._site.switch.mode != "down":
                return False
            connection: Any = transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            transport.abort()
            return True

    config = uvicorn.Config(
        Sites(by_port),
        http=Protocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
    )
    return Server(config)
