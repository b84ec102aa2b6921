"""What is known of the shape behind a path, from declared JSON Schemas. What can't be known is `any`: never a false alarm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

Schema = Any
"""A JSON Schema, or a `Whole` one; `ANY` where nothing is known."""

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


def of_template(value: Any) -> Schema:
    """The shape that a template's value has for certain: objects and lists that are written out; what expressions give is unknown."""
    if isinstance(value, list):
        return {"type": "array"}
    if not isinstance(value, dict):
        return ANY
    if "$each" in value:
        return {"type": "array", "items": of_template(value.get("$do"))}
    if any(name.startswith("$") and not name.startswith("$$") for name in value):
        return ANY
    members = {name.removeprefix("$"): of_template(member) for name, member in value.items()}
    return object_of(members) if members else ANY


def follow(schema: Schema, parts: tuple[str | int, ...]) -> Unknown | None:
    """Walks `parts` from `schema`; tells the first that can't be there, or None."""
    at = [_Located(schema, schema)]
    for position, part in enumerate(parts):
        options = [option for each in at for option in _options(each)]
        if isinstance(part, int):
            at = [option.below(option.schema.get("items", ANY)) for option in options]
            continue
        members = [option.below(member) for option in options if (member := _member(option.schema, part)) is not None]
        if not members and options:
            names = {name for option in options for name in option.schema.get("properties", ())}
            return Unknown(position, tuple(sorted(names)))
        at = members
    return None


class Whole(NamedTuple):
    """A schema from a document of its own: its references are read from its own top."""

    schema: Schema


class _Located(NamedTuple):
    """A schema, and the top that its references are read from."""

    schema: Any
    top: Schema

    def below(self, schema: Schema) -> _Located:
        return _Located(schema, self.top)


def _options(at: _Located, depth: int = 0) -> list[_Located]:
    """The alternatives that a schema stands for, references resolved."""
    schema = at.schema
    if isinstance(schema, Whole):
        return _options(_Located(schema.schema, schema.schema), depth)
    if not isinstance(schema, Mapping) or depth > DEEPEST_REFERENCE or isinstance(schema.get("allOf"), list):
        return [at.below({})]
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return _options(at.below(_resolve(reference, at.top)), depth + 1)
    for keyword in ("anyOf", "oneOf"):
        if isinstance(schema.get(keyword), list):
            return [option for each in schema[keyword] for option in _options(at.below(each), depth + 1)]
    return [at]


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


def _resolve(reference: str, top: Schema) -> Schema:
    if reference == "#":
        return top
    if not reference.startswith("#/"):
        return ANY
    at = top
    for part in reference[2:].split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(at, Mapping) or name not in at:
            return ANY
        at = at[name]
    return at
