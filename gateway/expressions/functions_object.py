"""Functions on objects, on any value, and from and to JSON."""

from __future__ import annotations

from typing import Any

import msgspec

from gateway.expressions.builtin import Builtin, an_object, wrong
from gateway.expressions.limits import fresh, measured
from gateway.expressions.values import as_json, as_text, is_number
from gateway.sdk import ExpressionFault


def keys(value: Any) -> list[str]:
    return list(an_object("keys", value))


def values(value: Any) -> list[Any]:
    return list(an_object("values", value).values())


def merge(*objects: Any) -> dict[str, Any]:
    """All fields of all objects; a later one wins."""
    merged: dict[str, Any] = {}
    for value in objects:
        merged.update(an_object("merge", value))
    return merged


def lookup(table: Any, key: Any) -> Any:
    """The field whose name is `key`; null where there is none."""
    if not isinstance(key, str | int | float):
        raise wrong("lookup", "a text or a number as its key")
    return an_object("lookup", table).get(as_text(key))


def pick(value: Any, names: Any) -> dict[str, Any]:
    """Only these fields, as far as they are there."""
    found = an_object("pick", value)
    return {name: found[name] for name in _names("pick", names) if name in found}


def omit(value: Any, names: Any) -> dict[str, Any]:
    """All fields but these."""
    left_out = set(_names("omit", names))
    return {name: item for name, item in an_object("omit", value).items() if name not in left_out}


def _names(function: str, names: Any) -> list[str]:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise wrong(function, "an object and a list of names")
    return names


def kind(value: Any) -> str:
    """`string`, `number`, `boolean`, `array`, `object` or `null`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if is_number(value):
        return "number"
    return "array" if isinstance(value, list) else "object" if isinstance(value, dict) else "string"


def to_json(value: Any) -> str:
    """Compact JSON of any value, null too."""
    return as_json(value)


def from_json(text: Any) -> Any:
    """The value that a JSON text holds; null where it isn't JSON."""
    if not isinstance(text, str):
        raise wrong("from_json", "a text")
    try:
        return measured(msgspec.json.decode(text), fresh())
    except (ValueError, RecursionError, ExpressionFault):
        return None


def not_null(*candidates: Any) -> Any:
    """The first that is not null."""
    return next((value for value in candidates if value is not None), None)


BUILTINS = (
    Builtin(name="keys", function=keys, minimum=1, maximum=1, returns="list", builds=True, summary="The names of an object's fields."),
    Builtin(name="values", function=values, minimum=1, maximum=1, returns="list", builds=True, summary="The values of an object's fields."),
    Builtin(name="merge", function=merge, minimum=1, maximum=None, returns="object", builds=True, summary="Several objects as one."),
    Builtin(name="lookup", function=lookup, minimum=2, maximum=2, summary="The field of an object whose name is computed."),
    Builtin(name="pick", function=pick, minimum=2, maximum=2, returns="object", builds=True, summary="Only these fields."),
    Builtin(name="omit", function=omit, minimum=2, maximum=2, returns="object", builds=True, summary="All fields but these."),
    Builtin(name="type", function=kind, minimum=1, maximum=1, returns="text", nulls="own", summary="What kind of value it is."),
    Builtin(name="to_json", function=to_json, minimum=1, maximum=1, returns="text", nulls="own", builds=True, summary="Compact JSON."),
    Builtin(name="from_json", function=from_json, minimum=1, maximum=1, builds=True, summary="The value that a JSON text holds."),
    Builtin(name="not_null", function=not_null, minimum=1, maximum=None, nulls="own", summary="The first that is not null."),
)
