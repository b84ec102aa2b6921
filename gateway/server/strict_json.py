"""JSON without surprises (RFC 8259, I-JSON of RFC 7493): UTF-8, no duplicate members, no NaN, bounded depth and size.

msgspec refuses what isn't JSON, numbers out of range and lone surrogates, but takes the last of two members of one name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import compress
from typing import Any

import msgspec

from gateway.sdk import Malformed

DEEPEST = 64
"""Objects and lists inside each other."""

MOST_CONTAINERS = 50_000
"""Objects and lists in one body: going through them must not hold up the event loop."""

_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"')
_CONTAINERS = frozenset({dict, list})
_decode = msgspec.json.Decoder().decode


def strict_json(body: bytes) -> Any:
    """Decodes a body. Raises `Malformed`."""
    if body.count(b"{") + body.count(b"[") > MOST_CONTAINERS:
        raise Malformed("The body holds too many objects and lists.")
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
    if body.count(b":") != members and _STRING.sub(b"", body).count(b":") != members:
        raise Malformed("The body names a member twice.")
    return value


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
