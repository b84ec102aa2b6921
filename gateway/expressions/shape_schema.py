"""JSON Schema → shape, and back (draft 2020-12; json-schema.org/draft/2020-12, "JSON Schema Core" and "Validation")."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import unquote

from gateway.expressions.functions_text import pattern
from gateway.expressions.shape import (
    ANY,
    LOST,
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

MOST_NESTED = 48
"""How deep references and combinations may lead before there is a member or an item."""
MOST_REPEATED = 2_000
"""How often parts of schemas that lead back to themselves are read again for each way to them."""
_KINDS: Mapping[str, Kind] = MappingProxyType(
    {"null": "null", "boolean": "boolean", "integer": "number", "number": "number", "string": "text", "array": "array", "object": "object"}
)
_TYPES: Mapping[Kind, str] = MappingProxyType(
    {"null": "null", "boolean": "boolean", "number": "number", "text": "string", "array": "array", "object": "object"}
)
_OF_OBJECTS = frozenset({"properties", "required", "additionalProperties", "patternProperties"})
_OF_LISTS = frozenset({"items", "prefixItems"})
_COMBINED = frozenset({"$ref", "allOf", "anyOf", "oneOf", "then", "else", "dependentSchemas"})
_NAMES_MATTER = frozenset({"classification", "items", "prefixItems", "additionalProperties", "patternProperties", *_COMBINED})
"""Keywords whose parts may have a class of their own, which comes from the member that the whole describes."""


UNREAD = ("propertyNames", "contains", "unevaluatedItems", "not", "if")
"""Keywords that tell of a value, and that shapes aren't made from."""

MOST_SEARCHED = 100_000
"""How many parts of a schema are looked through for classes."""


class _Above(NamedTuple):
    """What a part of a schema gets from where it stands: the name of the member it describes, and the classes that hold there."""

    name: str
    labels: frozenset[Label]


