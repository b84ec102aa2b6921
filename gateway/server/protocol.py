"""uvicorn's HTTP/1.1 protocol with limits on what comes before the application sees anything, and on what nobody reads.

uvicorn waits for ever for the head of a request, takes one of any size, and holds answers for who never reads them.
"""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from gateway.policies.trace import request_id
from gateway.sdk import GatewayError, Malformed
from gateway.server.arrival import Arrival
from gateway.server.client_tls import tls_extension
from gateway.server.departure import Departure
from gateway.server.front import Front
from gateway.server.problems import problem
from gateway.server.refusals import HeadTooLarge, TooSlow, UriTooLong
from gateway.server.request_head import LONGEST_LINE, MOST_BYTES, MOST_HEADERS
from gateway.server.visit import HttpVisit

ABSOLUTE = re.compile(rb"https?://([^/?#]*)", re.IGNORECASE)
"""A request's target in absolute form, and what it says of the host."""

MOST_AHEAD = 32
"""Requests that may wait behind one that is being answered."""

MOST_UNREAD = 1 << 20
"""Bytes of a body that may come after its request was answered; more ends the connection."""


def new_parser(protocol: HttpToolsProtocol) -> HttpRequestParser:
    """As uvicorn makes it: what comes behind the last request of a connection is left alone."""
    parser = HttpRequestParser(protocol)
    parser.set_dangerous_leniencies(lenient_data_after_close=True)
    return parser


class Stage(Enum):
    """What comes next."""

    NOTHING = 0
    HEAD = 1
    BODY = 2


