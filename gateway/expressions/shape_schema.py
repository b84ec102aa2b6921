"""JSON Schema → shape, and back (draft 2020-12; json-schema.org/draft/2020-12, "JSON Schema Core" and "Validation")."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from gateway.expressions.shape import (
    ANY,
    NO_LABELS,
    NULL,
    Constant,
    Kind,
    Label,
    Shape,
    labelled,
    merged,
    nullable,
    united,
)

Schema = Any
"""A JSON Schema: a mapping, or a truth value."""

DEEPEST_REFERENCE = 32
_KINDS: Mapping[str, Kind] = MappingProxyType(
    {"null": "null", "boolean": "boolean", "integer": "number", "number": "number", "string": "text", "array": "array", "object": "object"}
)
_TYPES: Mapping[Kind, str] = MappingProxyType(
    {"null": "null", "boolean": "boolean", "number": "number", "text": "string", "array": "array", "object": "object"}
)
_OF_OBJECTS = frozenset({"properties", "required", "additionalProperties", "patternProperties"})
_OF_LISTS = frozenset({"items", "prefixItems"})


class _Above(NamedTuple):
    """What a part of a schema gets from where it stands: the name of the member it describes, and the classes that hold there."""

    name: str
    labels: frozenset[Label]


class SchemaShapes:
    """The shapes of the parts of one schema document. Every part is read once, when it is first asked for.

    `origin` names the document in the labels that its `classification`s give; a class holds for all below it that has none of its own,
    `default` for what no class is above. `strict`: what `required` doesn't list may be absent even where there is no `required`, as of
    an input; of a backend's answers that can't be told.
    """

    def __init__(self, top: Schema, *, origin: str = "", default: frozenset[Label] = NO_LABELS, strict: bool = False) -> None:
        self._top = top
        self._origin = origin
        self._default = default
        self._strict = strict
        self._read: dict[tuple[int, str, frozenset[Label]], Shape] = {}

    def whole(self) -> Shape:
        """The shape of what the document describes."""
        return self._shape(self._top, _Above("", self._default))

    def _shape(self, schema: Schema, above: _Above, depth: int = 0) -> Shape:
        if not isinstance(schema, Mapping) or depth > DEEPEST_REFERENCE:
            return labelled(ANY, above.labels)
        mark = (id(schema), *above)
        if mark not in self._read:
            self._read[mark] = self._made(schema, above, depth)
        return self._read[mark]

    def _made(self, schema: Mapping[str, Any], above: _Above, depth: int) -> Shape:
        given = schema.get("classification")
        if isinstance(given, str):
            above = _Above(above.name, frozenset({Label(given, f"{self._origin}: {above.name or 'result'}")}))
        shape = self._own(schema, above)
        for part in self._parts(schema, above, depth + 1):
            shape = merged(shape, part)
        return shape

    def _parts(self, schema: Mapping[str, Any], above: _Above, depth: int) -> Iterator[Shape]:
        """What else the value is, besides what the schema says by itself."""
        reference = schema.get("$ref")
        if isinstance(reference, str):
            yield self._shape(self._resolved(reference), above, depth)
        for part in _listed(schema.get("allOf")):
            yield self._shape(part, above, depth)
        for keyword in ("anyOf", "oneOf"):
            if isinstance(schema.get(keyword), list) and schema[keyword]:
                yield united(self._shape(part, above, depth) for part in schema[keyword])

    def _own(self, schema: Mapping[str, Any], above: _Above) -> Shape:
        kinds = _kinds(schema)
        if kinds is None:
            return labelled(ANY, above.labels)
        properties = schema.get("properties")
        members: Mapping[str, Any] = properties if isinstance(properties, Mapping) else {}
        required = schema.get("required")
        needed = frozenset(each for each in required if isinstance(each, str)) if isinstance(required, list) else None
        return Shape(
            kinds,
            names=tuple(members),
            fields=lambda name: self._member(members[name], _Above(name, above.labels), needed),
            rest=self._rest(schema, members, above),
            items=lambda: self._items(schema, above),
            listed=schema.get("additionalProperties") is not False,
            values=_values(schema),
            whole=schema.get("type") == "integer",
            labels=above.labels,
        )

    def _member(self, schema: Schema, above: _Above, needed: frozenset[str] | None) -> Shape:
        shape = self._shape(schema, above)
        if not shape.known or (self._strict and isinstance(schema, Mapping) and "default" in schema):
            return shape
        if needed is None:
            return nullable(shape, declared=self._strict)
        return shape if above.name in needed else nullable(shape)

    def _rest(self, schema: Mapping[str, Any], members: Mapping[str, Any], above: _Above) -> Shape | Callable[[], Shape] | None:
        """Where members are listed they count as all, unless more are expected in so many words."""
        if "patternProperties" in schema:
            return labelled(ANY, above.labels)
        if "additionalProperties" in schema:
            further = schema["additionalProperties"]
            return None if further is False else lambda: self._shape(further, above)
        return None if members else labelled(ANY, above.labels)

    def _items(self, schema: Mapping[str, Any], above: _Above) -> Shape:
        first = [self._shape(item, above) for item in _listed(schema.get("prefixItems"))]
        if first and schema.get("items") is False:
            return united(first)
        return united([*first, self._shape(schema.get("items", True), above)])

    def _resolved(self, reference: str) -> Schema:
        if reference == "#":
            return self._top
        at = self._top
        for part in reference.removeprefix("#/").split("/") if reference.startswith("#/") else ("",):
            name = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(at, Mapping) or name not in at:
                return True
            at = at[name]
        return at


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _kinds(schema: Mapping[str, Any]) -> frozenset[Kind] | None:
    """What `type`, `const` and `enum` leave possible, or what the keywords are about; None where they don't say."""
    given = schema.get("type")
    types = given if isinstance(given, list) else [given]
    kinds = frozenset(_KINDS[each] for each in types if isinstance(each, str) and each in _KINDS)
    if kinds:
        return kinds | NULL if schema.get("nullable") is True else kinds
    constants = _constants(schema)
    if constants is not None:
        return frozenset(_kind_of(value) for value in constants)
    implied: list[tuple[frozenset[str], Kind]] = [(_OF_OBJECTS, "object"), (_OF_LISTS, "array")]
    return next((frozenset({kind}) for keywords, kind in implied if not keywords.isdisjoint(schema)), None)