_Mark = tuple[int, str, frozenset[Label]]
"""A part of the schema as seen from somewhere."""


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
        self._read: dict[_Mark, Shape] = {}
        self._within: set[_Mark] = set()
        self._cut: set[_Mark] = set()
        self._repeated = 0
        self._given: dict[tuple[int, str], frozenset[Label]] = {}

    def whole(self) -> Shape:
        """The shape of what the document describes."""
        return self._shape(self._top, _Above("", self._default))

    def _shape(self, schema: Schema, above: _Above) -> Shape:
        if not isinstance(schema, Mapping):
            return labelled(ANY, above.labels)
        mark = (id(schema), above.name if not _NAMES_MATTER.isdisjoint(schema) else "", above.labels)
        found = self._read.get(mark)
        if found is not None:
            return found
        if mark in self._within:
            self._cut.add(mark)
            return labelled(ANY, above.labels)
        if len(self._within) >= MOST_NESTED:
            return labelled(ANY, above.labels | {LOST})
        return self._new(schema, above, mark)

    def _new(self, schema: Mapping[str, Any], above: _Above, mark: _Mark) -> Shape:
        """What was cut off because it leads back to where it came from holds for this way only, and isn't kept."""
        self._within.add(mark)
        made = self._with_unread(schema, self._made(schema, above))
        self._within.remove(mark)
        self._cut.discard(mark)
        if self._cut:
            self._repeated += 1
        if not self._cut or self._repeated > MOST_REPEATED:
            self._read[mark] = made
        return made

    def _with_unread(self, schema: Mapping[str, Any], made: Shape) -> Shape:
        """What no shape is read from may give classes all the same: those hold for the whole."""
        parts = [schema[keyword] for keyword in UNREAD if keyword in schema]
        if any(isinstance(schema.get(keyword), str) and not _is_pointer(schema[keyword]) for keyword in ("$ref", "$dynamicRef")):
            parts.append(self._top)
        return labelled(made, _classes_in(parts, self._origin)) if parts else made

    def _made(self, schema: Mapping[str, Any], above: _Above) -> Shape:
        if _COMBINED.isdisjoint(schema):
            classes = self._own_class(schema, above.name)
            return self._own(schema, _Above(above.name, classes) if classes else above)
        classes = self._classes(schema, above.name, 0)
        above = _Above(above.name, classes) if classes else above
        parts = list(self._parts(schema, above))
        silent = bool(parts) and _kinds(schema) is None
        shape = labelled(ANY, self._own_class(schema, above.name)) if silent else self._own(schema, above)
        for part in parts:
            shape = merged(shape, part)
        return nullable(shape) if schema.get("nullable") is True else shape

    def _own_class(self, schema: Mapping[str, Any], name: str) -> frozenset[Label]:
        given = schema.get("classification")
        return frozenset({Label(given, f"{self._origin}: {name or 'result'}")}) if isinstance(given, str) else NO_LABELS

    def _classes(self, schema: Schema, name: str, depth: int) -> frozenset[Label]:
        """The classes that a schema gives to what it describes, itself or through what is said of it elsewhere."""
        if not isinstance(schema, Mapping) or depth > MOST_NESTED:
            return NO_LABELS
        own = self._own_class(schema, name)
        if own or _COMBINED.isdisjoint(schema):
            return own
        mark = (id(schema), name)
        if mark not in self._given:
            self._given[mark] = NO_LABELS  # for what leads back to itself
            parts = [*_listed(schema.get("allOf")), self._resolved(schema.get("$ref"))]
            self._given[mark] = frozenset[Label]().union(*(self._classes(part, name, depth + 1) for part in parts))
        return self._given[mark]

    def _parts(self, schema: Mapping[str, Any], above: _Above) -> Iterator[Shape]:
        """What else the value is, besides what the schema says by itself."""
        if "$ref" in schema:
            yield self._shape(self._resolved(schema["$ref"]), above)
        for part in _listed(schema.get("allOf")):
            yield self._shape(part, above)
        for keyword in ("anyOf", "oneOf"):
            if alternatives := _listed(schema.get(keyword)):
                yield united(self._shape(part, above) for part in alternatives)
        if "then" in schema or "else" in schema:
            yield united(self._shape(schema.get(keyword, True), above) for keyword in ("then", "else"))
        dependent = schema.get("dependentSchemas")
        for part in dependent.values() if isinstance(dependent, Mapping) else ():
            yield united([self._shape(part, above), labelled(ANY, above.labels)])

    def _own(self, schema: Mapping[str, Any], above: _Above) -> Shape:
        kinds = _kinds(schema)
        if kinds is None:
            return labelled(ANY, above.labels)
        if kinds == NULL:
            return Shape(kinds)
        properties = schema.get("properties")
        members: Mapping[str, Any] = properties if isinstance(properties, Mapping) else {}
        values = _values(schema, kinds)
        further = schema.get("additionalProperties", schema.get("unevaluatedProperties") or None)
        return Shape(
            kinds,
            names=members,
            fields=lambda name: self._member(name, schema, members, above),
            needed=self._needed(schema, members),
            vague=not self._strict and not isinstance(schema.get("required"), list),
            rest=self._rest(schema, members, further, above) if "object" in kinds else None,
            items=lambda: self._items(schema, above),
            listed=further is None and "patternProperties" not in schema,
            values=values,
            whole=_whole(schema, values),
            labels=above.labels,
        )

    def _needed(self, schema: Mapping[str, Any], members: Mapping[str, Any]) -> Collection[str]:
        """The members that are there for certain; defaults of an input are filled in."""
        needed = frozenset(each for each in _listed(schema.get("required")) if isinstance(each, str))
        if not self._strict:
            return needed
        return needed.union(name for name, member in members.items() if isinstance(member, Mapping) and "default" in member)

    def _member(self, name: str, schema: Mapping[str, Any], members: Mapping[str, Any], above: _Above) -> Shape:
        within = _Above(name, above.labels)
        shape = self._shape(members[name], within)
        for written, further in _mapping(schema.get("patternProperties")).items():
            if _may_match(written, name):
                shape = merged(shape, self._shape(further, within))
        return shape

    def _rest(
        self, schema: Mapping[str, Any], members: Mapping[str, Any], further: Schema, above: _Above
    ) -> Shape | Callable[[], Shape] | None:
        """Where members are listed they count as all, unless more are expected in so many words."""
        patterns = _mapping(schema.get("patternProperties"))
        if patterns:
            parts = [*patterns.values(), *([] if further is False else [True if further is None else further])]
            return lambda: united(self._shape(part, above) for part in parts)
        if further is not None:
            return None if further is False else lambda: self._shape(further, above)
        return None if members else labelled(ANY, above.labels)

    def _items(self, schema: Mapping[str, Any], above: _Above) -> Shape:
        items, first = schema.get("items", True), _listed(schema.get("prefixItems"))
        if isinstance(items, list):  # before draft 2020-12
            first, items = items, schema.get("additionalItems", True)
        parts = first if first and items is False else [*first, items]
        return united(self._shape(part, above) for part in parts)

    def _resolved(self, reference: Any) -> Schema:
        if reference == "#":
            return self._top
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return True
        at = self._top
        for part in unquote(reference[2:]).split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            if isinstance(at, Mapping) and name in at:
                at = at[name]
            elif isinstance(at, list) and name.isdecimal() and len(name) < 9 and int(name) < len(at):
                at = at[int(name)]
            else:
                return True
        return at


