from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sdk.allowance import Allowance, Charge, Period, began, ends, verdict


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("period", "now", "first", "last"),
    [
        ("hour", "2026-11-20T19:40:12.5", "2026-11-20T19:00:00", "2026-11-20T20:00:00"),
        ("hour", "2026-11-20T19:00:00", "2026-11-20T19:00:00", "2026-11-20T20:00:00"),
        ("day", "2026-12-31T23:59:59.9", "2026-12-31T00:00:00", "2027-01-01T00:00:00"),
        ("month", "2026-12-31T23:59:59.9", "2026-12-01T00:00:00", "2027-01-01T00:00:00"),
        ("month", "2028-02-29T12:00:00", "2028-02-01T00:00:00", "2028-03-01T00:00:00"),
    ],
)
def test_periods_are_those_of_the_calendar(period: Period, now: str, first: str, last: str) -> None:
    assert (began(period, at(now)), ends(period, at(now))) == (at(first), at(last))


@given(st.floats(0, 4e9), st.sampled_from(["hour", "day", "month"]))
def test_every_moment_is_in_its_period_and_the_next_one_begins_where_it_ends(now: float, period: Period) -> None:
    assert began(period, now) <= now < ends(period, now)
    assert began(period, ends(period, now)) == ends(period, now)


def test_the_time_in_which_one_comes_back() -> None:
    assert Allowance("b", "default", 60, 60.0, 10).interval == 1.0


RATE = Allowance("rate", "rate", 60, 60.0, 10)
DAILY = Allowance("day", "day", 5, 86_400.0, 5, "day")


def told(*asked: tuple[Allowance, float, float, float]) -> tuple[bool, str, int, float, float]:
    """`asked` are an allowance, the cost, what is left of it, and the seconds until all is back."""
    found = verdict([Charge((), allowance, cost) for allowance, cost, _, _ in asked], [(left, reset) for _, _, left, reset in asked])
    return found.allowed, found.allowance.name, found.remaining, found.reset, found.retry_after


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ([(RATE, 1, 10, 0)], (True, "rate", 9, 1, 0)),
        ([(RATE, 0.25, 10, 0)], (True, "rate", 9, 0.25, 0)),
        ([(RATE, 0, 0, 10)], (True, "rate", 0, 10, 0)),
        ([(RATE, 1, 0.25, 9.75)], (False, "rate", 0, 9.75, 0.75)),
        ([(RATE, 1, -3, 13)], (False, "rate", 0, 13, 4)),
        ([(RATE, 1, 1 - 1e-9, 9)], (True, "rate", 0, 10, 0)),
        ([(DAILY, 1, 5, 600)], (True, "day", 4, 600, 0)),
        ([(DAILY, 2, 1, 600)], (False, "day", 1, 600, 600)),
        ([(RATE, 1, 3, 7), (DAILY, 1, 3, 600)], (True, "rate", 2, 8, 0)),
        ([(RATE, 1, 3, 7), (DAILY, 1, 2, 600)], (True, "day", 1, 600, 0)),
        ([(RATE, 1, 3, 7), (DAILY, 1, 0, 600)], (False, "day", 0, 600, 600)),
    ],
)
def test_what_becomes_of_charges(asked: list[tuple[Allowance, float, float, float]], expected: tuple[bool, str, int, float, float]) -> None:
    assert told(*asked) == pytest.approx(expected)


def test_a_bill_charges_somebody() -> None:
    with pytest.raises(ValueError, match="charged to somebody"):
        verdict([], [])
