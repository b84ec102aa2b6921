"""uvicorn's HTTP/1.1 protocol with limits on what comes before the application sees anything.

uvicorn waits for ever for the head of a request, and takes one of any size.
"""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from gateway.policies.trace import request_id
from gateway.sdk import GatewayError, Malformed
from gateway.server.problems import problem
from gateway.server.refusals import HeadTooLarge, TooSlow
from gateway.server.request_head import MOST_BYTES

ABSOLUTE = re.compile(rb"https?://([^/?#]*)", re.IGNORECASE)
"""A request's target in absolute form, and what it says of the host."""

PATIENCE = 10.0
"""Seconds from the first byte of a request (or from connecting) until its head is complete."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection. A head that is late, too large or no HTTP is answered with a problem, and the connection is closed."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._complete = 0
        self._head_bytes = 0
        self._in_head = True
        self._late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The clock runs from here: a client that connects has something to say."""
        super().connection_made(transport)
        self._start_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called once, at the end."""
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes that belong to an incomplete head and nothing else are counted; one read may go over the limit, a second may not."""
        complete = self._complete
        super().data_received(data)
        if self._in_head and self._complete == complete and not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > MOST_BYTES:
                self._refuse(HeadTooLarge())

    def on_message_begin(self) -> None:
        """A parser's callback: the first byte of a request."""
        self._start_clock()
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A parser's callback. Fields behind a chunked body are no headers: nobody on the way looked at them (RFC 9110 §6.5.1)."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """A parser's callback: the head is there."""
        self._in_head = False
        self._stop_clock()
        if not self.url.startswith(b"/"):
            self._take_host_of_target()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """A parser's callback: what comes next is the head of another request."""
        self._in_head = True
        self._head_bytes = 0
        self._complete += 1
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Called by uvicorn for what is no HTTP."""
        self._refuse(Malformed(msg))

    def _take_host_of_target(self) -> None:
        """A target in absolute form tells the host, and the header doesn't count (RFC 9112 §3.2.2): who routed by one and whoever reads
        the other would take the request for different ones. Several headers are left to be refused."""
        target = ABSOLUTE.match(self.url)
        places = [index for index, (name, _) in enumerate(self.headers) if name == b"host"]
        if target is not None and len(places) == 1:
            self.headers[places[0]] = (b"host", target[1])

    def _start_clock(self) -> None:
        if self._late is None:
            self._late = self.loop.call_later(PATIENCE, self._refuse, TooSlow())

    def _stop_clock(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _refuse(self, error: GatewayError) -> None:
        self._stop_clock()
        if self.transport.is_closing():
            return
        outgoing = problem(error, request_id(None, datetime.now(UTC)))
        lines = [b"%s: %s\r\n" % header for header in outgoing.all_headers() if header[0] != b"connection"]
        self.transport.write(b"".join([STATUS_LINE[outgoing.status], *lines, b"connection: close\r\n\r\n", outgoing.body]))
        self.transport.close()
