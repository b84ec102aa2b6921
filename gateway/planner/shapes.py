"""What is known of the shape behind a path, from declared JSON Schemas. What can't be known is `any`: never a false alarm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

Schema = Any
"""A JSON Schema; `ANY` where nothing is known."""

ANY: Schema = True
DEEPEST_REFERENCE = 32


class Unknown(NamedTuple):
    """The first part of a path that isn't there: its position in the path, and what is known in its place."""

    position: int
    known: tuple[str, ...]


def closed(fields: Iterable[str]) -> Schema:
    """An object with these members and no others."""
    return object_of(dict.fromkeys(sorted(fields), ANY))


def object_of(members: Mapping[str, Schema]) -> Schema:
    """An object with these members and no others."""
    return {"type": "object", "properties": dict(members), "additionalProperties": False}


def of_data(value: Any) -> Schema:
    """The shape of plain data, such as `config`."""
    if isinstance(value, dict):
        return object_of({name: of_data(member) for name, member in value.items()})
    if isinstance(value, list):
        return {"type": "array"}
    return ANY


def follow(schema: Schema, parts: tuple[str | int, ...]) -> Unknown | None:
    """Walks `parts` from `schema`; tells the first that can't be there, or None."""
    at = [schema]
    root = schema
    for position, part in enumerate(parts):
        options = [option for each in at for option in _options(each, root)]
        if isinstance(part, int):
            at = [_items(option) for option in options]
            continue
        members = [_member(option, part) for option in options]
        found = [member for member in members if member is not None]
        if not found and options:
            names = {name for option in options for name in option.get("properties", ())}
            return Unknown(position, tuple(sorted(names)))
        at = found or [ANY]
    return None


def _options(schema: Schema, root: Schema, depth: int = 0) -> list[Mapping[str, Any]]:
    """The alternatives that a schema stands for, references resolved; an empty list where anything goes."""
    if not isinstance(schema, Mapping) or depth > DEEPEST_REFERENCE:
        return [_OPEN]
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return _options(_resolve(reference, root), root, depth + 1)
    for keyword in ("anyOf", "oneOf"):
        if isinstance(schema.get(keyword), list):
            return [option for each in schema[keyword] for option in _options(each, root, depth + 1)]
    if isinstance(schema.get("allOf"), list):
        return [_OPEN]
    return [schema]


_OPEN: Mapping[str, Any] = {}


def _member(option: Mapping[str, Any], name: str) -> Schema | None:
    """The schema of a member; None where the object is known not to have it: where members are listed, they count as all."""
    properties = option.get("properties") or {}
    if name in properties:
        return properties[name]
    if "patternProperties" in option:
        return ANY
    if "additionalProperties" in option:
        return option["additionalProperties"] or None
    return None if properties else ANY


def _items(option: Mapping[str, Any]) -> Schema:
    return option.get("items", ANY)


def _resolve(reference: str, root: Schema) -> Schema:
    if not reference.startswith("#/"):
        return ANY
    at = root
    for part in reference[2:].split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(at, Mapping) or name not in at:
            return ANY
        at = at[name]
    return at
