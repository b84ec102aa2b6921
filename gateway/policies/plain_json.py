"""JSON of others on which decisions rest: UTF-8, no duplicate members, no NaN, bounded depth (RFC 8259, RFC 8725 §2.4)."""

from __future__ import annotations

import json
from typing import Any

import msgspec

DEEPEST = 32
"""Objects and lists inside each other."""


class NotPlain(Exception):
    """The text is no JSON object, or could be read in two ways. Its text says why and holds nothing of it."""


def plain_object(text: bytes) -> dict[str, Any]:
    """Decodes an object. Raises `NotPlain`.

    msgspec refuses what isn't JSON, lone surrogates and numbers out of range, but takes the last of two members of one name: the
    second reading only looks for those. Meant for texts of a few KiB.
    """
    try:
        value = msgspec.json.decode(text)
        json.loads(text.decode("utf-8"), object_pairs_hook=_without_twins)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise NotPlain("not valid JSON") from None
    if not isinstance(value, dict):
        raise NotPlain("not a JSON object")
    if _deeper(value, DEEPEST):
        raise NotPlain("nests too deeply")
    return value


def _without_twins(members: list[tuple[str, Any]]) -> None:
    names = {name for name, _ in members}
    if len(names) != len(members):
        raise NotPlain("names a member twice")


def _deeper(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_deeper(item, levels - 1) for item in inner)
