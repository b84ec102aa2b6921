"""One audit record as text: JSON in ASCII, its members in order of name, so that equal records are equal texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

LONGEST_TEXT = 200
MOST_ITEMS = 100
LARGEST = (1 << 63) - 1


class Entry(msgspec.Struct, frozen=True):
    """A record that waits to be written; `settle`, where somebody waits for it, is told whether it is durable."""

    time: datetime
    record: Mapping[str, Any]
    settle: Callable[[bool], None] | None = None


def stamp(time: datetime) -> str:
    """UTC with microseconds and always as long, so that order of text is order of time."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def write(entry: Entry, identity: str) -> str:
    """The text of a record; `identity` makes it unlike every other. Long texts and lists are cut, what is no plain value is left out."""
    record = {"id": identity, "time": stamp(entry.time), **{name: _plain(value) for name, value in entry.record.items()}}
    return json.dumps(record, ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False).replace("\x7f", "\\u007f")


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_members(item) if isinstance(item, dict) else _scalar(item) for item in value[:MOST_ITEMS]]
    return _scalar(value)


def _members(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _scalar(member) for name, member in item.items()}


def _scalar(value: Any) -> str | int | None:
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    return value if isinstance(value, int) and -LARGEST <= value <= LARGEST else None