def _is_pointer(reference: str) -> bool:
    return reference == "#" or reference.startswith("#/")


def _classes_in(parts: list[Any], origin: str) -> frozenset[Label]:
    """Every class that is given anywhere in parts of a schema."""
    found: set[Label] = set()
    waiting, seen = list(parts), 0
    while waiting:
        at = waiting.pop()
        seen += 1
        if seen > MOST_SEARCHED:
            return frozenset({*found, LOST})
        if isinstance(at, Mapping):
            given = at.get("classification")
            if isinstance(given, str):
                found.add(Label(given, origin))
            waiting += at.values()
        elif isinstance(at, list):
            waiting += at
    return frozenset(found)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _may_match(written: Any, name: str) -> bool:
    """Whether a pattern is found in a name. One that can't be read may match anything."""
    try:
        return pattern(written).search(name) is not None
    except ValueError:
        return True


def _kinds(schema: Mapping[str, Any]) -> frozenset[Kind] | None:
    """What `type`, `const` and `enum` leave possible, or what the keywords are about; None where they don't say."""
    kinds = _of_types(schema.get("type"))
    constants = _constants(schema)
    if constants is not None:
        found = frozenset(map(_kind_of, constants))
        kinds = found if kinds is None else (kinds & found) or kinds
    if kinds is None:
        implied: list[tuple[frozenset[str], Kind]] = [(_OF_OBJECTS, "object"), (_OF_LISTS, "array")]
        kinds = frozenset(kind for keywords, kind in implied if not keywords.isdisjoint(schema)) or None
    return kinds | NULL if kinds is not None and schema.get("nullable") is True else kinds


def _of_types(given: Any) -> frozenset[Kind] | None:
    types = given if isinstance(given, list) else [given]
    if not types or not all(isinstance(each, str) and each in _KINDS for each in types):
        return None
    return frozenset(_KINDS[each] for each in types)


def _whole(schema: Mapping[str, Any], values: frozenset[Constant] | None) -> bool:
    if values is not None and not any(isinstance(value, float) for value in values):
        return True
    given = schema.get("type")
    types = given if isinstance(given, list) else [given]
    return "integer" in types and "number" not in types


def _constants(schema: Mapping[str, Any]) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    return _listed(schema.get("enum")) or None


def _values(schema: Mapping[str, Any], kinds: frozenset[Kind]) -> frozenset[Constant] | None:
    constants = _constants(schema) or ()
    return frozenset(value for value in constants if _kind_of(value) in ("text", "number") and _kind_of(value) in kinds) or None


def _kind_of(value: Any) -> Kind:
    if isinstance(value, bool):
        return "boolean"
    kinds: dict[type[Any], Kind] = {str: "text", int: "number", float: "number", list: "array", dict: "object"}
    return kinds.get(type(value), "null")


MOST_WRITTEN = 2_000
"""How many parts a published schema has at most; what lies further is left open."""
DEEPEST_WRITTEN = 40


def schema_of(shape: Shape) -> dict[str, Any]:
    """The JSON Schema of a shape. What contains itself is left open at that place."""
    return _Writer().written(shape, frozenset())


class _Writer:
    def __init__(self) -> None:
        self._parts = 0

    def written(self, shape: Shape, above: frozenset[object]) -> dict[str, Any]:
        self._parts += 1
        inside = shape.inside
        if not shape.known or not shape.kinds or self._parts > MOST_WRITTEN or len(above) > DEEPEST_WRITTEN:
            return {}
        types = sorted("integer" if kind == "number" and shape.whole else _TYPES[kind] for kind in shape.kinds)
        schema: dict[str, Any] = {"type": types[0] if len(types) == 1 else types}
        if shape.values is not None and shape.only("text", "number"):
            schema["enum"] = [*sorted(shape.values, key=repr), *([None] if "null" in shape.kinds else [])]
        if inside is None:
            return schema
        if inside.key in above:
            return {}
        above |= {inside.key}
        if "object" in shape.kinds:
            self._object(shape, schema, above)
        if "array" in shape.kinds and (items := self.written(shape.items, above)):
            schema["items"] = items
        return schema

    def _object(self, shape: Shape, schema: dict[str, Any], above: frozenset[object]) -> None:
        members = {name: member for name in shape.names if (member := shape.member(name)) is not None}
        if members:
            schema["properties"] = {name: self.written(member, above) for name, member in members.items()}
        if shape.listed:
            return
        rest = self.written(shape.rest, above) if shape.open else False
        if rest != {}:
            schema["additionalProperties"] = rest
