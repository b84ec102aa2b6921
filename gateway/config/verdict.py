"""A quick look at a document before the walk: most have no fault, and then nothing has to be placed, owned or put into words.

A schema becomes functions `value -> bool`, once. True means that `Walk` would report nothing at all, not even a warning. False means
nothing: the walk decides. So what is rare (a key that is not in force, a mapping that lacks its dash) needs no rule of its own here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from gateway.config.json_schema_sound import is_sound_json_schema
from gateway.config.scalar_check import NOT_NAMES, UNITS, has_unit, out_of_range
from gateway.config.shape import Schema, Shapes, types_of
from gateway.sdk.fields import NAME_PATTERN

Check = Callable[[Any], bool]
_CLASSES: Mapping[type, str] = MappingProxyType(
    {type(None): "null", bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
)


def verdict(schema: Schema) -> Check:
    """The quick check of a whole document by its generated schema."""
    return _Verdict(schema).of(schema)


class _Verdict:
    """Makes the checks of one generated schema. One that refers to itself finds its own check by its name."""

    def __init__(self, root: Schema) -> None:
        self._shapes = Shapes(root)
        self._named: dict[str, Check] = {}

    def of(self, schema: Schema) -> Check:
        """The check of a value by one schema."""
        name = schema["$ref"] if len(schema) == 1 and "$ref" in schema else None
        if name is None:
            return self._made(schema)
        if name not in self._named:

            def later(value: Any) -> bool:
                return self._named[name](value)

            self._named[name] = later  # what one finds that leads back to itself
            self._named[name] = self._made(schema)
        return self._named[name]

    def _made(self, schema: Schema) -> Check:
        choices = self._shapes.choices(schema)
        by_class = {cls: found for cls, kind in _CLASSES.items() if (found := self._of_type(choices, kind)) is not None}

        def check(value: Any) -> bool:
            found = by_class.get(value.__class__)
            return found is not None and found(value)

        return check

    def _of_type(self, choices: list[Schema], kind: str) -> Check | None:
        """The check of values of one YAML type, by the first alternative that takes it."""
        shape = next((choice for choice in choices if _takes(choice, kind)), None)
        if shape is None:
            return None
        if shape.get("x-gateway-kind") == "json_schema":
            return is_sound_json_schema
        if kind == "object":
            return self._mapping(shape)
        return self._list(shape) if kind == "array" else _scalar(shape, choices, kind)

    def _list(self, shape: Schema) -> Check:
        least, most = shape.get("minItems", 0), shape.get("maxItems", math.inf)
        items = self.of(shape["items"]) if shape.get("items") else None

        def check(value: list[Any]) -> bool:
            return least <= len(value) <= most and (items is None or all(map(items, value)))

        return check

    def _mapping(self, shape: Schema) -> Check:
        declared = {key: self._member(schema) for key, schema in shape.get("properties", {}).items()}
        others = shape.get("additionalProperties", {})
        other = self.of(others) if isinstance(others, dict) and others else None if others is False else _anything
        names = _form(shape.get("propertyNames", {}).get("pattern"))
        least, most = shape.get("minProperties", 0), shape.get("maxProperties", math.inf)
        rules = _rules(shape)

        def check(value: dict[str, Any]) -> bool:
            if not least <= len(value) <= most or not all(rule(value) for rule in rules):
                return False
            for key, item in value.items():
                known = declared.get(key)
                if known is None:
                    if other is None or not names(key) or not other(item):
                        return False
                elif not (known(item) and names(key)):
                    return False
            return True

        return check

    def _member(self, schema: Schema) -> Check:
        """A key that is not in force is only of no account where it says what holds anyhow."""
        check = self.of(schema)
        if "x-gateway-status" not in schema:
            return check
        return lambda value: "default" in schema and bool(schema["default"] == value) and check(value)


def _takes(shape: Schema, kind: str) -> bool:
    kinds = types_of(shape)
    return not kinds or kind in kinds or (kind == "integer" and "number" in kinds)


def _anything(_: Any) -> bool:
    return True


def _rules(shape: Schema) -> list[Callable[[dict[str, Any]], bool]]:
    """What must hold between the keys of a mapping."""
    rules: list[Callable[[dict[str, Any]], bool]] = []
    if shape.get("required"):
        required = frozenset(shape["required"])
        rules.append(lambda value: required <= value.keys())
    rules += [_exactly_one(frozenset(group)) for group in shape.get("x-gateway-exactly-one", ())]
    rules += [_only_with(key, frozenset(needed)) for key, needed in shape.get("x-gateway-only-with", {}).items()]
    return rules


def _exactly_one(group: frozenset[str]) -> Callable[[dict[str, Any]], bool]:
    return lambda value: sum(value[key] is not False for key in group & value.keys()) == 1


def _only_with(key: str, needed: frozenset[str]) -> Callable[[dict[str, Any]], bool]:
    return lambda value: key not in value or not needed.isdisjoint(value)


def _form(pattern: str | None) -> Callable[[str], bool]:
    """A text that has to look a certain way."""
    if pattern is None:
        return _anything
    search = re.compile(pattern).search
    refused = NOT_NAMES if pattern == NAME_PATTERN else frozenset[str]()
    return lambda text: search(text) is not None and text not in refused and not text.endswith("\n")


def _scalar(shape: Schema, choices: list[Schema], kind: str) -> Check:
    unit = shape.get("x-gateway-kind", "")
    if unit in UNITS:
        return lambda value: has_unit(unit, value, shape)
    if "enum" in shape or "const" in shape:
        allowed = [item for choice in choices for item in choice.get("enum", [choice["const"]] if "const" in choice else [])]
        return lambda value: value in allowed
    if kind == "string":
        form, least, most = _form(shape.get("pattern")), shape.get("minLength", 0), shape.get("maxLength", math.inf)
        return lambda value: least <= len(value) <= most and form(value)
    if kind in ("integer", "number"):
        return lambda value: out_of_range(shape, value) is None
    return _anything
