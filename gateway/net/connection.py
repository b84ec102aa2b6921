"""One HTTP/1.1 connection: sends a request, settles its answer, tells whether it can carry another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from gateway.net.answer import AnswerParser
from gateway.sdk import BackendFailure, BadResponse, HttpRequest, HttpResponse, Unavailable

Outcome = HttpResponse | BackendFailure


class Connection(asyncio.Protocol):
    """Carries one exchange at a time.

    `serving` is the future of the exchange in progress: it gets an `HttpResponse` or a `BackendFailure` as its result (not as its
    exception: a failure that nobody waits for any more is nothing to complain about). `answered` tells whether a byte of the
    answer arrived, `address` where it leads. `on_free` is called when the connection can carry another exchange, `on_lost` once, when it
    is gone.
    """

    __slots__ = ("_answer", "_on_free", "_on_lost", "_retired", "_transport", "address", "answered", "idle_since", "serving")

    def __init__(self, on_free: Callable[[Connection], None], on_lost: Callable[[Connection], None]) -> None:
        self._on_free = on_free
        self._on_lost = on_lost
        self._answer = AnswerParser()
        self.serving: asyncio.Future[Outcome | None] | None = None
        self._retired = False
        self.address = ""
        self.answered = False
        self.idle_since = 0.0

    @property
    def usable(self) -> bool:
        return not self._transport.is_closing()

    def start(self, request: HttpRequest, head: bytes, outcome: asyncio.Future[Outcome | None]) -> None:
        """Sends a request; `outcome` will be resolved."""
        self.serving = outcome
        self.answered = False
        self._answer.expect(request.max_body, no_body=request.method == "HEAD")
        if request.body:
            self._transport.writelines((head, request.body))
        else:
            self._transport.write(head)

    def abort(self) -> None:
        """Ends the connection at once, and with it the exchange in progress, without resolving it."""
        self.serving = None
        self._transport.abort()

    def retire(self) -> None:
        """Ends the connection now where it is idle, else behind the exchange in progress."""
        self._retired = True
        if self.serving is None:
            self.abort()

    def fail(self, failure: BackendFailure) -> None:
        """Ends the connection, and the exchange in progress with `failure`."""
        serving = self.serving
        self.abort()
        if serving is not None and not serving.done():
            serving.set_result(failure)

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self.serving is None:
            self.abort()  # nobody asked
            return
        self.answered = True
        try:
            if self._answer.feed(data):
                self._settle(self.serving)
        except BadResponse as failure:
            self.fail(failure)

    def eof_received(self) -> None:
        if self.serving is not None:
            self._settle_at_end(self.serving)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.serving is not None:
            if exc is None:
                self._settle_at_end(self.serving)
            else:
                self.fail(Unavailable("A backend broke the connection off."))
        self._on_lost(self)

    def _settle(self, serving: asyncio.Future[Outcome | None]) -> None:
        response = self._answer.response()
        self.serving = None
        transport = self._transport
        if self._answer.reusable and not self._retired and not transport.is_closing() and not transport.get_write_buffer_size():
            self._on_free(self)
        else:
            transport.abort()
        if not serving.done():
            serving.set_result(response)

    def _settle_at_end(self, serving: asyncio.Future[Outcome | None]) -> None:
        if not self.answered:
            self.fail(Unavailable("A backend closed the connection without an answer."))
            return
        try:
            self._answer.end()
            self._settle(serving)
        except BadResponse as failure:
            self.fail(failure)