class BoundedProtocol(HttpToolsProtocol):
    """One connection. What is late, too large or no HTTP is answered with a problem, and the connection is closed."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._stage = Stage.NOTHING
        self._complete = 0
        self._fruitless = 0
        self._gained = False
        self._unread = 0
        self._fault: GatewayError | None = None
        self._refusal: GatewayError | None = None
        self._arrival = Arrival(self.loop, late=self._late, held=lambda: self.flow.read_paused)
        self._departure: Departure | None = None
        self._running: RequestResponseCycle | None = None
        self._last = False
        self._extensions: dict[str, Any] | None = None
        self._front: Front | None = getattr(self.app, "front", None)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The clock runs from here: a client that connects has something to say."""
        super().connection_made(transport)
        self._departure = Departure(self.loop, transport)
        self._extensions = tls_extension(transport)
        self._arrival.wait_for((Stage.HEAD, 0))

    def connection_lost(self, exc: Exception | None) -> None:
        """Called once, at the end."""
        self._arrival.stop()
        if self._departure is not None:
            self._departure.stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes that bring nothing (no whole head, no body) are counted; one read may go over the limit, a second may not."""
        if self._refusal is not None:
            return
        complete = self._complete
        self._gained = False
        self._unset_keepalive_if_required()
        self._feed(data)
        if self.transport.is_closing() or self._refusal is not None:
            return
        self._fruitless = 0 if self._gained else self._fruitless + len(data)
        if self._fruitless > MOST_BYTES:
            self._refuse(HeadTooLarge())
        elif self._stage is Stage.BODY:
            self._arrival.wait_for((Stage.BODY, self._complete))
        elif self._stage is Stage.NOTHING and self._complete != complete:
            self._arrival.stop()
            self._wait_for_next()
        else:
            self._arrival.wait_for((Stage.HEAD, self._complete))

    def _feed(self, data: bytes) -> None:
        """Parses what has come; nothing of it is lost where a request asks for another protocol."""
        while data:
            try:
                self.parser.feed_data(data)
            except HttpParserUpgrade as upgrade:
                if self._should_upgrade():
                    self.handle_websocket_upgrade()
                    return
                data = self._without_upgrade() + data[upgrade.args[0] :]
                self.parser = new_parser(self)
            except HttpParserError:
                self.send_400_response("The request is no HTTP/1.1.")
                return
            else:
                return

    def _without_upgrade(self) -> bytes:
        """The head of the request without the wish that nobody here fulfils, which is no fault (RFC 9110 §7.8). The parser takes what
        follows such a head for another protocol's, and would read a body as the next request."""
        lines = [b"%s: %s\r\n" % (name, value) for name, value in self.headers if name != b"upgrade"]
        return b"%s %s HTTP/%s\r\n%s\r\n" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode(), b"".join(lines))

    def on_message_begin(self) -> None:
        """A parser's callback: the first byte of a request."""
        self._stage = Stage.HEAD
        super().on_message_begin()
        if self._extensions is not None:
            self.scope["extensions"] = self._extensions

    def on_url(self, url: bytes) -> None:
        """A parser's callback: the target, or a part of it."""
        super().on_url(url)
        if len(self.url) > LONGEST_LINE:
            self._stop(UriTooLong())

    def on_header(self, name: bytes, value: bytes) -> None:
        """A parser's callback. Fields behind a chunked body are no headers: nobody on the way looked at them (RFC 9110 §6.5.1)."""
        if self._stage is Stage.HEAD:
            if len(self.headers) >= MOST_HEADERS:
                self._stop(HeadTooLarge())
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """A parser's callback: the head is there."""
        self._gained = True
        self._unread = 0
        if self.parser.get_method() == b"CONNECT":
            self._stop(Malformed("This is no proxy."))
        if self.parser.should_upgrade() and not self._should_upgrade():
            return
        if len(self.pipeline) >= MOST_AHEAD:
            self._stop(Malformed("Too many requests were sent before the first was answered."))
        if not self.url.startswith(b"/"):
            self._take_host_of_target()
        super().on_headers_complete()
        if self._last:
            self.cycle.keep_alive = False
        self._stage = Stage.BODY

    def on_body(self, body: bytes) -> None:
        """A parser's callback: a piece of a body."""
        self._gained = True
        self._arrival.received(len(body))
        super().on_body(body)
        if self.cycle.response_complete:
            self._unread += len(body)
            if self._unread > MOST_UNREAD:
                self._end()

    def on_message_complete(self) -> None:
        """A parser's callback: what comes next is the head of another request."""
        if self.parser.should_upgrade() and not self._should_upgrade():
            return
        self._stage = Stage.NOTHING
        self._gained = True
        self._complete += 1
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Called by uvicorn when an answer has been written."""
        super().on_response_complete()
        self._watch_departure()
        if self._refusal is not None and not self._answering():
            self._tell(self._refusal)

    def pause_writing(self) -> None:
        """Called by the transport when there is much to send."""
        super().pause_writing()
        self._watch_departure()

    def resume_writing(self) -> None:
        """Called by the transport when most of it has gone."""
        if self._departure is not None:
            self._departure.stop()
        super().resume_writing()
        if not self._answering():
            self._watch_departure()

    def send_400_response(self, msg: str) -> None:
        """Called by uvicorn for what is no HTTP, and for what a callback refused."""
        self._refuse(self._fault or Malformed(msg))

    def last_answer(self) -> None:
        """Called when the process is to end: the answer to the newest request, or to the next one, ends the connection."""
        self._last = True
        if self.cycle is not None:
            self.cycle.keep_alive = False

    @property
    def leaving(self) -> bool:
        """Whether its next answer is the last one."""
        return self._last

    def idle(self, *, silent: bool) -> bool:
        """Whether no request is under way, and no part of one is here; without `silent` one must have been answered before."""
        return self._stage is Stage.NOTHING and not self._answering() and (silent or self._complete > 0)

    def give_up(self, error: GatewayError) -> None:
        """Called at the very end: who still waits for an answer is told that none will come."""
        self.pipeline.clear()
        running = self._running
        if running is None or running.response_complete:
            self._end()
            return
        running.disconnected = True
        running.message_event.set()
        if running.response_started:
            self._end()
        else:
            self._tell(error)

    def _take_host_of_target(self) -> None:
        """A target in absolute form tells the host, and the header doesn't count (RFC 9112 §3.2.2): who routed by one and whoever reads
        the other would take the request for different ones. Several headers are left to be refused."""
        target = ABSOLUTE.match(self.url)
        places = [index for index, (name, _) in enumerate(self.headers) if name == b"host"]
        if target is not None and len(places) == 1:
            self.headers[places[0]] = (b"host", target[1])

    def _stop(self, fault: GatewayError) -> None:
        """Ends a parser's callback, and the parsing."""
        self._fault = fault
        raise fault

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Called by uvicorn when the head of a request is there, and nothing before it is still to be answered."""
        self._running = cycle
        if self._front is None:
            super()._start_asgi_task(cycle, app)
        elif self._front.admission.at_once(self.loop):
            self._begin(cycle)
        else:
            self._front.admission.wait(HttpVisit(cycle, self._begin, self._front.answer), self.loop)

    def _begin(self, cycle: RequestResponseCycle) -> None:
        super()._start_asgi_task(cycle, self._serve)

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await self.app(scope, receive, send)
        finally:
            if self._front is not None:
                self._front.admission.left(self.loop)

    def _answering(self) -> bool:
        return bool(self.pipeline) or (self._running is not None and not self._running.response_complete)

    def _late(self) -> None:
        """The application tells a late body of its own; one that it doesn't read is nobody's, and ends with the answer."""
        if self._stage is not Stage.BODY:
            self._refuse(TooSlow())
        elif self._answering():
            self.cycle.keep_alive = False
        else:
            self._end()

    def _refuse(self, error: GatewayError) -> None:
        """No more is read. Requests that came before are answered first; the one whose body breaks off is not."""
        self._arrival.stop()
        if self.transport.is_closing():
            return
        if self._stage is Stage.BODY and self._running is self.cycle:
            self._break_off(error)
        elif self._answering():
            if self._stage is Stage.BODY:
                self.pipeline.popleft()
            self._refusal = error
        else:
            self._tell(error)

    def _break_off(self, error: GatewayError) -> None:
        """The body of the request that is being answered is no HTTP, or too slow."""
        cycle = self.cycle
        cycle.disconnected = True
        cycle.message_event.set()
        if cycle.response_started:
            self._end()
        else:
            self._tell(error)

    def _tell(self, error: GatewayError) -> None:
        outgoing = problem(error, request_id(None, datetime.now(UTC)))
        lines = [b"%s: %s\r\n" % header for header in outgoing.all_headers() if header[0] != b"connection"]
        self.transport.write(b"".join([STATUS_LINE[outgoing.status], *lines, b"connection: close\r\n\r\n", outgoing.body]))
        self._end()

    def _end(self) -> None:
        """Closes, once what is written has been read or given up."""
        self.transport.close()
        self._watch_departure()

    def _watch_departure(self) -> None:
        if self._departure is not None:
            self._departure.watch()

    def _wait_for_next(self) -> None:
        """uvicorn forgets its own clock where the rest of a body comes after the answer."""
        if not self._answering() and self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)
