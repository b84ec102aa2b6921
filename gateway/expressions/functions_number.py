"""Functions on numbers: exact decimal arithmetic on JSON numbers and on decimals written as text (as SQL sources give them).

What they return is a JSON number wherever one holds the result exactly: an `int` for a whole number, else a `float` (its shortest
spelling is the result). Where a result has more digits than a `float` keeps, it is the decimal as text, exact, which numeric
functions take again. A quotient that never ends is the nearest `float`.
"""

from __future__ import annotations

import re
from decimal import (
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
)
from typing import Any

from gateway.expressions.builtin import Builtin, a_list, wrong
from gateway.expressions.values import is_number
from gateway.sdk import ExpressionFault

DIGITS = 64
"""Significant digits of exact results; beyond them the nearest `float` is given."""
MAX_EXPONENT = 300
"""Largest power of ten, up and down, of a number written as text, and of results that stay exact."""
_EXACT = Context(prec=DIGITS, Emax=3 * MAX_EXPONENT, Emin=-3 * MAX_EXPONENT, traps=[InvalidOperation, DivisionByZero, Overflow])
_WRITTEN = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?", re.ASCII)
_SMALL = 1 << 62
_MAX_WHOLE = 30
_LARGEST = 10**DIGITS


def decimal_or_none(value: Any) -> Decimal | None:
    """A number, or a text that is one, as a decimal."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value) if abs(value) < _LARGEST else None
    if isinstance(value, float):
        return Decimal(repr(value)) if value - value == 0 else None
    if isinstance(value, str) and len(value) <= DIGITS and _WRITTEN.fullmatch(value):
        number = Decimal(value)
        return number if not number or abs(number.adjusted()) <= MAX_EXPONENT else None
    return None


def exact(name: str, value: Any) -> Decimal:
    """The argument of a numeric function."""
    number = decimal_or_none(value)
    if number is None:
        raise wrong(name, "numbers")
    return number


def json_number(number: Decimal) -> int | float | str:
    """A decimal as the JSON value that holds it exactly."""
    if not number:
        return 0
    if number.adjusted() < -MAX_EXPONENT:
        return _nearest(number)
    if number == number.to_integral_value() and number.adjusted() < _MAX_WHOLE:
        return int(number)
    near = _nearest(number)
    return near if Decimal(repr(near)) == number else str(number)


def _nearest(number: Decimal) -> float:
    near = float(number)
    if near - near != 0:
        raise ExpressionFault("A number became too large.")
    return near


def whole(name: str, value: Any) -> int:
    """An argument that has to be a whole number of sensible size."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _SMALL:
        return value
    number = exact(name, value)
    if number != number.to_integral_value() or abs(number) >= _SMALL:
        raise wrong(name, "a whole number")
    return int(number)


def _combined(number: Decimal, context: Context) -> int | float | str:
    return _nearest(number) if context.flags[Inexact] else json_number(number)


def add(left: Any, right: Any) -> int | float | str:
    if left.__class__ is int and right.__class__ is int and -_SMALL < left < _SMALL and -_SMALL < right < _SMALL:
        return left + right
    context = _EXACT.copy()
    return _combined(context.add(exact("add", left), exact("add", right)), context)


def sub(left: Any, right: Any) -> int | float | str:
    if left.__class__ is int and right.__class__ is int and -_SMALL < left < _SMALL and -_SMALL < right < _SMALL:
        return left - right
    context = _EXACT.copy()
    return _combined(context.subtract(exact("sub", left), exact("sub", right)), context)


def mul(left: Any, right: Any) -> int | float | str:
    context = _EXACT.copy()
    return _combined(context.multiply(exact("mul", left), exact("mul", right)), context)


def div(left: Any, right: Any) -> int | float | str:
    dividend, divisor = exact("div", left), exact("div", right)
    if not divisor:
        raise ExpressionFault("div() can't divide by zero.")
    context = _EXACT.copy()
    return _combined(context.divide(dividend, divisor), context)


def mod(left: Any, right: Any) -> int | float | str:
    """The remainder, with the sign of the dividend (as in SQL)."""
    dividend, divisor = exact("mod", left), exact("mod", right)
    if not divisor:
        raise ExpressionFault("mod() can't divide by zero.")
    if dividend and dividend.adjusted() - divisor.adjusted() >= DIGITS:
        raise ExpressionFault("mod() can't tell the remainder of numbers so far apart.")
    return json_number(_EXACT.copy().remainder(dividend, divisor))


