"""A TCP proxy on loopback that breaks what passes through it, for tests of what happens when a network or a backend fails.

    async with fault_proxy(url) as proxy:                            # `proxy.url` stands in for `url`
        proxy.behaviour = Behaviour(to_client=Flow(latency=0.3))     # from now on, for open connections too
        await proxy.down()                                           # the port refuses
        await proxy.up()

A behaviour may depend on the connection: `proxy.behaviour = lambda number: SLOW if number % 2 else PLAIN` (the first is 1).

What Shopify's toxiproxy calls toxics are here: latency and jitter, bandwidth, slow close, timeout (`silent`), reset, slicing, a limit
of bytes; and three states of the port: `up`, `down` (refuses), `blackhole` (a connection is never made).
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from gateway.testing.fault_proxy_flow import CHUNK, Cut, Direction, Ending, Flow
from gateway.testing.servers import RESET_ON_CLOSE, reset

__all__ = ["PLAIN", "Behaviour", "FaultProxy", "Flow", "fault_proxy"]

MOST_OPEN = 1_000
BACKLOG = 1024
FILLERS = 8
"""Connections that fill the accept queue of a black hole: more than a backlog of 0 holds anywhere."""

Port = Literal["up", "down", "blackhole"]
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Behaviour(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to a connection.

    `slow_close` is how long, in seconds, the end of one side is kept from the other. `silent` takes everything the client sends and
    answers nothing; the target is not asked. A connection keeps the `silent` that it began with; all else may change under it.
    """

    to_server: Flow = Flow()
    to_client: Flow = Flow()
    slow_close: float = 0.0
    silent: bool = False


PLAIN = Behaviour()
"""Nothing is changed."""


class FaultProxy:
    """A proxy in front of one address; made by `fault_proxy`.

    `behaviour` may be set at any time. `connections` counts those taken so far, `open` those open now, `bytes_to_server` and
    `bytes_to_client` what was passed on. `port_state` tells whether the port is up.
    """

    def __init__(self, target: str | tuple[str, int], *, most_open: int = MOST_OPEN) -> None:
        self.behaviour: Behaviour | Callable[[int], Behaviour] = PLAIN
        self.connections = 0
        self.bytes_to_server = 0
        self.bytes_to_client = 0
        self.port_state: Port = "down"
        self._scheme, self._target = _parsed(target)
        self._most_open = most_open
        # Bound for the proxy's whole life but never listening: while the port is down nobody else can have it, and it refuses.
        self._holder = _bound(("127.0.0.1", 0))
        self.address: tuple[str, int] = self._holder.getsockname()
        self._listening: socket.socket | None = None
        self._fillers: list[socket.socket] = []
        self._open: set[asyncio.Task[None]] = set()
        self._failures: list[BaseException] = []

    @property
    def url(self) -> str:
        """The proxy's address in place of the target's, with the scheme of the target's URL (`http` where it was none)."""
        return f"{self._scheme}://{self.address[0]}:{self.address[1]}"

    @property
    def open(self) -> int:
        """Connections that are open now."""
        return len(self._open)

    async def up(self) -> None:
        """Takes connections (again)."""
        self._stop_listening()
        self._listening = _bound(self.address)
        self._listening.listen(BACKLOG)
        asyncio.get_running_loop().add_reader(self._listening, self._take, self._listening)
        self.port_state = "up"

    async def down(self, *, reset_open: bool = True) -> None:
        """Refuses new connections; those that are open are reset, as when a process dies, unless `reset_open` is false."""
        self._stop_listening()
        if reset_open:
            await self.reset_open()

    async def blackhole(self) -> None:
        """Takes no connection and refuses none: its accept queue is full, so that the system drops what comes (Linux), or leaves it
        waiting in a queue that nobody reads (elsewhere). Open connections go on."""
        self._stop_listening()
        self._listening = _bound(self.address)
        self._listening.listen(0)
        for _ in range(FILLERS):
            filler = socket.socket()
            filler.setblocking(False)
            self._fillers.append(filler)
            filler.connect_ex(self.address)
        self.port_state = "blackhole"

    async def reset_open(self) -> None:
        """Resets every open connection, on both sides."""
        ending = list(self._open)
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    @asynccontextmanager
    async def flapping(self, *, up: float, down: float) -> AsyncIterator[None]:
        """While the block runs: down for `down` seconds, up for `up`, and so on. In the end it is up."""

        async def flap() -> None:
            while True:
                await self.down()
                await asyncio.sleep(down)
                await self.up()
                await asyncio.sleep(up)

        task = asyncio.create_task(flap())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await self.up()

    async def close(self) -> None:
        """Resets what is open and gives the port back. May be called twice. Raises what a behaviour of the test's own raised."""
        await self.down()
        self._holder.close()
        if self._failures:
            raise self._failures.pop()

    def _stop_listening(self) -> None:
        self.port_state = "down"
        if self._listening is not None:
            asyncio.get_running_loop().remove_reader(self._listening)
        for each in (*self._fillers, self._listening):
            if each is not None:
                each.close()
        self._fillers.clear()
        self._listening = None

    def _take(self, listening: socket.socket) -> None:
        """Called whenever a connection waits. (`loop.sock_accept` loses one that comes while it is cancelled.)"""
        try:
            taken, _ = listening.accept()
        except OSError:  # the client is gone again, or there is no descriptor left for it
            return
        taken.setblocking(False)
        self.connections += 1
        if self.open >= self._most_open:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            taken.close()
            return
        opened: list[asyncio.StreamWriter] = []
        task = asyncio.create_task(self._serve(taken, self.connections, opened))
        self._open.add(task)
        task.add_done_callback(partial(self._ended, taken, opened))

    def _ended(self, taken: socket.socket, opened: list[asyncio.StreamWriter], task: asyncio.Task[None]) -> None:
        """Leaves nothing open, also of a connection that was ended before it began."""
        self._open.discard(task)
        for writer in opened:
            _end(writer)
        if not opened:
            taken.close()
        failure = None if task.cancelled() else task.exception()
        if failure is not None:
            self._failures.append(failure)

    async def _serve(self, taken: socket.socket, number: int, opened: list[asyncio.StreamWriter]) -> None:
        """One connection, from its first byte to its end. A target that can't be reached resets it."""
        try:
            client = await asyncio.open_connection(sock=taken)
            opened.append(client[1])
            if self._of(number).silent:
                await _swallow(client[0])
                return
            server = await asyncio.open_connection(*self._target)
            opened.append(server[1])
            if await _until_cut(self._directions(number, client, server)) == "close":
                for writer in opened:
                    writer.close()
                    await writer.wait_closed()
        except OSError:  # the target is not there, or a side was gone before it was closed
            return

    def _directions(
        self,
        number: int,
        client: Streams,
        server: Streams,
    ) -> tuple[Direction, Direction]:
        def sent(count: int) -> None:
            self.bytes_to_server += count

        def answered(count: int) -> None:
            self.bytes_to_client += count

        def hold_end() -> float:
            return self._of(number).slow_close

        return (
            Direction(client[0], server[1], flow=lambda: self._of(number).to_server, hold_end=hold_end, count=sent),
            Direction(server[0], client[1], flow=lambda: self._of(number).to_client, hold_end=hold_end, count=answered),
        )

    def _of(self, number: int) -> Behaviour:
        """The behaviour of a connection, as it is now."""
        return self.behaviour(number) if callable(self.behaviour) else self.behaviour


