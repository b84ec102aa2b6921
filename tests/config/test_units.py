"""Durations and sizes: the right spelling for what was written."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.units import duration_advice, is_duration, is_size, range_advice, size_advice
from gateway.sdk.fields import Duration, Size


@pytest.mark.parametrize(
    ("written", "hint", "fix"),
    [
        (800, "write `800ms` or `800s`", None),
        (2.0, "write `2ms` or `2s`", None),
        (0.5, "write `0.5ms` or `0.5s`", None),
        (0, "write `0s`", "0s"),
        ("30", "write `30ms` or `30s`", None),
        ("2sec", "write `2s`", "2s"),
        ("2 seconds", "write `2s`", "2s"),
        ("5 Minutes", "write `5m`", "5m"),
        ("1h 30min", "write `1h30m`", "1h30m"),
        ("250msec", "write `250ms`", "250ms"),
        ("-5s", "a duration can't be negative", None),
        (-5, "a duration can't be negative", None),
        ("PT5S", "write a number with its unit: `250ms`, `2s`, `1m30s`, `4h` or `30d`", None),
        ("2 fortnights", "write a number with its unit: `250ms`, `2s`, `1m30s`, `4h` or `30d`", None),
        ("", "write a number with its unit: `250ms`, `2s`, `1m30s`, `4h` or `30d`", None),
    ],
)
def test_durations(written: str | float, hint: str, fix: str | None) -> None:
    assert duration_advice(written) == (hint, fix)


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        (65536, "write `64KiB`"),
        (1000, "write `1000B`"),
        (0, "write `0B`"),
        (1 << 30, "write `1GiB`"),
        ("64KB", "write `64KiB`"),
        ("64k", "write `64KiB`"),
        ("1 mb", "write `1MiB`"),
        ("2GB", "write `2GiB`"),
        ("10 bytes", "write `10B`"),
        ("1.5MiB", "write a whole number: `1572864B`"),
        ("big", "write a whole number with its unit: `512B`, `64KiB`, `1MiB` or `2GiB`"),
        (-1, "write a whole number with its unit: `512B`, `64KiB`, `1MiB` or `2GiB`"),
    ],
)
def test_sizes(written: str | float, hint: str) -> None:
    assert size_advice(written).hint == hint


@pytest.mark.parametrize(
    ("written", "fix"),
    [
        ("50ms-500ms", "50ms..500ms"),
        ("50ms...500ms", "50ms..500ms"),
        ("1 sec to 2 sec", "1s..2s"),
        ("50ms", None),
        (5, None),
        ("a..b", None),
    ],
)
def test_ranges(written: str | float, fix: str | None) -> None:
    assert range_advice(written).fix == fix


@given(st.text(max_size=30) | st.integers() | st.floats(allow_nan=False))
def test_a_fix_is_always_right(written: str | float) -> None:
    for advice, parse in ((duration_advice(written), Duration.parse), (size_advice(written), Size.parse)):
        if advice.fix is not None:
            parse(advice.fix)
        assert advice.hint


def test_right_spellings() -> None:
    assert all(is_duration(text) for text in ("0s", "250ms", "1m30s", "0.5s", "30d"))
    assert not any(is_duration(text) for text in ("5", "s", "5 s", "05s", "5S", "5s\n"))
    assert is_size("64KiB")
    assert not is_size("64KB")


def test_hostile_text_is_quick() -> None:
    started = time.monotonic()
    for text in ("1" * 200_000, "1s" * 100_000, "1 " * 100_000, " " * 200_000):
        assert duration_advice(text).fix is None
        assert size_advice(text).hint
        assert range_advice(text).hint
    assert time.monotonic() - started < 1
