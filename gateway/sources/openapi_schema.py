"""Schemas of OpenAPI 3.0, 3.1 and Swagger 2.0 in the terms of JSON Schema 2020-12.

Foreign schemas are often wrong, so only what is understood is kept, and where something is left out the schema becomes wider,
never narrower: what isn't known must not raise a false alarm. References become entries of `$defs`, each translated once, so
circular schemas stay references.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Literal

import re2

from gateway.sources.openapi_library import Library, Located

MAX_NODES = 20_000
MAX_DEPTH = 64
_MAX_PATTERN = 2000

Direction = Literal["request", "response"]

_TYPES = frozenset({"null", "boolean", "object", "array", "number", "string", "integer"})
_FORMATS = frozenset({"date", "date-time", "time", "duration", "email", "uri", "uuid", "ipv4", "ipv6", "hostname"})
_HIDDEN = {"request": "readOnly", "response": "writeOnly"}
_UNSAFE_NAME = re.compile(r"[^A-Za-z0-9_.-]+")


class SchemaTranslator:
    """Translates the schemas of one operation in one direction; `definitions` is what they refer to."""

    def __init__(self, library: Library, direction: Direction) -> None:
        self._library = library
        self._hidden = _HIDDEN[direction]
        self._names: dict[tuple[Any, str], str] = {}
        self._taken: set[str] = set()
        self._repeats: dict[str, int] = {}
        self._waiting: deque[tuple[str, Located]] = deque()
        self._left = MAX_NODES

    def schema(self, part: Located) -> dict[str, Any]:
        """One schema; a reference at its top is replaced by what it refers to. It may refer to `definitions`."""
        target = self._library.follow(part)
        return {} if target is None else self._object(target, 0)

    def definitions(self) -> dict[str, Any]:
        """The `$defs` of all schemas so far. To be called last."""
        defined: dict[str, Any] = {}
        while self._waiting:
            name, part = self._waiting.popleft()
            defined[name] = self._object(part, 0)
        return defined

    def whole(self, part: Located) -> dict[str, Any]:
        """A schema with its own `$defs`."""
        schema = self.schema(part)
        definitions = self.definitions()
        return {**schema, "$defs": definitions} if definitions else schema

    def _schema(self, part: Located, depth: int) -> Any:
        if isinstance(part.node, bool):
            return part.node
        if not isinstance(part.node, dict) or "$ref" not in part.node:
            return self._object(part, depth)
        target = self._library.follow(part)
        if target is None or not isinstance(target.node, dict):
            return {}
        return _with_null({"$ref": f"#/$defs/{self._define(target)}"}, part.node)

    def _define(self, target: Located) -> str:
        key = (target.file, target.pointer)
        name = self._names.get(key)
        if name is None:
            last = _UNSAFE_NAME.sub("_", target.pointer.rpartition("/")[2]) or "document"
            name, number = last, self._repeats.get(last, 1)
            while name in self._taken:
                number += 1
                name = f"{last}_{number}"
            self._repeats[last] = number
            self._taken.add(name)
            self._names[key] = name
            self._waiting.append((name, target))
        return name

    def _object(self, part: Located, depth: int) -> dict[str, Any]:
        self._left -= 1
        node = part.node
        if not isinstance(node, dict) or depth > MAX_DEPTH or self._left < 0:
            return {}
        schema = {name: node[name] for name, allowed in _VALUES.items() if name in node and allowed(node[name])}
        self._add_type(schema, node)
        self._add_bounds(schema, node)
        for name in _ONE & node.keys():
            if isinstance(node[name], dict | bool):
                schema[name] = self._schema(part.below(node[name]), depth + 1)
        self._add_choices(schema, part, depth)
        self._add_properties(schema, part, depth)
        return _with_null(schema, node)

    def _add_type(self, schema: dict[str, Any], node: Mapping[str, Any]) -> None:
        written = node.get("type")
        kinds = written if isinstance(written, list) else [written]
        if kinds and all(isinstance(kind, str) and kind in _TYPES for kind in kinds):
            schema["type"] = written if isinstance(written, str) else list(dict.fromkeys(kinds))

    def _add_bounds(self, schema: dict[str, Any], node: Mapping[str, Any]) -> None:
        """`exclusiveMinimum: true` beside a `minimum` is how it was written up to OpenAPI 3.0."""
        for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
            if node.get(exclusive) is True and bound in schema:
                schema[exclusive] = schema.pop(bound)

    def _add_choices(self, schema: dict[str, Any], part: Located, depth: int) -> None:
        """`oneOf` becomes `anyOf`: alternatives of foreign schemas overlap, and may have become wider here."""
        for name in ("allOf", "anyOf", "oneOf", "prefixItems"):
            members = part.node.get(name)
            if not isinstance(members, list) or not members:
                continue
            translated = [self._schema(part.below(member), depth + 1) for member in members]
            if name == "oneOf" and "anyOf" in schema:
                schema.setdefault("allOf", []).append({"anyOf": translated})
            else:
                schema["anyOf" if name == "oneOf" else name] = translated

    def _add_properties(self, schema: dict[str, Any], part: Located, depth: int) -> None:
        properties = part.node.get("properties")
        hidden: set[str] = set()
        if isinstance(properties, dict):
            hidden = {name for name, below in properties.items() if isinstance(below, dict) and below.get(self._hidden) is True}
            schema["properties"] = {
                name: self._schema(part.below(below), depth + 1) for name, below in properties.items() if name not in hidden
            }
        if "required" in schema:
            schema["required"] = [name for name in dict.fromkeys(schema["required"]) if name not in hidden]
        patterns = part.node.get("patternProperties")
        if not isinstance(patterns, dict):
            return
        if all(linear_pattern(pattern) for pattern in patterns):
            schema["patternProperties"] = {pattern: self._schema(part.below(below), depth + 1) for pattern, below in patterns.items()}
        else:
            schema.pop("additionalProperties", None)


def _with_null(schema: dict[str, Any], node: Mapping[str, Any]) -> dict[str, Any]:
    """`nullable` (3.0) and `x-nullable` (Swagger 2.0, by custom) as a type."""
    if node.get("nullable") is not True and node.get("x-nullable") is not True:
        return schema
    if not schema.keys() - {"title", "description"}:
        return schema
    if schema.keys() & {"$ref", "allOf", "anyOf", "const"}:
        return {"anyOf": [schema, {"type": "null"}]}
    widened = dict(schema)
    if "enum" in schema and None not in schema["enum"]:
        widened["enum"] = [*schema["enum"], None]
    kinds = schema.get("type")
    if kinds is not None:
        known = [kinds] if isinstance(kinds, str) else kinds
        widened["type"] = known if "null" in known else [*known, "null"]
    return widened


def linear_pattern(pattern: Any) -> bool:
    """Whether a pattern can be matched in linear time (the RE2 dialect)."""
    if not isinstance(pattern, str) or len(pattern) > _MAX_PATTERN:
        return False
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except (re2.error, ValueError):
        return False
    return True


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


_VALUES: Mapping[str, Callable[[Any], bool]] = {
    "title": _is_text,
    "description": _is_text,
    "enum": lambda value: isinstance(value, list) and bool(value),
    "const": lambda _value: True,
    "multipleOf": lambda value: _is_number(value) and value > 0,
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _is_number),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), _is_count),
    "pattern": linear_pattern,
    "format": lambda value: isinstance(value, str) and value in _FORMATS,
    "uniqueItems": lambda value: isinstance(value, bool),
    "required": _is_names,
}
"""Keywords with a plain value, and whether a value of theirs can be kept."""

_ONE = frozenset({"items", "additionalProperties", "propertyNames"})
"""Keywords with one schema. Left out are `not`, which a wider schema would make narrower, and what only narrows (`contains`,
`if`, `unevaluatedProperties` …)."""
