"""What answers say of another try, from backends that mean it well, and from others."""

from __future__ import annotations

from datetime import UTC, datetime
from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.runtime.retry_advice import LONGEST, forbids_retry, retry_after

NOW = datetime(1994, 11, 6, 8, 49, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 120 ", 120.0),
        ("007", 7.0),
        ("3601", LONGEST),
        ("9" * 60_000, LONGEST),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 37.0),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 37.0),
        ("Sun Nov  6 08:49:37 1994", 37.0),
        ("Sun, 06 Nov 1994 08:48:37 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST),
        ("Fri, 31 Dec 9999 23:59:59 -2300", None),
        ("Sun, 06 Nov 99999 08:49:37 GMT", None),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("1, 2", None),
        ("1e3", None),
        ("NaN", None),
        ("٣", None),
        ("soon", None),
        ("Sun, 06 Nov 1994 08:49:37 GMT" + " " * 100 + "x", None),
    ],
)
def test_when(said: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": said}, NOW) == seconds


def test_nothing_said() -> None:
    assert retry_after({}, NOW) is None
    assert not forbids_retry({})


DATES = st.lists(st.sampled_from("SunNov 06,:-+GMT1994999912T\x00é"), max_size=45).map("".join)


@given(st.text(max_size=60) | DATES)
def test_whatever_is_said_it_is_a_sane_number_or_nothing(said: str) -> None:
    seconds = retry_after({"retry-after": said}, NOW)
    assert seconds is None or (isfinite(seconds) and 0 <= seconds <= LONGEST)


@pytest.mark.parametrize(
    ("said", "forbids"),
    [("false", True), (" False ", True), ("true", False), ("", False), ("no", False), ("0", False), ("false, true", False)],
)
def test_whether(said: str, forbids: bool) -> None:
    assert forbids_retry({"x-should-retry": said}) is forbids
