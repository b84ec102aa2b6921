"""Functions on dates and times. They take and give ISO 8601 text: a date (`2026-11-20`), or a date with a time.

A time without an offset counts as UTC. The only clock is the request's own, `ctx.time`.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from gateway.expressions.builtin import Builtin, one_of, wrong
from gateway.expressions.functions_number import decimal_or_none, whole
from gateway.expressions.values import is_number, iso

_SECONDS: Mapping[str, int] = MappingProxyType({"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800})
_MONTHS: Mapping[str, int] = MappingProxyType({"month": 1, "quarter": 3, "year": 12})
UNITS = frozenset({*_SECONDS, *_MONTHS})
_LONGEST = 40


def moment_or_none(value: Any) -> date | None:
    """A `datetime` with an offset, or a plain `date`, from ISO text; None where it is neither."""
    if isinstance(value, datetime):
        return _aware(value)
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    text = value.strip()
    try:
        return date.fromisoformat(text) if len(text) <= 10 else _aware(datetime.fromisoformat(text))
    except ValueError:
        return None


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def moment(name: str, value: Any) -> date:
    """The argument of a date function."""
    found = moment_or_none(value)
    if found is None:
        raise wrong(name, "a date or time in ISO 8601")
    return found


def as_datetime(value: date) -> datetime:
    """A date as its first instant in UTC."""
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=UTC)


def now(time: Any) -> str:
    """The request's time."""
    return iso(as_datetime(moment("now", time)))


def today(time: Any) -> str:
    """The date of the request's time."""
    return as_datetime(moment("today", time)).date().isoformat()


def to_date(value: Any) -> str | None:
    """The date of a date, a time or seconds since 1970 (UTC); null for what can't be read as one."""
    found = _from_seconds(value) if is_number(value) else moment_or_none(value)
    if found is None:
        return None
    return (found.date() if isinstance(found, datetime) else found).isoformat()


def _from_seconds(value: Any) -> datetime | None:
    seconds = decimal_or_none(value)
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=float(seconds or 0))
    except OverflowError:
        return None


def date_add(value: Any, count: Any, unit: Any) -> str:
    """Moved by a whole number of units. A month later is the same day, or the month's last one."""
    start, number, name = moment("date_add", value), whole("date_add", count), _unit("date_add", unit)
    try:
        return _written(_moved(start, number, name))
    except (OverflowError, ValueError):
        raise wrong("date_add", "a result between the years 1 and 9999") from None


def _moved(start: date, number: int, unit: str) -> date:
    if unit in _MONTHS:
        return add_months(start, number * _MONTHS[unit])
    exact = as_datetime(start) if unit in ("second", "minute", "hour") else start
    return exact + timedelta(seconds=number * _SECONDS[unit])


def add_months(start: date, months: int) -> date:
    """The same day some months later, or that month's last day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise ValueError("year out of range")
    return start.replace(year=year, month=month + 1, day=min(start.day, monthrange(year, month + 1)[1]))


def date_diff(later: Any, earlier: Any, unit: Any) -> int:
    """How many whole units the first lies after the second; negative where it lies before."""
    end, start = as_datetime(moment("date_diff", later)), as_datetime(moment("date_diff", earlier))
    name = _unit("date_diff", unit)
    if name in _MONTHS:
        months = _whole_months(start, end) if end >= start else -_whole_months(end, start)
        return _toward_zero(months, _MONTHS[name])
    return _toward_zero((end - start) // timedelta(microseconds=1), _SECONDS[name] * 1_000_000)


def _whole_months(start: datetime, end: datetime) -> int:
    end = end.astimezone(start.tzinfo)
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - 1 if months and add_months(start, months) > end else months


def _toward_zero(amount: int, size: int) -> int:
    return amount // size if amount >= 0 else -(-amount // size)


def _unit(name: str, unit: Any) -> str:
    known = unit[:-1] if isinstance(unit, str) and unit.endswith("s") else unit
    if known not in UNITS:
        raise wrong(name, f"a unit: {', '.join(sorted(UNITS))}")
    return str(known)


def _written(value: date) -> str:
    return iso(value) if isinstance(value, datetime) else value.isoformat()


def _units(name: str) -> Callable[..., Any]:
    return one_of(name, 2, UNITS | {f"{unit}s" for unit in UNITS}, "unit")


BUILTINS = (
    Builtin(name="now", function=now, minimum=0, maximum=0, returns="text", needs="time", summary="The request's time."),
    Builtin(name="today", function=today, minimum=0, maximum=0, returns="text", needs="time", summary="The request's date."),
    Builtin(name="date", function=to_date, minimum=1, maximum=1, returns="text", summary="The date of a time."),
    Builtin(
        name="date_add", function=date_add, minimum=3, maximum=3, returns="text", check=_units("date_add"), summary="A date moved by units."
    ),
    Builtin(
        name="date_diff",
        function=date_diff,
        minimum=3,
        maximum=3,
        returns="number",
        check=_units("date_diff"),
        summary="Whole units between.",
    ),
)
