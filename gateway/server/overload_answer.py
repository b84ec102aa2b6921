"""The answer to a request that is given up before anything was done for it: written once, but for its id."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from gateway.policies.admit import refusal
from gateway.policies.trace import Drawer, request_id
from gateway.server.cors import Headers
from gateway.server.problems import problem

HELD = "0" * 26
"""Stands for the id of a request, which is as long."""

CLOSE = b"connection: close\r\n"


class OverloadAnswer:
    """A problem `overloaded` as bytes, with `headers` besides those of every problem."""

    def __init__(self, headers: Headers = ()) -> None:
        outgoing = problem(refusal(), HELD)
        head = b"".join([STATUS_LINE[outgoing.status], *_lines(outgoing.all_headers()), *_lines(headers)])
        self._head = tuple(head.split(HELD.encode()))
        self._body = tuple(outgoing.body.split(HELD.encode()))
        self._draw = Drawer().draw

    def written(self, *, keep_alive: bool, bodiless: bool, more: Headers = ()) -> bytes:
        """All of it. `bodiless` is for HEAD; `more` are headers that depend on the request."""
        id_ = request_id(None, datetime.now(UTC), self._draw).encode()
        head = id_.join(self._head)
        rest = b"".join([*_lines(more), b"" if keep_alive else CLOSE, b"\r\n"])
        return head + rest if bodiless else head + rest + id_.join(self._body)


def _lines(headers: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
    return [b"%s: %s\r\n" % header for header in headers]
