"""The wait before another try."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policies.backoff import next_wait

WAITS = st.tuples(st.floats(0, 10), st.floats(0, 10)).map(lambda pair: (min(pair), max(pair)))


@given(WAITS, st.lists(st.floats(0, 1), max_size=20))
def test_every_wait_is_within_its_bounds(waits: tuple[float, float], shares: list[float]) -> None:
    wait = 0.0
    for share in shares:
        wait = next_wait(waits, wait, share)
        assert waits[0] <= wait <= waits[1]


def test_it_grows_threefold_at_most_and_ends_at_the_longest() -> None:
    wait, grown = 0.0, []
    for _ in range(5):
        wait = next_wait((0.025, 0.25), wait, 1.0)
        grown.append(round(wait, 6))
    assert grown == [0.075, 0.225, 0.25, 0.25, 0.25]


def test_callers_that_failed_together_come_back_apart() -> None:
    assert next_wait((0.1, 1.0), 0.0, 0.0) == 0.1
    assert next_wait((0.1, 1.0), 0.0, 0.5) == pytest.approx(0.2)
    assert next_wait((0.1, 1.0), 0.2, 0.5) == pytest.approx(0.35)


def test_a_range_that_begins_at_nothing_grows_all_the_same() -> None:
    wait, grown = 0.0, []
    for _ in range(4):
        wait = next_wait((0.0, 0.9), wait, 1.0)
        grown.append(round(wait, 6))
    assert grown == [0.3, 0.9, 0.9, 0.9]
    assert next_wait((0.0, 0.0), 0.0, 1.0) == 0.0
