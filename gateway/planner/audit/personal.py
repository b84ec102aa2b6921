"""The fields of a JSON Schema, their classes, and names that say personal data."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from gateway.sdk import Path

DEEPEST = 48
"""Steps of a path into a schema. References are not followed: each field is found where it is written."""

NAMES = frozenset(
    {
        ("email",), ("e", "mail"), ("phone",), ("mobile",), ("telephone",), ("iban",), ("ssn",), ("social", "security"), ("birth",),
        ("birthdate",), ("birthday",), ("dob",), ("passport",), ("tax", "id"), ("national", "id"), ("card", "number"), ("credit", "card"),
        ("first", "name"), ("last", "name"), ("given", "name"), ("family", "name"), ("surname",), ("maiden", "name"), ("home", "address"),
        ("street",), ("religion",), ("ethnicity",), ("diagnosis",),
    }
)  # fmt: skip
"""Words that stand side by side in a field's name."""

NOT_PERSONAL = frozenset({"template", "verified", "enabled", "count", "status", "type", "sent", "required", "subject"})
"""Last words with which a name tells something about the data, not the data."""


class _Part(NamedTuple):
    schema: Any
    path: Path
    classification: str | None


class ClassifiedField(NamedTuple):
    """A field: its name, where it stands in the schema, and its class, which it may have from what it stands in."""

    name: str
    path: Path
    classification: str | None


def fields(schema: Any) -> Iterator[ClassifiedField]:
    """Every field of a schema, outer ones first. Each part is looked at once, however often it is used."""
    waiting = deque[_Part]([_Part(schema, (), None)])
    seen: set[int] = set()
    while waiting:
        at, path, outer = waiting.popleft()
        if not isinstance(at, Mapping) or id(at) in seen or len(path) > DEEPEST:
            continue
        seen.add(id(at))
        classification = _class_of(at) or outer
        for name, member in _members(at, "properties"):
            below: Path = (*path, "properties", name)
            yield ClassifiedField(name, below, _class_of(member) or classification)
            waiting.append(_Part(member, below, classification))
        waiting.extend(_Part(part, (*path, *below), classification) for below, part in _parts(at))


def _parts(schema: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    """The schemas inside one that are no fields of it."""
    for keyword in ("items", "additionalProperties"):
        yield (keyword,), schema.get(keyword)
    for keyword in ("anyOf", "oneOf", "allOf"):
        choices = schema.get(keyword)
        yield from (((keyword, index), choice) for index, choice in enumerate(choices if isinstance(choices, list) else ()))
    yield from ((("$defs", name), member) for name, member in _members(schema, "$defs"))


def _members(schema: Mapping[str, Any], keyword: str) -> Iterator[tuple[str, Any]]:
    members = schema.get(keyword)
    yield from ((str(name), member) for name, member in members.items()) if isinstance(members, Mapping) else ()


def _class_of(schema: Any) -> str | None:
    named = schema.get("classification") if isinstance(schema, Mapping) else None
    return named if isinstance(named, str) else None


def names_personal(name: str) -> bool:
    """Whether a field's name says that it holds personal data: `customer_email`, `dateOfBirth`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().replace("-", "_").split("_")
    if words[-1] in NOT_PERSONAL:
        return False
    return any(tuple(words[at : at + len(known)]) == known for known in NAMES for at in range(len(words)))
