"""Parses the answers that arrive on one connection (RFC 9112), on top of httptools, under limits."""

from __future__ import annotations

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from gateway.net.body import TOO_LONG, Body, body_for
from gateway.net.fields import MAX_BYTES, fold, size_of, unpacked
from gateway.sdk import BadResponse, HttpResponse

MAX_INTERIM = 20
"""Most 1xx answers before the answer."""
BODILESS = frozenset({204, 304})


class Surplus(Exception):
    """Something follows an answer that is complete."""


class AnswerParser:
    """Reads one answer after the other.

    `expect` before each request; `feed` with what arrives until it gives True; then `response`. `reusable` tells whether the
    connection can carry another exchange. After a BadResponse, or where it isn't reusable, the parser is used up.
    """

    __slots__ = ("_body", "_complete", "_fields", "_interim", "_limit", "_lines", "_no_body", "_parser", "_quiet", "_status", "reusable")

    def __init__(self) -> None:
        self._parser = HttpResponseParser(self)
        self.expect(0, no_body=False)

    def expect(self, limit: int, *, no_body: bool) -> None:
        """Gets ready for an answer of at most `limit` bytes; `no_body` for an answer to HEAD."""
        self._limit = limit
        self._no_body = no_body
        self._lines: list[tuple[bytes, bytes]] = []
        self._fields: dict[str, str] = {}
        self._body: Body | None = None
        self._status = 0
        self._interim = 0
        self._quiet = 0
        self._complete = False
        self.reusable = True

    def feed(self, data: bytes) -> bool:
        """Takes what arrived; True once the answer is complete. Raises BadResponse."""
        self._quiet += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as fault:
            self.reusable = False
            if not self._complete:
                cause = fault.__context__
                raise cause if isinstance(cause, BadResponse) else BadResponse("A backend's answer is not HTTP.") from fault
        if self._quiet > MAX_BYTES and not self._complete:
            raise BadResponse("A backend's answer has too large a head or trailer.")
        return self._complete

    def end(self) -> None:
        """The connection ended. Completes an answer that lasts until then; raises BadResponse for any other."""
        if self._body is None or "content-length" in self._fields or "transfer-encoding" in self._fields:
            raise BadResponse("A backend's answer was cut short.")

    def response(self) -> HttpResponse:
        """The complete answer. Raises BadResponse where its packing is not complete."""
        if self._body is None:
            return HttpResponse(self._status, self._fields, b"")
        return HttpResponse(self._status, unpacked(self._fields), self._body.finish())

    # What httptools calls. An exception stops it and comes out of feed_data as the context of its own.

    def on_message_begin(self) -> None:
        if self._complete:
            raise Surplus

    def on_header(self, name: bytes, value: bytes) -> None:
        self._lines.append((name, value))

    def on_headers_complete(self) -> None:
        if self._quiet > MAX_BYTES and size_of(self._lines) > MAX_BYTES:
            raise BadResponse("A backend's answer has too large a head or trailer.")
        self._quiet = 0
        self._status = self._parser.get_status_code()
        if self._status < 200:
            self._check_interim()
            return
        self._fields = fold(self._lines)
        self.reusable = self._parser.should_keep_alive()
        if self._fields.get("transfer-encoding", "chunked").lower() != "chunked":
            raise BadResponse("A backend's answer has a transfer coding that was not asked for.")
        if self._no_body:
            self._complete = True
            raise Surplus  # the parser can't know that no body follows
        if self._status not in BODILESS:
            self._body = body_for(self._fields, self._limit)

    def _check_interim(self) -> None:
        self._interim += 1
        if self._status <= 101 and self._status != 100:
            raise BadResponse("A backend's answer is no answer to what was asked.")
        if self._interim > MAX_INTERIM:
            raise BadResponse(TOO_LONG)
        self._lines = []

    def on_body(self, data: bytes) -> None:
        self._quiet = 0
        if self._body is not None:
            self._body.feed(data)

    def on_message_complete(self) -> None:
        self._complete = self._status >= 200
