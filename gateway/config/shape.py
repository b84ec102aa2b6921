"""Reading a generated schema beside the data that it describes: references followed, the one fitting alternative picked."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

SECRET_OWNERS = frozenset({"auth", "identity", "stores", "tls", "channels"})
"""The keys below which `${ secret.x }` is allowed (language §2.6)."""

SCALARS = frozenset({"string", "integer", "number", "boolean"})


class Shapes:
    """The definitions of one generated schema. Remembers which alternative is for which type: make one for many documents."""

    def __init__(self, root: Schema) -> None:
        self._definitions: dict[str, Schema] = root.get("$defs", {})
        self._fitting: dict[tuple[int, str], tuple[Schema, Schema | None]] = {}

    def resolve(self, schema: Schema) -> Schema:
        """The schema with its `$ref` followed; what is written beside the reference goes before what it refers to."""
        while "$ref" in schema:
            target = self._definitions[schema["$ref"].removeprefix("#/$defs/")]
            schema = {**target, **{key: item for key, item in schema.items() if key != "$ref"}}
        return schema

    def fitting(self, schema: Schema, value: Any) -> Schema | None:
        """The schema to check `value` by: the alternative for its YAML type, or None where none is for it."""
        if not schema:
            return schema
        key = id(schema), type_of(value)
        known = self._fitting.get(key)
        if known is None:
            known = self._fitting[key] = schema, self._chosen(schema, value)  # held, so that its id stays its own
        return known[1]

    def _chosen(self, schema: Schema, value: Any) -> Schema | None:
        schema = self.resolve(schema)
        if "anyOf" not in schema:
            return schema if fits(schema, value) else None
        for choice in self.choices(schema):
            if fits(choice, value):
                return choice
        return None

    def choices(self, schema: Schema) -> list[Schema]:
        """All alternatives, each resolved, each with what is written beside `anyOf`; alternatives of one YAML type become one."""
        schema = self.resolve(schema)
        if "anyOf" not in schema or "x-gateway-kind" in schema:
            return [schema]
        beside = {key: item for key, item in schema.items() if key not in {"anyOf", "default"}}
        return [{**beside, **choice} for item in schema["anyOf"] for choice in self.choices(item)]


def fits(schema: Schema, value: Any) -> bool:
    """Whether a value is of the YAML type that the schema asks for. Says nothing about the value itself."""
    kinds = types_of(schema)
    return not kinds or type_of(value) in kinds or (type_of(value) == "integer" and "number" in kinds)


def types_of(schema: Schema) -> frozenset[str]:
    """The JSON types that a resolved schema asks for; empty means any."""
    kind = schema.get("x-gateway-kind")
    if kind == "json_schema":
        return frozenset({"object", "boolean"})
    if kind in {"expression", "duration_or_auto", "secret"}:
        return frozenset({"string"})
    if "type" in schema:
        return frozenset({schema["type"]})
    if "const" in schema:
        return frozenset({type_of(schema["const"])})
    return frozenset(type_of(item) for item in schema.get("enum", ()))


def type_of(value: Any) -> str:
    """The JSON type of a value as YAML gives it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def is_scalar(schema: Schema) -> bool:
    """Whether the schema asks for a scalar and nothing else."""
    kinds = types_of(schema)
    return bool(kinds) and kinds <= SCALARS


def from_environment(value: Any) -> bool:
    """Whether a value still holds a `${ }` of the environment; what it will be is not known yet."""
    return isinstance(value, str) and "${" in value
