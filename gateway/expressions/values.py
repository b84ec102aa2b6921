"""What generated code does with single values: field access, truth, comparison, text. All take any value and never raise on its type."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from gateway.expressions.limits import fits, fresh, measured
from gateway.sdk import ExpressionFault


class Unknown(Exception):
    """Where access is decided: this can't be told (language §2.8)."""


def field(value: Any, name: str) -> Any:
    """A field of what is not a plain `dict`: null, unless it is another kind of mapping."""
    return value.get(name) if isinstance(value, Mapping) else None


def is_number(value: Any) -> bool:
    """Whether a value is a JSON number; booleans are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_true(value: Any) -> bool:
    """Truth as JMESPath has it: empty text, list and object, null and false are false; 0 is true."""
    return bool(value) or is_number(value)


def equals(left: Any, right: Any) -> bool:
    """Deep equality; unlike Python's, a boolean never equals a number."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equals, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equals(item, right[key]) for key, item in left.items())
    return bool(left == right)


def ordered(left: Any, right: Any) -> bool:
    """Whether `<` has a meaning between two values: number and number, or text and text."""
    return (is_number(left) and is_number(right)) or (isinstance(left, str) and isinstance(right, str))


def less(left: Any, right: Any) -> bool | None:
    """`<`; null where it has no meaning. Texts compare by code point."""
    return bool(left < right) if ordered(left, right) else None


def less_or_equal(left: Any, right: Any) -> bool | None:
    """`<=`; null where it has no meaning."""
    return bool(left <= right) if ordered(left, right) else None


def known_equals(left: Any, right: Any) -> bool | None:
    """`==` of two paths where access is decided: null (unknown) where either is null or holds one."""
    if left.__class__ is str and right.__class__ is str:
        return bool(left == right)
    if left is None or right is None or holds_null(left) or holds_null(right):
        return None
    return equals(left, right)


def holds_null(value: Any) -> bool:
    """Whether null is anywhere in a list or object."""
    if isinstance(value, list):
        return any(item is None or holds_null(item) for item in value)
    if isinstance(value, dict):
        return any(item is None or holds_null(item) for item in value.values())
    return False


def certain(verdict: bool | None) -> bool:
    """A comparison deep inside an authorisation expression: what is unknown there makes the whole test unknown."""
    if verdict is None:
        raise Unknown
    return verdict


def as_text(value: Any) -> str:
    """How a value reads inside a longer text (language §2.1): text as is, null empty, all else as compact JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, datetime):
        return iso(value)
    return as_json(value)


def as_json(value: Any) -> str:
    """Compact JSON. Raises `ExpressionFault` where the value is too large or no JSON."""
    if isinstance(value, list | dict):
        measured(value, fresh())
    try:
        text = msgspec.json.encode(value).decode()
    except (TypeError, ValueError, RecursionError):
        raise ExpressionFault("An expression gave a value that JSON can't hold.") from None
    fits(len(text))
    return text


def iso(moment: datetime) -> str:
    """ISO 8601, UTC as `Z`."""
    return moment.isoformat().replace("+00:00", "Z")
