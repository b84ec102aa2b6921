"""`GET /v2/shipments/{tracking_no}`: a method and a path with places for arguments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec

from gateway.sdk import InvalidRequest
from gateway.sources.wire_text import check_segments, path_value, percent_encoded, query_pairs

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that only read (RFC 9110 §9.2.1)."""

_PLACE = re.compile(r"\{([^{}]*)\}")
_COLON_PLACE = re.compile(r"(?<=/):([A-Za-z_][A-Za-z0-9_]*)(?=/|$)")
_PLACE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_LITERAL_SAFE = "/%:@!$&'()*+,;="
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class RequestLineFault(ValueError):
    """What is wrong with a request line, and how to mend it."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class RequestLine(msgspec.Struct, frozen=True):
    """A method and a path in pieces: literal text (already encoded) and names of arguments in turn, beginning and ending with text."""

    method: str
    pieces: tuple[str, ...]
    query: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The arguments that the path needs."""
        return self.pieces[1::2]

    def path(self, arguments: Mapping[str, Any]) -> str:
        """The encoded path; raises `InvalidRequest` for an argument that can't be part of one."""
        pieces = self.pieces
        if len(pieces) == 1:
            return pieces[0]
        path = pieces[0]
        for index in range(1, len(pieces), 2):
            path += path_value(pieces[index], arguments.get(pieces[index])) + pieces[index + 1]
        return path


def parse_request_line(text: str) -> RequestLine:
    """Raises `RequestLineFault`."""
    method, _, rest = text.strip().partition(" ")
    target = rest.strip()
    if method not in METHODS:
        hint = f"write one of {', '.join(METHODS)} and a path, as `GET /orders/{{id}}`"
        raise RequestLineFault(f"`{method}` is not a method that can be sent", hint)
    if not target.startswith("/") or target.startswith("//"):
        raise RequestLineFault("the path must start with one `/`; scheme and host are in `servers`")
    if "#" in target or not target.isprintable():
        raise RequestLineFault("a path holds no `#` and no control characters")
    path, _, query = target.partition("?")
    colon = _COLON_PLACE.search(path)
    if colon is not None:
        raise RequestLineFault(f"`{colon[0]}` is not a place for an argument", f"write `{{{colon[1]}}}`")
    return RequestLine(method, parse_path(path), _literal_query(query))


def parse_path(path: str) -> tuple[str, ...]:
    """The pieces of a path template; raises `RequestLineFault`."""
    pieces = _PLACE.split(path)
    for literal in pieces[0::2]:
        if "{" in literal or "}" in literal:
            raise RequestLineFault("a brace in the path has no partner", "a place for an argument is written `{name}`")
        if _BROKEN_ESCAPE.search(literal):
            raise RequestLineFault("`%` in the path must begin an escape such as `%20`")
    names = pieces[1::2]
    for name in names:
        if not _PLACE_NAME.fullmatch(name):
            raise RequestLineFault(f"`{{{name}}}` is not a place for an argument", "a place for an argument is written `{name}`")
    if len(set(names)) != len(names):
        raise RequestLineFault("an argument is named twice in the path")
    _refuse_dot_segments(path)
    return tuple(piece if index % 2 else percent_encoded(piece, _LITERAL_SAFE) for index, piece in enumerate(pieces))


def _refuse_dot_segments(path: str) -> None:
    try:
        check_segments("path", unquote(path))
    except InvalidRequest as fault:
        raise RequestLineFault("the path must not hold the segments `.` and `..`") from fault


def _literal_query(query: str) -> tuple[str, ...]:
    if "{" in query:
        raise RequestLineFault("arguments can't be placed behind `?`", "write them under `query:`")
    return tuple(pair for name, value in parse_qsl(query, keep_blank_values=True) for pair in query_pairs(name, value))
