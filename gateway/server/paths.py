"""One reading of a request's path, before anything looks at it: router, policies and backends see the same segments.

Dot segments are resolved and encoded slashes are slashes, as a proxy on the way might have read them (RFC 3986 §5.2.4, §6.2.2).
What different readers understand differently is refused: empty segments, backslashes, `;` however it is written, control characters, bad
encoding, a way out of the root.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from gateway.sdk import Malformed
from gateway.server.refusals import UriTooLong

PLAIN = re.compile(rb"/|(?:/[A-Za-z0-9_~!$&'()*+,=:@-][A-Za-z0-9._~!$&'()*+,=:@-]*)+/?")
ENCODED = re.compile(rb"(?:[\x21-\x24\x26-\x3a\x3c-\x5b\x5d-\x7e]|%[0-9A-Fa-f]{2})+")
LONGEST = 4096
FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\\;]")

Segments = tuple[str, ...]


def segments_of(raw_path: bytes) -> Segments:
    """The decoded segments behind the first slash; the last is empty where the path ends with a slash. Raises `Malformed`, `UriTooLong`."""
    if len(raw_path) > LONGEST:
        raise UriTooLong
    if PLAIN.fullmatch(raw_path):
        return tuple(raw_path[1:].decode("ascii").split("/"))
    if not raw_path.startswith(b"/") or not ENCODED.fullmatch(raw_path):
        raise Malformed("The path is not valid.")
    try:
        path = unquote_to_bytes(raw_path).decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("The path is not UTF-8.") from None
    if FORBIDDEN.search(path):
        raise Malformed("The path holds a character that is not allowed there.")
    segments = path[1:].split("/")
    if "" in segments[:-1]:
        raise Malformed("The path holds an empty segment.")
    return _resolve(segments)


def joined(segments: Segments) -> str:
    """The path as text."""
    return "/" + "/".join(segments)


def _resolve(segments: list[str]) -> Segments:
    resolved: list[str] = []
    for segment in segments:
        if segment == "..":
            if not resolved:
                raise Malformed("The path leads out of its root.")
            resolved.pop()
        elif segment != ".":
            resolved.append(segment)
    if segments[-1] in (".", ".."):
        resolved.append("")
    return tuple(resolved)
