"""What httpcore2 connects with: the names of servers looked up as `fast` does."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterable
from math import inf
from typing import Any

import httpcore2

from gateway.net.dial import dial
from gateway.net.resolver import Resolver
from gateway.net.server import Server


class ResolvedStream(httpcore2.AsyncNetworkStream):
    """A connection that knows where it leads.

    One whose `address` its name has no more says that there is something to read: on an idle HTTP/1.1 connection httpcore2 takes that
    for its end, and uses it no more. One of HTTP/2 is used until it was idle for as long as connections are kept.
    """

    def __init__(self, stream: httpcore2.AsyncNetworkStream, address: str, gone: Callable[[str], bool], *, ready_by: float) -> None:
        """`ready_by` is when its TLS handshake has to be over, on the loop's clock."""
        self._stream = stream
        self._ready_by = ready_by
        self._address = address
        self._gone = gone

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore2's signature
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore2's signature
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore2's signature
    ) -> httpcore2.AsyncNetworkStream:
        if timeout is not None:
            timeout = max(0.0, self._ready_by - asyncio.get_running_loop().time())
        secured = await self._stream.start_tls(ssl_context, server_hostname, timeout)
        return ResolvedStream(secured, self._address, self._gone, ready_by=self._ready_by)

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable" and self._gone(self._address):
            return True
        return self._stream.get_extra_info(info)


class ResolvedNetwork(httpcore2.AsyncNetworkBackend):
    """Connects to one server, by whichever of its addresses answers first. `in_use` tells whether connections are open."""

    def __init__(self, server: Server, in_use: Callable[[], bool]) -> None:
        self._inner = httpcore2.AnyIOBackend()
        self._resolver = Resolver(server, self._moved, in_use)
        self._addresses: frozenset[str] | None = None
        self._closing: set[asyncio.Task[None]] = set()

    async def connect_tcp(
        self,
        host: str,  # noqa: ARG002 - the server's, which the resolver knows
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore2's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Raises `httpcore2.ConnectError`, or `ConnectTimeout` where it took longer than `timeout`."""

        async def connect(address: str) -> tuple[str, httpcore2.AsyncNetworkStream]:
            return address, await self._inner.connect_tcp(address, port, local_address=local_address, socket_options=socket_options)

        ready_by = asyncio.get_running_loop().time() + (inf if timeout is None else timeout)
        try:
            async with asyncio.timeout(timeout):
                address, stream = await dial(await self._resolver.addresses(), connect, self._drop)
        except TimeoutError as fault:
            raise httpcore2.ConnectTimeout from fault
        except OSError as fault:
            raise httpcore2.ConnectError from fault
        return ResolvedStream(stream, address, self._is_gone, ready_by=ready_by)

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)

    def close(self) -> None:
        """Ends the refreshing of addresses."""
        self._resolver.close()

    def _drop(self, late: tuple[str, httpcore2.AsyncNetworkStream]) -> None:
        """Closes a connection that came behind another one."""
        closing = asyncio.ensure_future(late[1].aclose())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    def _moved(self, addresses: frozenset[str]) -> None:
        self._addresses = addresses

    def _is_gone(self, address: str) -> bool:
        return self._addresses is not None and address not in self._addresses
