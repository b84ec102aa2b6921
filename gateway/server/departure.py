"""How long an answer may take to be read: who doesn't read it must not make the gateway hold it for ever."""

from __future__ import annotations

import asyncio
import socket
import struct

INTERVAL = 5.0
"""Seconds between two looks at what is still to be sent."""

LEAST = 40 * 1024
"""Bytes that must have gone, or all, between two looks."""

NOT_AT_ALL = struct.pack("ii", 1, 0)
"""The option `SO_LINGER`, with no seconds to linger."""


class Departure:
    """Looks at what a connection has still to send, from when there is any, and ends the connection where too little goes."""

    __slots__ = ("_left", "_loop", "_timer", "_transport")

    def __init__(self, loop: asyncio.AbstractEventLoop, transport: asyncio.Transport) -> None:
        self._loop = loop
        self._transport = transport
        self._timer: asyncio.TimerHandle | None = None
        self._left = 0

    def watch(self) -> None:
        """Called whenever nothing more will be written until what is there has gone."""
        size = self._transport.get_write_buffer_size()
        if size and self._timer is None:
            self._wait(size)

    def stop(self) -> None:
        """Nobody waits any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _reset(self) -> None:
        """Without lingering the system lets go of what it holds, too."""
        connection = self._transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NOT_AT_ALL)
        self._transport.abort()

    def _wait(self, size: int) -> None:
        self._left = size
        self._timer = self._loop.call_later(INTERVAL, self._look)

    def _look(self) -> None:
        self._timer = None
        size = self._transport.get_write_buffer_size()
        if size > max(0, self._left - LEAST):
            self._reset()
        elif size:
            self._wait(size)