@asynccontextmanager
async def fault_proxy(
    target: str | tuple[str, int], *, behaviour: Behaviour = PLAIN, most_open: int = MOST_OPEN
) -> AsyncIterator[FaultProxy]:
    """A proxy that is up, in front of `target`: a URL with a port, or host and port. Nothing of it is left afterwards.

    Beyond `most_open` connections at once, further ones are reset.
    """
    proxy = FaultProxy(target, most_open=most_open)
    proxy.behaviour = behaviour
    try:
        await proxy.up()
        yield proxy
    finally:
        await proxy.close()


def _parsed(target: str | tuple[str, int]) -> tuple[str, tuple[str, int]]:
    """The scheme, host and port of a target. Raises `ValueError` where it has no host or no port."""
    if not isinstance(target, str):
        return "http", target
    parts = urlsplit(target)
    if not parts.hostname or not parts.port:
        raise ValueError("a target has a host and a port, as in `http://127.0.0.1:8080`")
    return parts.scheme, (parts.hostname, parts.port)


def _bound(address: tuple[str, int]) -> socket.socket:
    """A socket of that address, which others that are not listening may have too."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if sys.platform == "darwin":  # where equal addresses need this too
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind(address)
        made.setblocking(False)
    except OSError:
        made.close()
        raise
    return made


async def _until_cut(directions: tuple[Direction, ...]) -> Ending:
    """Passes bytes on both ways until both sides ended, a flow cuts the connection, or a side resets it."""
    ending: Ending = "close"
    try:
        async with asyncio.TaskGroup() as group:
            for direction in directions:
                group.create_task(direction.take())
                group.create_task(direction.give())
    except* Cut as cuts:
        ending = next(cut.ending for cut in cuts.exceptions if isinstance(cut, Cut))
    except* OSError:
        ending = "reset"
    return ending


async def _swallow(reader: asyncio.StreamReader) -> None:
    """Reads until the client is gone."""
    try:
        while await reader.read(CHUNK):
            pass
    except ConnectionError:
        return


def _end(writer: asyncio.StreamWriter) -> None:
    """Resets a connection, unless it was closed in order."""
    if writer.transport.is_closing():
        writer.transport.abort()
    else:
        reset(writer)
