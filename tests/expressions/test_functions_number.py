"""Exact arithmetic. A result is an `int` where it is whole, else a `float` where one spells it, else the decimal as text."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.expressions.functions_number import decimal_or_none, json_number
from tests.expressions.evaluation import fails, of

decimals = st.decimals(min_value=-(10**12), max_value=10**12, places=2)
written = decimals.map(str) | st.integers(-(10**15), 10**15) | st.floats(-1e6, 1e6).map(lambda number: round(number, 3))


def exact(value: Any) -> Fraction:
    return Fraction(Decimal(repr(value)) if isinstance(value, float) else Decimal(value))


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("add(`0.1`, `0.2`)", 0.3),
        ("add('10.50', '0.50')", 11),
        ("add('10.50', `1`)", 11.5),
        ("add(`1`, `2`)", 3),
        ("add(`9007199254740993`, `1`)", 9007199254740994),
        ("add('12345678901234567.89', '0.01')", "12345678901234567.90"),
        ("add('0.1', '1e-20')", "0.10000000000000000001"),
        ("sub('10.50', '10.50')", 0),
        ("sub(`1`, `0.9`)", 0.1),
        ("sub(`5`, `7`)", -2),
        ("mul('19.99', `3`)", 59.97),
        ("mul(`1.1`, `1.1`)", 1.21),
        ("mul(`3`, `4`)", 12),
        ("div(`1`, `4`)", 0.25),
        ("div(`6`, `3`)", 2),
        ("div(`1`, `3`)", 1 / 3),
        ("div('10.00', `3`)", 10 / 3),
        ("mod(`7`, `3`)", 1),
        ("mod(`-7`, `3`)", -1),
        ("mod('7.5', `2`)", 1.5),
        ("round(`2.5`)", 3),
        ("round(`-2.5`)", -3),
        ("round('1.005', `2`)", 1.01),
        ("round(`1234`, `-2`)", 1200),
        ("round('10.50', `5`)", 10.5),
        ("round(`0.5`)", 1),
        ("abs(`-1`)", 1),
        ("abs('-1.50')", 1.5),
        ("ceil(`1.2`)", 2),
        ("ceil('-1.2')", -1),
        ("floor('1.9')", 1),
        ("floor(`-1.2`)", -2),
        ("ceil(`3`)", 3),
        ("sum(`[1, 2, 3]`)", 6),
        ("sum(['10.50', '0.20', `1`])", 11.7),
        ("sum(['10.50', `null`])", 10.5),
        ("sum(`[]`)", 0),
        ("avg(['1.00', `2`, `null`])", 1.5),
        ("avg(`[1, 1, 2]`)", 4 / 3),
        ("avg(`[]`)", None),
        ("avg(`[null]`)", None),
        ("max(`[1, 3.5, 2, null]`)", 3.5),
        ("min(`[1, 3.5, 2]`)", 1),
        ("max(['a', 'b'])", "b"),
        ("min(['9', '10'])", "10"),
        ("max(`[]`)", None),
        ("number('10.50')", 10.5),
        ("number(' 7 ')", 7),
        ("number('-0')", 0),
        ("number('abc')", None),
        ("number('1_000')", None),
        ("number('٣')", None),
        ("number('NaN')", None),
        ("number('Infinity')", None),
        ("number('1e400')", None),
        ("number(`true`)", None),
        ("number(`[1]`)", None),
        ("number(`2.50`)", 2.5),
        ("to_number('12')", 12),
    ],
)
def test_values(text: str, result: Any) -> None:
    answer = of(text)
    assert answer == result
    assert type(answer) is type(result)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("add('abc', `1`)", "add() needs numbers."),
        ("add(`true`, `1`)", "add() needs numbers."),
        ("mul(`[1]`, `1`)", "mul() needs numbers."),
        ("sum(['a'])", "sum() needs numbers."),
        ("sum(`5`)", "sum() needs a list."),
        ('max(`[1, "a"]`)', "max() needs a list of numbers, or of texts."),
        ("min(`[[1]]`)", "min() needs a list of numbers, or of texts."),
        ("div(`1`, `0`)", "div() can't divide by zero."),
        ("div(`1`, '0.00')", "div() can't divide by zero."),
        ("mod(`1`, `0`)", "mod() can't divide by zero."),
        ("mod('1e300', '1e-300')", "mod() can't tell the remainder of numbers so far apart."),
        ("round(`1`, `100`)", "round() needs at most 64 places."),
        ("round(`1`, 'x')", "round() needs numbers."),
        ("mul('1e300', '1e300')", "A number became too large."),
        ("add(input.x, `1`)", "add() needs numbers."),
    ],
)
def test_faults(text: str, message: str) -> None:
    assert fails(text, x=10**70) == message


def test_extremes_are_bounded() -> None:
    assert of("mul('1e-300', '1e-300')") == 0
    assert of("add(input.x, `1`)", x=1.7e308) == 1.7e308
    assert "too large" in fails("add(input.x, input.x)", x=1.7e308)
    assert isinstance(of("mul('1e200', '1e100')"), float)
    assert of("add('1e40', `1`)") == str(10**40 + 1)
    assert of("round('1e300', `60`)") == 1e300


@given(written, written)
def test_arithmetic_is_exact(left: Any, right: Any) -> None:
    for name, expected in (("add", exact(left) + exact(right)), ("sub", exact(left) - exact(right)), ("mul", exact(left) * exact(right))):
        answer = of(f"{name}(input.l, input.r)", l=left, r=right)
        assert exact(answer) == expected
        assert msgspec.json.decode(msgspec.json.encode(answer)) == answer


@given(st.lists(decimals.map(str), max_size=30))
def test_sums_of_decimals_are_exact(amounts: list[str]) -> None:
    assert exact(of("sum(input.x)", x=amounts)) == sum(map(Fraction, amounts))


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_every_decimal_has_a_json_value_that_is_it(number: Decimal) -> None:
    read = decimal_or_none(str(number))
    if read is not None:
        assert exact(json_number(read)) == Fraction(number)
