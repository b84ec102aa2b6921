"""JSON without surprises (RFC 8259, I-JSON of RFC 7493): UTF-8, no duplicate members, no NaN, bounded depth and size.

msgspec refuses what isn't JSON, numbers out of range and lone surrogates, but takes the last of two members of one name. It holds
the interpreter while it reads, so a thread would help nobody: what holds more than is read in an instant is refused beforehand.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import compress
from typing import Any

import msgspec

from gateway.sdk import Malformed

DEEPEST = 64
"""Objects and lists inside each other."""

MOST_CONTAINERS = 50_000
"""Objects and lists in one body: going through them must not hold up the event loop."""

LARGE = 256 * 1024
"""Bytes up to which nothing that a body may hold takes long to read."""

MOST_VALUES = 200_000
MOST_STRINGS = 100_000
"""Members' names among them. Texts may be as long as the body: reading one costs a hundredth of reading as many bytes of short ones."""

MOST_DIGITS = 320
"""Digits in a row of a number in a large body: reading them takes the square of their count."""

_CONTAINERS = frozenset({dict, list})
_DIGITS = bytes(ord("0") if chr(code) in "0123456789" else ord(" ") for code in range(256))
_TOO_MANY_DIGITS = b"0" * (MOST_DIGITS + 1)
_decode = msgspec.json.Decoder().decode


def strict_json(body: bytes) -> Any:
    """Decodes a body. Raises `Malformed`."""
    if body.count(b"{") + body.count(b"[") > MOST_CONTAINERS:
        raise Malformed("The body holds too many objects and lists.")
    outside = _bounded(body) if len(body) > LARGE else None
    try:
        value = _decode(body)
    except UnicodeDecodeError:
        raise Malformed("The body is not UTF-8.") from None
    except RecursionError:
        raise Malformed("The body nests too deeply.") from None
    except msgspec.DecodeError:
        raise Malformed("The body is not valid JSON.") from None
    members = _count_members(value)
    # Outside of strings each colon belongs to one member: members that got lost had a twin.
    if body.count(b":") != members and _colons(body, outside) != members:
        raise Malformed("The body names a member twice.")
    return value


def strings_apart(body: bytes) -> list[bytes]:
    """What stands between the quotes of a JSON text: outside of strings at the even places, strings without their escapes at the odd."""
    if b"\\" in body:
        body = body.replace(rb"\\", b"").replace(rb"\"", b"")
    return body.split(b'"', 2 * MOST_STRINGS + 1)


def outside_of(pieces: list[bytes]) -> bytes:
    """All that is no string."""
    return b"".join(pieces[::2])


def _bounded(body: bytes) -> bytes:
    """What stands outside of strings. Raises `Malformed` for more than is read in an instant."""
    pieces = strings_apart(body)
    outside = outside_of(pieces)
    if len(pieces) > 2 * MOST_STRINGS + 1 or outside.count(b",") > MOST_VALUES:
        raise Malformed("The body holds too many values.")
    if _TOO_MANY_DIGITS in outside.translate(_DIGITS):
        raise Malformed("The body holds a number that is too long.")
    return outside


def _colons(body: bytes, outside: bytes | None) -> int:
    return (outside_of(strings_apart(body)) if outside is None else outside).count(b":")


def _count_members(value: Any) -> int:
    """All members of all objects. Raises `Malformed` where they nest too deeply."""
    members = 0
    level = [value]
    for _ in range(DEEPEST):
        inner: list[Any] = []
        for container in level:
            if type(container) is dict:
                members += len(container)
                inner += _containers(container.values())
            elif type(container) is list:
                inner += _containers(container)
        if not inner:
            return members
        level = inner
    raise Malformed("The body nests too deeply.")


def _containers(values: Collection[Any]) -> Iterator[Any]:
    """The objects and lists among `values`, found without a step of Python for each."""
    return compress(values, map(_CONTAINERS.__contains__, map(type, values)))
