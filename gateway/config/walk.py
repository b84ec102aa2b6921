"""Checks a document against the schema of its kind, fault by fault, each with its place and the way to mend it.

A node of the wrong type is reported once and not looked into. The work is proportional to the document's size, and ends
early when there are too many faults.
"""

from __future__ import annotations

import math
import re
from typing import Any

from gateway.config.advice import Advice, advice_for
from gateway.config.document import Document
from gateway.config.faults import Faults, written_at
from gateway.config.json_schema import check_json_schema
from gateway.config.keys import check_keys, check_status
from gateway.config.outdented import outdented
from gateway.config.scalar_check import UNITS, check_form, check_scalar, unit_fault
from gateway.config.shape import Schema, Shapes, from_environment, is_scalar
from gateway.config.wording import either, expected, found
from gateway.sdk.problem import Path


class Walk:
    """One pass over one document."""

    def __init__(self, document: Document, kind: str, schema: Schema) -> None:
        self._document = document
        self._shapes = Shapes(schema)
        self._schema = schema
        self.faults = Faults(document, kind)

    def run(self) -> None:
        """Fills `faults`."""
        self._value(self._schema, self._document.data, ())

    def _value(self, schema: Schema, value: Any, path: Path) -> None:
        if self.faults.full:
            return
        choices = self._shapes.choices(schema)
        if self._is_unresolved(choices, value, path):
            return
        shape = self._shapes.fitting(schema, value)
        if shape is None or self._lacks_its_dash(choices, shape, value):
            self._wrong_type(choices, value, path)
        elif shape.get("x-gateway-kind") == "json_schema":
            check_json_schema(value, path, self.faults)
        elif isinstance(value, dict):
            self._mapping(shape, value, path)
        elif isinstance(value, list):
            self._list(shape, value, path)
        else:
            check_scalar(self.faults, choices, shape, value, path)

    def _is_unresolved(self, choices: list[Schema], value: Any, path: Path) -> bool:
        """Whether a scalar is still a `${ }` of the environment: what is wrong with that is said elsewhere."""
        if not from_environment(value) or not any(is_scalar(choice) for choice in choices):
            return False
        if any(choice.get("x-gateway-kind") in {"expression", "template"} for choice in choices):
            return False
        return bool(written_at(self._document, path) == value)

    def _wrong_type(self, choices: list[Schema], value: Any, path: Path) -> None:
        unit = next((choice for choice in choices if choice.get("x-gateway-kind") in UNITS), None)
        if unit is not None and isinstance(value, int | float) and not isinstance(value, bool):
            unit_fault(self.faults, unit, value, path)
            return
        at_key = isinstance(value, dict | list) and bool(path) and isinstance(path[-1], str)
        shown = all(self.faults.shows(value, path, choice) for choice in choices)
        advice = advice_for(self._shapes, choices, value) if shown else Advice(None)
        message = f"{self.faults.owner(path)} must be {expected(choices)}, found {found(value, secret=not shown)}"
        self.faults.add("GW102", message, path, key=at_key, hint=advice.hint, fix=advice.fix)

    def _lacks_its_dash(self, choices: list[Schema], shape: Schema, value: Any) -> bool:
        """Whether a mapping was meant as the only entry of a list: `reply: {text: …}`."""
        if not isinstance(value, dict) or "propertyNames" not in shape:
            return False
        entries = [self._shapes.resolve(choice.get("items", {})) for choice in choices if choice.get("type") == "array"]
        named = {key for entry in entries for key in entry.get("properties", {})}
        return any(key in named and re.search(shape["propertyNames"]["pattern"], key) is None for key in value)

    def _mapping(self, shape: Schema, value: dict[str, Any], path: Path) -> None:
        strays = outdented(self._shapes, shape, value) if None in value.values() else {}
        for key, behind in strays.items():
            message = f"{self.faults.owner((*path, key))} must be a mapping, found nothing"
            self.faults.add("GW102", message, (*path, key), key=True, hint=f"indent {either(behind, 'and')} further than `{key}`")
            value = {name: item for name, item in value.items() if name not in behind}
        check_keys(self.faults, self._shapes, shape, value, path)
        self._count(shape, "Properties", len(value), path)
        declared: dict[str, Schema] = shape.get("properties", {})
        others = shape.get("additionalProperties", {})
        for key, item in value.items():
            below = (*path, key)
            if key in strays:
                continue
            if key in declared:
                check_status(self.faults, declared[key], item, below)
                self._value(declared[key], item, below)
            elif others is not False:
                check_form(self.faults, shape.get("propertyNames", {}), key, below, is_key=True)
                if others is not True and others:
                    self._value(others, item, below)

    def _list(self, shape: Schema, value: list[Any], path: Path) -> None:
        self._count(shape, "Items", len(value), path)
        items = shape.get("items")
        for index, item in enumerate(value if items else ()):
            self._value(items or {}, item, (*path, index))

    def _count(self, shape: Schema, what: str, count: int, path: Path) -> None:
        least, most = shape.get(f"min{what}", 0), shape.get(f"max{what}", math.inf)
        at_key = bool(path) and isinstance(path[-1], str)
        if count < least:
            problem = "is empty" if count == 0 else f"has {count} entries, at least {least} are needed"
            hint = f"write at least one, or remove the {'key' if at_key else 'entry'}" if least == 1 else None
            self.faults.add("GW104", f"{self.faults.owner(path)} {problem}", path, key=at_key, hint=hint)
        elif count > most:
            self.faults.add("GW104", f"{self.faults.owner(path)} has {count} entries, at most {most} possible", path, key=at_key)
