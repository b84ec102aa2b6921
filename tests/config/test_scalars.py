"""Plain scalars: YAML 1.2 core, and what is refused instead of guessed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.scalars import Refused, resolve


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *[("", None), ("~", None), ("null", None), ("true", True), ("false", False)],
        *[("0", 0), ("-0", 0), ("+12", 12), ("-7", -7), ("0o17", 15), ("0x1F", 31), ("18446744073709551615", 2**64 - 1)],
        *[("1.5", 1.5), (".5", 0.5), ("1.", 1.0), ("-1e3", -1000.0), ("0.10", 0.1), ("1E-2", 0.01), ("0e0", 0.0)],
    ],
)
def test_values(written: str, value: Any) -> None:
    found = resolve(written)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    "written",
    [
        *["yes", "no", "NO", "on", "Off", "y", "n", "nil", "None", "undefined"],
        *[
            "12:30",
            "1:30:00",
            "2026-11-20",
            "2001-12-14t21:59:43Z",
            "1_000",
            "0b11",
            "0o8",
            "0xZZ",
            "1.2.3",
            "1e",
            "+",
            "-",
            ".",
            "=",
            "e5",
        ],
        *["- 1", "0x-1", "-0x1F", "1,000", "10%", "٣", "１２"],
    ],
)
def test_text_stays_text(written: str) -> None:
    assert resolve(written) == written


@pytest.mark.parametrize("written", ["007", "-01", "+00", "0777", "089", "00", "01.5", "01e3", "0049301234567"])
def test_a_leading_zero_has_to_be_quoted(written: str) -> None:
    found = resolve(written)
    assert isinstance(found, Refused)
    assert "leading zero" in found.message
    assert f'"{written}"' in found.hint


@pytest.mark.parametrize("written", [".inf", "-.Inf", "+.INF", ".nan", ".NaN", ".NAN", "1e400", "-1e999"])
def test_numbers_that_are_none(written: str) -> None:
    assert isinstance(resolve(written), Refused)


@pytest.mark.parametrize(("written", "meant"), [("True", "true"), ("FALSE", "false"), ("Null", "null"), ("NULL", "null"), ("TRUE", "true")])
def test_other_spellings_are_not_guessed(written: str, meant: str) -> None:
    found = resolve(written)
    assert isinstance(found, Refused)
    assert f"`{meant}`" in found.hint


@pytest.mark.parametrize("written", ["18446744073709551616", "-9223372036854775809", "9" * 5000, "0x" + "f" * 17, "1" * 400 + ".0"])
def test_numbers_beyond_64_bits_are_refused_and_shortened(written: str) -> None:
    found = resolve(written)
    assert isinstance(found, Refused)
    assert "too large" in found.message
    assert len(found.message) < 100


@given(st.integers(-(2**63), 2**64 - 1))
def test_whole_numbers_survive(number: int) -> None:
    assert resolve(str(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_finite_numbers_survive(number: float) -> None:
    found = resolve(repr(number))
    assert (found, type(found)) == (number, float)


@given(st.text())
def test_any_text_has_a_value_or_a_reason(text: str) -> None:
    found = resolve(text)
    assert found == text or not isinstance(found, str)
