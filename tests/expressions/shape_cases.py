"""Generated JSON Schemas, data that is valid against them, and whether a value is as its shape says."""

from __future__ import annotations

from random import Random
from typing import Any

from gateway.expressions.shape import Label, Shape, every_label

NAMES = ("a", "b", "c", "d")
EXTRA = "zz"
"""A member that no schema lists."""
WORDS = ("", "x", "Ab", "10.50", "7", "2026-11-20", "ok", "late")
NUMBERS = (0, 1, -3, 2.5, 1e3, 12, 1.0)
PII = "pii"

Schema = dict[str, Any]


class SchemaMaker:
    """Makes schemas. `secret` data are texts and numbers of class `pii` that occur nowhere else."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._secrets = 0

    def document(self) -> Schema:
        """A schema with definitions, which it may refer to."""
        definitions = {f"N{number}": self.schema(2) for number in range(2)}
        return {**self._object(3), "$defs": definitions}

    def schema(self, depth: int) -> Schema:
        """Any schema."""
        if depth <= 0:
            return self._scalar()
        makers = [
            self._scalar,
            self._object,
            self._object,
            self._array,
            self._array,
            self._alternatives,
            self._all,
            self._reference,
            self._map,
        ]
        maker = self._random.choice(makers)
        return maker() if maker == self._scalar else maker(depth)  # type: ignore[operator,no-any-return]

    def _scalar(self) -> Schema:
        kind = self._random.choice(
            ["string", "string", "integer", "number", "boolean", "enum", "secret", "secret", "const", "anything", "null"]
        )
        if kind == "secret":
            return {"type": self._random.choice(["string", "string", "number"]), "classification": PII}
        if kind == "enum":
            values: list[Any] = self._random.sample([*WORDS, 1, 0, True, False, None, 2.5], 3)
            return {"enum": values}
        if kind == "const":
            return {"const": self._random.choice(["ok", 1, True, None])}
        if kind == "anything":
            return {}
        if kind != "null" and self._random.random() < 0.2:
            return {"type": [kind, "null"]}
        return {"type": kind}

    def _members(self, depth: int) -> dict[str, Schema]:
        return {name: self.schema(depth - 1) for name in self._random.sample(NAMES, self._random.randint(1, 3))}

    def _object(self, depth: int) -> Schema:
        members = self._members(depth)
        schema: Schema = {"type": self._random.choice(["object", "object", ["object", "null"]]), "properties": members}
        if self._random.random() < 0.7:
            schema["required"] = [name for name in members if self._random.random() < 0.6]
        further = self._random.random()
        if further < 0.25:
            schema["additionalProperties"] = False
        elif further < 0.35:
            schema["additionalProperties"] = self.schema(0)
        if self._random.random() < 0.1:
            schema["classification"] = self._random.choice([PII, "public"])
        return schema

    def _map(self, depth: int) -> Schema:
        if self._random.random() < 0.3:
            return {"type": "object", "patternProperties": {"^[ab]$": self.schema(depth - 1)}, "additionalProperties": False}
        return {"type": "object", "additionalProperties": self.schema(depth - 1)}

    def _array(self, depth: int) -> Schema:
        schema: Schema = {"type": self._random.choice(["array", "array", ["array", "null"]]), "items": self.schema(depth - 1)}
        if self._random.random() < 0.15:
            schema["prefixItems"] = [self.schema(0), self.schema(0)]
        return schema

    def _alternatives(self, depth: int) -> Schema:
        return {"anyOf": [self.schema(depth - 1) for _ in range(self._random.randint(1, 3))]}

    def _all(self, depth: int) -> Schema:
        first, second = self._members(depth), self._members(depth)
        parts: list[Schema] = [
            {"type": "object", "properties": first, "required": self._random.sample(sorted(first), 1)},
            {"properties": {name: schema for name, schema in second.items() if name not in first}},
        ]
        return {"allOf": parts}

    def _reference(self, _: int) -> Schema:
        return {"$ref": self._random.choice(["#", "#/$defs/N0", "#/$defs/N1"])}


class DataMaker:
    """Makes data for one schema document: valid, unless it had to be `cut` because the schema contains itself."""

    def __init__(self, random: Random, top: Schema) -> None:
        self._random = random
        self._top = top
        self.secrets: set[str | float] = set()
        self.cut = False

    def value(self, schema: Any, depth: int = 6, *, secret: bool = False) -> Any:
        """A value."""
        if depth < 0:
            self.cut = True
            return None
        secret = schema.get("classification", PII if secret else "") == PII
        if "$ref" in schema:
            return self.value(self._resolved(schema["$ref"]), depth - 1, secret=secret)
        if "anyOf" in schema:
            return self.value(self._random.choice(schema["anyOf"]), depth - 1, secret=secret)
        if "allOf" in schema:
            parts = [self.value({"type": "object", **part}, depth - 1, secret=secret) for part in schema["allOf"]]
            return {name: value for part in parts for name, value in (part or {}).items() if name != EXTRA}
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._random.choice(schema["enum"])
        given = schema.get("type", ["string", "number", "boolean", "null"])
        kind = self._random.choice(given) if isinstance(given, list) else given
        return self._of_kind(kind, schema, depth, secret)

    def _of_kind(self, kind: str, schema: Schema, depth: int, secret: bool) -> Any:
        if kind == "object":
            return self._object(schema, depth, secret)
        if kind == "array":
            parts = schema.get("prefixItems", [])
            parts = [*parts, *[schema["items"]] * self._random.randint(0, 2)] if self._random.random() < 0.9 else []
            return [self.value(part, depth - 1, secret=secret) for part in parts]
        if kind == "null":
            return None
        if kind == "boolean":
            return self._random.random() < 0.5
        if secret:
            return self._secret(kind)
        if kind == "string":
            return self._random.choice(WORDS)
        return self._random.choice([number for number in NUMBERS if kind == "number" or number == int(number)])

    def _secret(self, kind: str) -> str | float:
        number = self._random.randint(10_000_000, 99_999_999)
        made: str | float = f"Canary{number}y" if kind == "string" else number
        self.secrets.add(made)
        return made

    def _object(self, schema: Schema, depth: int, secret: bool) -> Any:
        members, required = schema.get("properties", {}), schema.get("required", [])
        made = {
            name: self.value(member, depth - 1, secret=secret)
            for name, member in members.items()
            if name in required or self._random.random() < 0.6
        }
        further = schema.get("patternProperties", {}).get("^[ab]$", schema.get("additionalProperties"))
        if isinstance(further, dict):
            for name in self._random.sample(NAMES[:2] if "patternProperties" in schema else NAMES, 2):
                if name not in members:
                    made[name] = self.value(further, depth - 1, secret=secret)
        elif further is not False and members and self._random.random() < 0.2:
            made[EXTRA] = self._random.choice(WORDS)
        return made

    def _resolved(self, reference: str) -> Any:
        return self._top if reference == "#" else self._top["$defs"][reference.rpartition("/")[2]]


def kind_of(value: Any) -> str:
    """The kind that shapes call it."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    return {str: "text", int: "number", float: "number", list: "array", dict: "object"}[type(value)]