def rounded(value: Any, digits: Any = 0) -> int | float | str:
    """To `digits` places (negative: tens, hundreds), half away from zero."""
    places = whole("round", digits)
    if abs(places) > DIGITS:
        raise wrong("round", f"at most {DIGITS} places")
    return json_number(quantized(exact("round", value), places))


def quantized(number: Decimal, places: int, rounding: str = ROUND_HALF_UP) -> Decimal:
    """Rounded to `places` behind the point; a number with fewer stays as it is."""
    if number.is_zero() or -int(number.as_tuple().exponent) <= places:
        return number
    return number.quantize(Decimal(1).scaleb(-places), rounding, Context(prec=3 * MAX_EXPONENT))


def absolute(value: Any) -> int | float | str:
    return json_number(abs(exact("abs", value)))


def ceil(value: Any) -> int | float | str:
    return json_number(quantized(exact("ceil", value), 0, ROUND_CEILING))


def floor(value: Any) -> int | float | str:
    return json_number(quantized(exact("floor", value), 0, ROUND_FLOOR))


def total(name: str, values: Any) -> tuple[Decimal, Context]:
    """The sum of a list's numbers, nulls left out, and the context that knows whether it is exact."""
    context, result = _EXACT.copy(), Decimal(0)
    for value in a_list(name, values):
        if value is not None:
            result = context.add(result, exact(name, value))
    return result, context


def sum_of(values: Any) -> int | float | str:
    """The sum; nulls are left out, and nothing sums up to 0."""
    if values is None:
        return 0
    return _combined(*total("sum", values))


def average(values: Any) -> int | float | str | None:
    """The mean of what is not null; null where nothing is."""
    result, context = total("avg", values)
    count = sum(1 for value in values if value is not None)
    return _combined(context.divide(result, Decimal(count)), context) if count else None


def number(value: Any) -> int | float | str | None:
    """A number, or the number that a text holds; null for anything else."""
    if is_number(value):
        return value  # type: ignore[no-any-return]
    found = decimal_or_none(value.strip()) if isinstance(value, str) else None
    return None if found is None else json_number(found)


def comparable(name: str, values: Any) -> list[Any]:
    """What is not null in a list of numbers, or of texts."""
    found = [value for value in a_list(name, values) if value is not None]
    if not (all(map(is_number, found)) or all(isinstance(value, str) for value in found)):
        raise wrong(name, "a list of numbers, or of texts")
    return found


def greatest(values: Any) -> Any:
    """The largest number, or the last text by code point; nulls are left out."""
    return max(comparable("max", values), default=None)


def least(values: Any) -> Any:
    """The smallest number, or the first text by code point; nulls are left out."""
    return min(comparable("min", values), default=None)


BUILTINS = (
    Builtin(name="add", function=add, minimum=2, maximum=2, returns="number", summary="The sum of two numbers."),
    Builtin(name="sub", function=sub, minimum=2, maximum=2, returns="number", summary="The first less the second."),
    Builtin(name="mul", function=mul, minimum=2, maximum=2, returns="number", summary="The product of two numbers."),
    Builtin(name="div", function=div, minimum=2, maximum=2, returns="number", summary="The first divided by the second."),
    Builtin(name="mod", function=mod, minimum=2, maximum=2, returns="number", summary="The remainder of a division."),
    Builtin(name="round", function=rounded, minimum=1, maximum=2, returns="number", summary="Rounded to n places, half away from zero."),
    Builtin(name="abs", function=absolute, minimum=1, maximum=1, returns="number", summary="Without its sign."),
    Builtin(name="ceil", function=ceil, minimum=1, maximum=1, returns="number", summary="Rounded up."),
    Builtin(name="floor", function=floor, minimum=1, maximum=1, returns="number", summary="Rounded down."),
    Builtin(name="sum", function=sum_of, minimum=1, maximum=1, scans=0, returns="number", nulls="own", summary="The sum of a list."),
    Builtin(name="avg", function=average, minimum=1, maximum=1, scans=0, returns="number", summary="The mean of a list."),
    Builtin(name="max", function=greatest, minimum=1, maximum=1, scans=0, summary="The greatest of a list."),
    Builtin(name="min", function=least, minimum=1, maximum=1, scans=0, summary="The least of a list."),
    Builtin(name="number", function=number, minimum=1, maximum=1, returns="number", summary="The number that a text holds."),
    Builtin(name="to_number", function=number, minimum=1, maximum=1, returns="number", summary="The number that a text holds."),
)
