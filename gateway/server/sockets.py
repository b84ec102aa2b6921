"""Listening sockets, bound before anything else starts, so that a busy port is a clear error."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from typing import NamedTuple

from gateway.runtime.plan import ServerSettings

BACKLOG = 2048
"""Connections that may wait to be accepted."""


class CannotListen(Exception):
    """An address can't be listened on; the message says why and what to do."""


class Listeners(NamedTuple):
    """The public socket and the operators'."""

    public: socket.socket
    admin: socket.socket

    def close(self) -> None:
        """Closes both."""
        self.public.close()
        self.admin.close()


def listen(settings: ServerSettings, *, warn: Callable[[str], None]) -> Listeners:
    """Both sockets, listening. Raises `CannotListen`.

    A busy default port of the operators' listener is a warning, and a free one is taken.
    """
    public = _bound(settings.host, settings.port, "server.port")
    try:
        return Listeners(public, listen_admin(settings, warn))
    except CannotListen:
        public.close()
        raise


def address(listening: socket.socket) -> str:
    """Host and port as they stand in a URL."""
    host, port = listening.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def listen_admin(settings: ServerSettings, warn: Callable[[str], None]) -> socket.socket:
    """The operators' socket alone, for who has a public one already."""
    try:
        return _bound(settings.admin_host, settings.admin_port, "server.admin")
    except CannotListen as busy:
        if not settings.admin_is_default:
            raise
        free = _bound(settings.admin_host, 0, "server.admin")
        warn(f"{busy} The operators' listener is at {address(free)}.")
        return free


def _bound(host: str, port: int, key: str) -> socket.socket:
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (OSError, UnicodeError):  # a name with an empty label
        raise CannotListen(f"{host}: there is no such address here; set `{key}`.") from None
    # The protocol is named: without it asyncio leaves TCP_NODELAY off, and small answers wait 40 ms.
    listening = socket.socket(family, kind, protocol or socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(where)
        listening.listen(BACKLOG)
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        raise CannotListen(_reason(host, port, key, error)) from None
    return listening


def _reason(host: str, port: int, key: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"{host}:{port} is in use by another program; set `{key}` to a free port."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"{host}:{port} needs rights that this user does not have; set `{key}` to 1024 or more."
    return f"{host}:{port} can't be listened on ({os.strerror(error.errno or 0)}); set `{key}`."
