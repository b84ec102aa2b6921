"""JSON Schemas at run time: validating, completing and coercing input and arguments (draft 2020-12).

Validators are made at load. Patterns run in linear time, formats are asserted, and no reference is ever fetched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import jsonschema_rs

from gateway.sdk import InvalidRequest
from gateway.sdk.sharing import canonical

LONGEST_MESSAGE = 200
MOST_FAULTS = 50
LARGEST_TOLD = 16 * 1024
"""Bytes of JSON; of a larger value only the first fault is told: finding all of them would hold up the event loop."""
Coercion = Callable[[Any], Any]
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,18})?(?:[eE][+-]?[0-9]{1,3})?")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_BOOLEANS = {"true": True, "false": False}


def _refuse(uri: str) -> Any:
    raise ValueError(f"schemas are not fetched: {uri}")


class SchemaReader:
    """Reads values by one schema.

    `text` says where texts stand for other types: `in` turns texts into the numbers and booleans that the schema asks for (what
    channels and forms send), `out` turns numbers and booleans into the text that it asks for (what URLs and headers carry).
    Raises `ValueError` where the schema itself is not valid.
    """

    def __init__(self, schema: Mapping[str, Any], *, text: str = "in") -> None:
        written = dict(schema)
        self._validator = jsonschema_rs.Draft202012Validator(
            written,
            validate_formats=True,
            pattern_options=jsonschema_rs.RegexOptions(),
            retriever=_refuse,
        )
        self._check_defaults(written)
        self._complete = _completion(written)
        self._from_text = _coercion(written, _from_text if text == "in" else _to_text)

    def _check_defaults(self, schema: Mapping[str, Any]) -> None:
        """A default that doesn't fit would be blamed on every caller who leaves it out."""
        properties = schema.get("properties")
        for name, member in properties.items() if isinstance(properties, Mapping) else ():
            if isinstance(member, Mapping) and "default" in member:
                faults = self._validator.iter_errors({name: member["default"]})
                if any(fault.instance_path[:1] == [name] for fault in faults):
                    raise ValueError(f"the default of `{name}` does not fit its own schema")

    def read(self, given: dict[str, Any], *, coerce: bool) -> dict[str, Any]:
        """A completed copy of `given`. Raises `InvalidRequest` with every fault and its JSON pointer (RFC 6901); of many faults
        50, of a large value the first."""
        value = self._complete(given) if self._complete is not None else given
        if coerce and self._from_text is not None:
            value = self._from_text(value)
        if not self._validator.is_valid(value):
            raise InvalidRequest("The input does not fit its schema.", details=self._faults(value))
        result: dict[str, Any] = value
        return result

    def _faults(self, value: Any) -> list[dict[str, Any]]:
        if len(canonical(value)) > LARGEST_TOLD:
            return self._first_fault(value)
        faults = []
        for error in self._validator.iter_errors(value):
            faults += _describe(error)
            if len(faults) >= MOST_FAULTS:
                break
        return faults[:MOST_FAULTS]

    def _first_fault(self, value: Any) -> list[dict[str, Any]]:
        try:
            self._validator.validate(value)
        except jsonschema_rs.ValidationError as error:
            return _describe(error)[:MOST_FAULTS]
        return []


def _describe(error: Any) -> list[dict[str, Any]]:
    kind = error.kind
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.Required):
        return [{"pointer": _pointer([*error.instance_path, kind.property]), "message": "is required"}]
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.AdditionalProperties):
        return [{"pointer": _pointer([*error.instance_path, name]), "message": "is not known here"} for name in kind.unexpected]
    message = error.message
    if len(message) > LONGEST_MESSAGE:
        message = f"{message[: LONGEST_MESSAGE // 2]} … {message[-LONGEST_MESSAGE // 2 :]}"
    return [{"pointer": _pointer(error.instance_path), "message": message}]


def _pointer(path: list[str | int]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _completion(schema: Any) -> Coercion | None:
    """Fills in `default`s of object properties, nested ones too."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict):
        return None
    defaults = {name: member["default"] for name, member in properties.items() if isinstance(member, dict) and "default" in member}
    nested = {name: inner for name, member in properties.items() if (inner := _completion(member)) is not None}
    if not defaults and not nested:
        return None

    def complete(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        value = {**defaults, **value}
        for name, inner in nested.items():
            if name in value:
                value[name] = inner(value[name])
        return value

    return complete


def _coercion(schema: Any, leaf: Callable[[set[str]], Coercion | None]) -> Coercion | None:
    """Walks objects and arrays; a leaf is coerced only where its type leaves no choice."""
    if not isinstance(schema, dict):
        return None
    types = schema.get("type")
    single = leaf(set(types) - {"null"} if isinstance(types, list) else {types} if isinstance(types, str) else set())
    properties = schema.get("properties")
    members = (
        {name: inner for name, member in properties.items() if (inner := _coercion(member, leaf)) is not None}
        if isinstance(properties, dict)
        else {}
    )
    items = _coercion(schema.get("items"), leaf)
    if single is None and not members and items is None:
        return None

    def coerce(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: members[name](member) if name in members else member for name, member in value.items()}
        if isinstance(value, list):
            return [items(item) for item in value] if items is not None else value
        return value if single is None else single(value)

    return coerce


def _from_text(types: set[str]) -> Coercion | None:
    if types == {"integer"}:
        return lambda value: int(value) if isinstance(value, str) and _INTEGER.fullmatch(value.strip()) else value
    if types and types <= {"number", "integer"}:
        return _number
    if types == {"boolean"}:
        return lambda value: _BOOLEANS.get(value.strip().lower(), value) if isinstance(value, str) else value
    return None


def _number(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = value.strip()
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else value


def _to_text(types: set[str]) -> Coercion | None:
    if types != {"string"}:
        return None

    def text(value: Any) -> Any:
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value) if isinstance(value, int) else value

    return text