def misfits(value: Any, shape: Shape, path: str = "$") -> str | None:
    """Where and why a value isn't what its shape says; None where it is."""
    kind = kind_of(value)
    if kind not in shape.kinds:
        return f"{path}: {value!r} is none of {sorted(shape.kinds)}"
    if kind in ("text", "number") and shape.values is not None and value not in shape.values:
        return f"{path}: {value!r} is none of {shape.values}"
    if kind == "number" and shape.whole and value != int(value):
        return f"{path}: {value!r} isn't whole"
    if kind == "array":
        if shape.texts is not None and list(shape.texts) != value:
            return f"{path}: {value!r} isn't {shape.texts}"
        return next((found for place, item in enumerate(value) if (found := misfits(item, shape.items, f"{path}[{place}]"))), None)
    return _object_misfits(value, shape, path) if kind == "object" else None


def _object_misfits(value: dict[str, Any], shape: Shape, path: str) -> str | None:
    for name, item in value.items():
        if name == EXTRA and shape.listed:
            continue
        member = shape.look(name)
        if member is None:
            return None if shape.listed else f"{path}: {name} isn't known, only {shape.names}"
        found = misfits(item, member.shape, f"{path}.{name}")
        if found is not None:
            return found
    return next((f"{path}: {name} is missing" for name in shape.names if name not in value and shape.look(name).absent is None), None)  # type: ignore[union-attr]


def unlabelled(value: Any, shape: Shape, secrets: set[str | float], path: str = "$") -> str | None:
    """Where something secret stands in a value whose shape has no class for it; None where that is nowhere."""
    if isinstance(value, list):
        return next((found for item in value if (found := unlabelled(item, shape.items, secrets, f"{path}[]"))), None)
    if isinstance(value, dict):
        for name, item in value.items():
            member = shape.look(name)
            inner = shape if member is None else member.shape
            found = _leaks(name, every_label(shape), secrets, path) or unlabelled(item, inner, secrets, f"{path}.{name}")
            if found is not None:
                return found
        return None
    return _leaks(value, shape.labels, secrets, path)


def _leaks(value: Any, labels: frozenset[Label], secrets: set[str | float], path: str) -> str | None:
    if any(label.classification == PII for label in labels) or isinstance(value, bool) or value is None:
        return None
    written = str(value).lower()
    for secret in secrets:
        sought = str(secret).lower()
        if sought in written or sought[::-1] in written:
            return f"{path}: {value!r} holds {secret!r} and is {sorted(labels)}"
    return None
