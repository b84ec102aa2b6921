from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sdk.fields import DURATION_PATTERN, Duration, DurationOrAuto, DurationRange, Size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("250ms", 0.25), ("2s", 2), ("1m30s", 90), ("4h", 14400), ("30d", 2592000), ("1.5s", 1.5), ("0s", 0)],
)
def test_durations(text: str, seconds: float) -> None:
    assert Duration.parse(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "5 s", "s", "-1s", "1S", "1min", "01s", "1s ", "٣s", "1e3s", "1.s"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        Duration.parse(text)


@given(st.text(alphabet="0123456789.smhd ", max_size=12))
def test_the_schema_and_the_reader_agree(text: str) -> None:
    try:
        Duration.parse(text)
        read = True
    except ValueError:
        read = False
    assert read == bool(re.fullmatch(DURATION_PATTERN, text))


@pytest.mark.parametrize(("text", "size"), [("512B", 512), ("64KiB", 65536), ("1MiB", 1 << 20), ("2GiB", 2 << 30)])
def test_sizes(text: str, size: int) -> None:
    assert Size.parse(text) == size


@pytest.mark.parametrize("text", ["", "5", "1MB", "1 MiB", "-1B", "1.5MiB", "1mib"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="not a size"):
        Size.parse(text)


def test_ranges_and_auto() -> None:
    assert DurationRange.parse("50ms..500ms") == (0.05, 0.5)
    assert math.isnan(DurationOrAuto.parse("auto"))
    assert float(DurationOrAuto.parse("1s")) == 1.0
    for bad in ("50ms", "50ms..", "..1s", "1s..2"):
        with pytest.raises(ValueError, match="not a"):
            DurationRange.parse(bad)
