"""TLS of the public listener, whose files may change while it serves: new connections get what is there now."""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import Any

from gateway.runtime.listener_tls import ListenerFiles, UnusableTls, listener_context

INTERVAL = 5.0
"""Seconds between two looks at the files."""

Stamp = tuple[tuple[int, int, int] | None, ...]


class LiveContext(ssl.SSLContext):
    """Stands for the newest context: asyncio and uvloop ask it once for each connection."""

    newest: ssl.SSLContext

    def wrap_bio(self, *arguments: Any, **options: Any) -> ssl.SSLObject:
        """Called for each new connection."""
        return self.newest.wrap_bio(*arguments, **options)


class ListenerTls:
    """Raises `UnusableTls` where the files can't be used from the beginning."""

    def __init__(self, files: ListenerFiles) -> None:
        self._files = files
        self._seen = self._stamp()
        self._logger = logging.getLogger("gateway.tls")
        self.context = LiveContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.newest = listener_context(files)

    async def watch(self) -> None:
        """Looks at the files until it is cancelled."""
        while True:
            await asyncio.sleep(INTERVAL)
            await self.look()

    async def look(self) -> None:
        """Takes over files that have changed. What can't be used is told once, and the last good ones stay."""
        stamp = await asyncio.to_thread(self._stamp)
        if stamp == self._seen:
            return
        self._seen = stamp
        fault = await asyncio.to_thread(self._renew)
        if fault is not None:
            self._logger.error("`server.tls.%s`: %s; the last certificate stays in use", fault.member, fault)
        else:
            self._logger.info("`server.tls`: new connections get the files as they are now")

    def _renew(self) -> UnusableTls | None:
        try:
            self.context.newest = listener_context(self._files)
        except UnusableTls as fault:
            return fault
        return None

    def _stamp(self) -> Stamp:
        """When each was written; a directory that is swapped for another shows by the file's number."""
        stamps: list[tuple[int, int, int] | None] = []
        for path in self._files.paths:
            try:
                found = path.stat()
            except OSError:
                stamps.append(None)
            else:
                stamps.append((found.st_ino, found.st_mtime_ns, found.st_size))
        return tuple(stamps)
