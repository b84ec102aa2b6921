"""The header fields of an answer, from the bytes of its lines to the mapping that callers see."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.sdk import BadResponse

MAX_LINES = 200
MAX_BYTES = 64 * 1024

Lines = Sequence[tuple[bytes, bytes]]


def fold(lines: Lines) -> dict[str, str]:
    """Lower-case names; the values of a repeated name joined by `, ` (RFC 9110 §5.3). Raises BadResponse for too many lines."""
    if len(lines) > MAX_LINES:
        raise BadResponse("A backend's answer has too many headers.")
    fields: dict[str, str] = {}
    for raw_name, raw_value in lines:
        name = raw_name.decode("latin-1").lower()
        value = raw_value.decode("latin-1").strip(" \t")
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields


def size_of(lines: Lines) -> int:
    return sum(len(name) + len(value) for name, value in lines)


def unpacked(fields: dict[str, str]) -> dict[str, str]:
    """The fields of an answer after its body was unpacked: those that spoke of the packed one are gone."""
    if fields.get("content-encoding"):
        return {name: value for name, value in fields.items() if name not in {"content-encoding", "content-length"}}
    return fields
