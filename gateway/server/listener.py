"""One listening socket and its connections, which speak uvicorn's protocol as this gateway bounds it.

uvicorn's own server takes all connections that wait before another process gets one, looks every tenth of a second whether it should
stop, and closes connections whose next request is on its way.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import selectors
import socket
import ssl
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from gateway.sdk import Unavailable
from gateway.server import arrival
from gateway.server.protocol import BoundedProtocol

AT_ONCE = 64
"""Connections that are taken before other work gets its turn."""

PAUSE = 0.001
"""Seconds that are left to other workers which have fewer connections."""

RETRY = 0.5
"""Seconds until the next try, where the system has no room for a connection."""

SHUTDOWN = 5.0
"""Seconds that a client has to say goodbye on a TLS connection."""

EIGHTH = 8
"""The part of its connections that a worker gives away in a second, where another one has far fewer."""

FULL = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


class Listener:
    """`room` tells how many connections this process may take now, and `counted` is told of each change of their number."""

    def __init__(
        self,
        config: uvicorn.Config,
        listening: socket.socket,
        *,
        tls: ssl.SSLContext | None = None,
        room: Callable[[], int] = lambda: AT_ONCE,
        counted: Callable[[int], None] = lambda _: None,
    ) -> None:
        config.load()
        self._config = config
        self._listening = listening
        self._tls = tls
        self._room = room
        self._counted = counted
        self._state = ServerState()
        self._retired = False
        self._arriving: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._clock: asyncio.TimerHandle | None = None
        self._logger = logging.getLogger("gateway.server")

    @property
    def connections(self) -> int:
        """How many there are, those that are being made included."""
        return len(self._state.connections) + len(self._arriving)

    @property
    def busy(self) -> bool:
        """Whether anything is left that a stop waits for."""
        return bool(self._state.connections or self._arriving or self._state.tasks)

    def open(self) -> None:
        """Begins to accept connections, in the running event loop."""
        self._tick()
        self._watch()

    def retire(self) -> None:
        """From now on each answer is the last one of its connection."""
        self._retired = True
        for connection in self._connections():
            connection.last_answer()

    def refuse(self) -> None:
        """Takes all connections that wait to be accepted, and none that comes later."""
        self._unwatch()
        try:
            while self._take():
                pass
        finally:
            self._listening.close()

    def close_idle(self, *, silent: bool) -> None:
        """Closes connections whose next request is not on its way; with `silent` also those that never sent anything."""
        for connection in self._connections():
            if connection.idle(silent=silent) and not _has_more(connection.transport):
                connection.transport.close()

    async def end(self) -> None:
        """Who still waits for an answer is told that none will come, and whatever goes on is cancelled."""
        self._unwatch()
        if self._clock is not None:
            self._clock.cancel()
        self._listening.close()
        for connection in self._connections():
            connection.give_up(Unavailable("The gateway stops."))
        left = {*self._arriving, *self._state.tasks}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        for connection in self._connections():
            connection.transport.abort()

    def _connections(self) -> tuple[BoundedProtocol, ...]:
        return tuple(self._state.connections)  # type: ignore[arg-type]

    def _tick(self) -> None:
        """Once a second: the headers of every answer with the date of the second (RFC 9110 §6.6.1), and a look at the others."""
        self._state.default_headers = [(b"date", formatdate(usegmt=True).encode()), *self._config.encoded_headers]
        self._clock = asyncio.get_running_loop().call_later(1, self._tick)
        self._even_out()

    def _even_out(self) -> None:
        """Where another worker has far fewer connections, since it is new, some of ours end with their next answer: whoever connects
        anew gets there."""
        over = -self._room()
        if over <= 0:
            return
        connections = self._connections()
        over -= sum(each.leaving for each in connections)
        staying = [each for each in connections if not each.leaving]
        for connection in staying[: max(0, min(over, 1 + len(connections) // EIGHTH))]:
            connection.last_answer()

    def _watch(self) -> None:
        self._timer = None
        asyncio.get_running_loop().add_reader(self._listening, self._accept)

    def _unwatch(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._listening.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._listening)

    def _accept(self) -> None:
        """Called by the loop where connections wait."""
        most = min(self._room(), AT_ONCE)
        try:
            for _ in range(most):
                if not self._take():
                    return
        except OSError as error:
            self._logger.log(logging.ERROR, "no connection can be accepted: %s", error.strerror)
            self._pause(RETRY)
        else:
            if most < AT_ONCE:
                self._pause(PAUSE)

    def _pause(self, seconds: float) -> None:
        """Afterwards one is taken whoever has more: the others had their chance."""
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._listening)
        self._timer = loop.call_later(seconds, self._resume)

    def _resume(self) -> None:
        self._watch()
        try:
            self._take()
        except OSError:
            self._pause(RETRY)

    def _take(self) -> bool:
        """Takes one connection; False where none waits. Raises `OSError` where the system has no room for it."""
        try:
            connection, _ = self._listening.accept()
        except (BlockingIOError, InterruptedError):
            return False
        except OSError as error:
            if error.errno in FULL:
                raise
            return True  # one that ended before it was taken
        connection.setblocking(False)
        task = asyncio.get_running_loop().create_task(self._connect(connection))
        self._arriving.add(task)
        task.add_done_callback(self._arrived)
        self._changed()
        return True

    def _arrived(self, task: asyncio.Task[None]) -> None:
        self._arriving.discard(task)
        self._changed()

    async def _connect(self, connection: socket.socket) -> None:
        """Makes a connection one of ours; with little patience for a TLS handshake, for which asyncio gives a minute."""
        loop = asyncio.get_running_loop()
        try:
            if self._tls is None:
                await loop.connect_accepted_socket(self._protocol, connection)
            else:
                await loop.connect_accepted_socket(
                    self._protocol, connection, ssl=self._tls,
                    ssl_handshake_timeout=arrival.PATIENCE, ssl_shutdown_timeout=SHUTDOWN,
                )  # fmt: skip
        except (OSError, asyncio.CancelledError):  # whoever is on the other side speaks no TLS, or left
            connection.close()

    def _protocol(self) -> BoundedProtocol:
        made = _Counted(
            self._changed, config=self._config, server_state=self._state, app_state={}, _loop=asyncio.get_running_loop()
        )  # fmt: skip
        if self._retired:
            made.last_answer()
        return made

    def _changed(self) -> None:
        self._counted(self.connections)


class _Counted(BoundedProtocol):
    def __init__(self, lost: Callable[[], None], **options: Any) -> None:
        super().__init__(**options)
        self._lost = lost

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._lost()


def _has_more(transport: asyncio.Transport) -> bool:
    """Whether bytes have come that nobody has read yet."""
    with selectors.DefaultSelector() as selector:
        selector.register(transport.get_extra_info("socket").fileno(), selectors.EVENT_READ)
        return bool(selector.select(0))