def _constants(schema: Mapping[str, Any]) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    values = schema.get("enum")
    return values if isinstance(values, list) and values else None


def _values(schema: Mapping[str, Any]) -> frozenset[Constant] | None:
    constants = _constants(schema)
    if constants is None or any(isinstance(value, dict | list) for value in constants):
        return None
    return frozenset(value for value in constants if value is not None)


def _kind_of(value: Any) -> Kind:
    if isinstance(value, bool):
        return "boolean"
    kinds: dict[type[Any], Kind] = {str: "text", int: "number", float: "number", list: "array", dict: "object"}
    return kinds.get(type(value), "null")


MOST_WRITTEN = 2_000
"""How many parts a published schema has at most; what lies deeper is left open."""


def schema_of(shape: Shape) -> dict[str, Any]:
    """The JSON Schema of a shape. What contains itself is left open at that place."""
    return _Writer().written(shape, frozenset())


class _Writer:
    def __init__(self) -> None:
        self._parts = 0

    def written(self, shape: Shape, above: frozenset[frozenset[object]]) -> dict[str, Any]:
        self._parts += 1
        if not shape.known or shape.key in above or self._parts > MOST_WRITTEN:
            return {}
        above |= {shape.key}
        types = sorted(_TYPES[kind] for kind in shape.kinds)
        if shape.whole and "number" in types:
            types[types.index("number")] = "integer"
        schema: dict[str, Any] = {"type": types[0] if len(types) == 1 else types}
        if shape.values is not None and shape.only("text", "number", "boolean"):
            schema["enum"] = [*sorted(shape.values, key=repr), *([None] if "null" in shape.kinds else [])]
        if "object" in shape.kinds:
            self._object(shape, schema, above)
        if "array" in shape.kinds and (items := self.written(shape.items, above)):
            schema["items"] = items
        return schema

    def _object(self, shape: Shape, schema: dict[str, Any], above: frozenset[frozenset[object]]) -> None:
        members = {name: member for name in shape.names if (member := shape.member(name)) is not None}
        if members:
            schema["properties"] = {name: self.written(member, above) for name, member in members.items()}
        if not shape.open and not shape.listed:
            schema["additionalProperties"] = False
        elif shape.open and (rest := self.written(shape.rest, above)):
            schema["additionalProperties"] = rest
