"""Database values as JSON data, and arguments as database values."""

from __future__ import annotations

from base64 import b64encode
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any

from gateway.sdk import InvalidRequest
from gateway.sources.wire_text import json_of

MAX_LIST = 10_000
"""Most values that a list may expand to; databases allow between 32,766 and 65,535 binds in a statement."""

_PLAIN = (str, int, bool, type(None))
_INT64 = range(-(1 << 63), 1 << 63)


def json_safe(value: Any) -> Any:
    """A column's value as JSON data.

    Decimals become text with their scale, dates and times ISO 8601, durations ISO 8601 (`P1DT2H`), bytes base64 (RFC 4648 §4);
    what is not finite becomes null; integers stay; whatever a driver invents besides (UUID, addresses, ranges) its own text.
    """
    if type(value) in _PLAIN:
        return value
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else None
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return iso_duration(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return b64encode(value).decode()
    if isinstance(value, dict):
        return {str(name): json_safe(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [json_safe(item) for item in value]
    return str(value)


def iso_duration(value: timedelta) -> str:
    """ISO 8601 duration of days, hours, minutes and seconds; the sign, where there is one, before all."""
    sign = "-" if value < timedelta() else ""
    value = abs(value)
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{value.microseconds:06}".rstrip("0") if value.microseconds else ""
    days = f"{value.days}D" if value.days else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + (f"{seconds}{fraction}S" if seconds or fraction else "")
    return f"{sign}P{days}T{clock}" if clock else f"{sign}P{days or 'T0S'}"


def bound_value(name: str, value: Any, *, arrays: bool) -> Any:
    """An argument as a driver takes it: an object, or a list where the database has no `arrays`, as JSON text."""
    if isinstance(value, dict) or (isinstance(value, list) and not arrays):
        return json_of(value).decode()
    if isinstance(value, list):
        return [bound_value(name, item, arrays=arrays) for item in value]
    return _checked(name, value)


def bound_list(name: str, value: Any) -> list[Any]:
    """The values that `IN :name` expands to: null is an empty list, a single value a list of one."""
    values = [] if value is None else value if isinstance(value, list) else [value]
    if len(values) > MAX_LIST:
        raise InvalidRequest(f"`{name}` holds more than {MAX_LIST} values.")
    if any(isinstance(item, list | dict) for item in values):
        raise InvalidRequest(f"`{name}` must be a list of plain values.")
    return [_checked(name, item) for item in values]


def _checked(name: str, value: Any) -> Any:
    """Raises `InvalidRequest` for what drivers choke on: integers beyond 64 bits, NUL, lone surrogates, NaN."""
    if isinstance(value, str):
        if "\0" in value or not _encodable(value):
            raise InvalidRequest(f"`{name}` holds a character that a database can't take.")
    elif isinstance(value, int):
        if value not in _INT64:
            raise InvalidRequest(f"`{name}` is too large a number.")
    elif isinstance(value, float) and not isfinite(value):
        raise InvalidRequest(f"`{name}` is not a finite number.")
    return value


def _encodable(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)
