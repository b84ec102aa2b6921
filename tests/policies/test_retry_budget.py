"""Further tries are a share of the calls, in every window."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.policies.retry_budget import CALLS_PER_TRY, FLOOR, LENGTH, WINDOW, RetryBudget, budgets_of
from tests.policies.calls_under_way import FakeOperation, binding_of

EVENTS = st.lists(
    st.tuples(st.sampled_from([0.0, 0.0, 0.01, LENGTH, 0.7, 3.3, WINDOW - LENGTH, WINDOW, 11.0, 500.0]), st.booleans()), max_size=200
)
"""Seconds since the event before, and whether it is a call or the wish for a further try."""


def played(events: list[tuple[float, bool]], repeat: int = 1) -> tuple[list[float], list[float]]:
    """When calls were made, and when further tries were granted."""
    budget, now = RetryBudget(), 12345.678
    calls, tries = list[float](), list[float]()
    for pause, is_call in events:
        now += pause
        for _ in range(repeat):
            if is_call:
                budget.called(now)
                calls.append(now)
            elif budget.take(now):
                tries.append(now)
    return calls, tries


@settings(max_examples=300)
@given(EVENTS, st.sampled_from([1, 7]))
def test_no_window_that_ends_at_a_further_try_holds_too_many(events: list[tuple[float, bool]], repeat: int) -> None:
    calls, tries = played(events, repeat)
    for end in tries:
        made = sum(end - WINDOW < each <= end for each in calls)
        granted = sum(end - WINDOW < each <= end for each in tries)
        assert granted <= max(FLOOR, made / CALLS_PER_TRY)


@settings(max_examples=200)
@given(EVENTS)
def test_in_the_long_run_too_they_are_a_share_and_a_floor(events: list[tuple[float, bool]]) -> None:
    calls, tries = played(events, 7)
    windows, left = 0, sorted(tries)
    while left:
        windows += 1
        left = [each for each in left if each <= left[-1] - WINDOW]
    assert len(tries) <= len(calls) / CALLS_PER_TRY + FLOOR * windows


def test_a_source_that_is_asked_rarely_has_a_few() -> None:
    budget = RetryBudget()
    budget.called(50.0)
    assert [budget.take(50.0) for _ in range(5)] == [True, True, True, False, False]
    assert not budget.take(50.0 + WINDOW - 2 * LENGTH)
    assert budget.take(50.0 + WINDOW + 2 * LENGTH)


def test_one_that_is_asked_often_has_its_share() -> None:
    budget = RetryBudget()
    for _ in range(1000):
        budget.called(3.0)
    assert sum(budget.take(3.0) for _ in range(1000)) == 200
    assert not budget.take(3.0 + WINDOW - LENGTH)
    assert [budget.take(900.0) for _ in range(4)] == [True, True, True, False]  # of the calls nothing is left


def test_calls_go_on_so_the_budget_comes_back() -> None:
    """Half of all calls wish for a further try, for a minute: a fifth of the calls get one, and it is spread over the minute."""
    budget, granted = RetryBudget(), [0] * 6
    for tick in range(6000):
        now = tick / 100
        budget.called(now)
        if tick % 2:
            granted[tick // 1000] += budget.take(now)
    assert sum(granted) <= 6000 / CALLS_PER_TRY
    assert all(150 <= each <= 205 for each in granted)


def test_operations_of_a_source_share_it_and_lanes_do_not() -> None:
    shared: dict[str, object] = {}
    first = budgets_of(binding_of(FakeOperation("one"), shared=shared))
    other = budgets_of(binding_of(FakeOperation("two"), shared=shared))
    assert first is other
    assert first.of("") is other.of("")
    assert first.of("acme") is not other.of("")
    assert budgets_of(binding_of(FakeOperation("one"), shared={})) is not first
