from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.expressions.evaluation import fails, of, value

dates = st.dates(min_value=datetime(1900, 1, 1).date(), max_value=datetime(2200, 1, 1).date())


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("date('2026-11-20')", "2026-11-20"),
        ("date('2026-11-20T23:30:00+02:00')", "2026-11-20"),
        ("date('2026-11-20T23:30:00Z')", "2026-11-20"),
        ("date('2026-11-20 10:00')", "2026-11-20"),
        ("date(' 2026-11-20 ')", "2026-11-20"),
        ("date(`0`)", "1970-01-01"),
        ("date(`1795181737.9`)", "2026-11-20"),
        ("date('20.11.2026')", None),
        ("date('2026-02-30')", None),
        ("date('')", None),
        ("date(`1e300`)", None),
        ("date(`true`)", None),
        ("date(`[1]`)", None),
        ("date_add('2026-11-20', `1`, 'day')", "2026-11-21"),
        ("date_add('2026-11-20', `-2`, 'weeks')", "2026-11-06"),
        ("date_add('2026-01-31', `1`, 'month')", "2026-02-28"),
        ("date_add('2028-02-29', `1`, 'year')", "2029-02-28"),
        ("date_add('2026-11-30', `1`, 'quarter')", "2027-02-28"),
        ("date_add('2026-11-20', `-11`, 'months')", "2025-12-20"),
        ("date_add('2026-11-20', `36`, 'hours')", "2026-11-21T12:00:00Z"),
        ("date_add('2026-11-20T10:00:00+02:00', `90`, 'minute')", "2026-11-20T11:30:00+02:00"),
        ("date_add('2026-11-20T10:00:00', `1`, 'second')", "2026-11-20T10:00:01Z"),
        ("date_add('2026-11-20', '2', 'day')", "2026-11-22"),
        ("date_diff('2026-11-20', '2026-11-18', 'day')", 2),
        ("date_diff('2026-11-18', '2026-11-20', 'day')", -2),
        ("date_diff('2026-11-20T12:00:00Z', '2026-11-19T13:00:00Z', 'days')", 0),
        ("date_diff('2026-11-19T13:00:00Z', '2026-11-20T12:00:00Z', 'day')", 0),
        ("date_diff('2026-11-20T12:00:00+02:00', '2026-11-20T10:00:00Z', 'hour')", 0),
        ("date_diff('2026-11-20', '2026-11-20T10:00:00Z', 'hour')", -10),
        ("date_diff('2026-12-20', '2026-11-20', 'month')", 1),
        ("date_diff('2026-12-19', '2026-11-20', 'month')", 0),
        ("date_diff('2026-11-20', '2026-12-19', 'month')", 0),
        ("date_diff('2028-02-29', '2024-02-29', 'year')", 4),
        ("date_diff('2026-02-28', '2026-01-31', 'month')", 1),
        ("date_diff('2026-11-20', '2025-11-20', 'quarter')", 4),
        ("now()", "2026-11-20T13:30:00Z"),
        ("today()", "2026-11-20"),
        ("date_diff(today(), '2026-11-01', 'day')", 19),
    ],
)
def test_values(text: str, result: Any) -> None:
    assert of(text) == result


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("date_add('soon', `1`, 'day')", "date_add() needs a date or time in ISO 8601."),
        ("date_add('2026-11-20', `1.5`, 'day')", "date_add() needs a whole number."),
        ("date_add('2026-11-20', `99999999`, 'year')", "date_add() needs a result between the years 1 and 9999."),
        ("date_add('9999-12-31', `1`, 'day')", "date_add() needs a result between the years 1 and 9999."),
        ("date_add('2026-11-20', `4000000000000000000`, 'second')", "date_add() needs a result between the years 1 and 9999."),
        ("date_diff('2026-11-20', `5`, 'day')", "date_diff() needs a date or time in ISO 8601."),
        (
            "date_diff('2026-11-20', '2026-11-20', input.unit)",
            "date_diff() needs a unit: day, hour, minute, month, quarter, second, week, year.",
        ),
    ],
)
def test_faults(text: str, message: str) -> None:
    assert fails(text, unit="eon") == message


@pytest.mark.parametrize(
    ("time", "moment", "day"),
    [
        ("2026-11-20T23:30:00+00:00", "2026-11-20T23:30:00Z", "2026-11-20"),
        (datetime(2026, 11, 20, 23, 30, tzinfo=UTC), "2026-11-20T23:30:00Z", "2026-11-20"),
        (datetime(2026, 11, 20, 1, tzinfo=timezone(timedelta(hours=2))), "2026-11-20T01:00:00+02:00", "2026-11-20"),
    ],
)
def test_the_time_is_the_request_s(time: Any, moment: str, day: str) -> None:
    assert value("[now(), today()]", {"ctx": {"time": time}}) == [moment, day]


def test_without_a_time_there_is_a_fault() -> None:
    with pytest.raises(Exception, match=r"now\(\) needs a date"):
        value("now()", {"ctx": {}})


@given(dates, st.integers(-1000, 1000))
def test_adding_days_and_the_difference_agree(start: Any, days: int) -> None:
    moved = of("date_add(input.d, input.n, 'day')", d=start.isoformat(), n=days)
    assert of("date_diff(input.a, input.b, 'day')", a=moved, b=start.isoformat()) == days


@given(dates, st.integers(0, 500))
def test_adding_months_and_the_difference_agree(start: Any, months: int) -> None:
    moved = of("date_add(input.d, input.n, 'month')", d=start.isoformat(), n=months)
    assert of("date_diff(input.a, input.b, 'month')", a=moved, b=start.isoformat()) == months


@given(st.text(max_size=50))
def test_any_text_is_a_date_or_null(text: str) -> None:
    answer = of("date(input.x)", x=text)
    assert answer is None or len(answer) == 10
