"""So many a second: no more in any second than the rate and one burst, and no less where many want to."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sdk.pace import BURST, Pace


class Clock:
    def __init__(self) -> None:
        self.time = 100_000.3

    def monotonic(self) -> float:
        return self.time

    def now(self) -> datetime:
        raise NotImplementedError


def all_now(pace: Pace) -> int:
    count = 0
    while pace.take():
        count += 1
    return count


@pytest.mark.parametrize(("per_second", "burst"), [(0.5, 1), (1, 1), (10, 1), (20, 2), (30, 3), (200, 20), (333, 33), (10_000, 1000)])
def test_a_tenth_of_a_second_may_go_at_once(per_second: float, burst: int) -> None:
    clock = Clock()
    pace = Pace(per_second, clock)
    assert all_now(pace) == burst
    clock.time += 1000 / per_second
    assert all_now(pace) == burst, "a pause saves up no more than that"


@pytest.mark.parametrize("per_second", [0.5, 3, 10, 70, 999])
def test_whoever_asks_when_it_is_ready_gets_the_whole_rate(per_second: float) -> None:
    clock = Clock()
    pace = Pace(per_second, clock)
    began, sent = clock.time, 0
    while clock.time < began + 20:
        if pace.take():
            sent += 1
        else:
            assert pace.ready_in() > 0
            clock.time += pace.ready_in()
    assert 20 * per_second <= sent <= 20 * per_second + max(1, BURST * per_second) + 1


def test_a_turn_that_was_not_used_is_there_again() -> None:
    pace = Pace(5, Clock())
    for _ in range(100):
        assert all_now(pace) == 1
        pace.give_back()


@given(
    per_second=st.sampled_from([1.0, 7.0, 10.0, 33.0, 50.0, 100.0]),
    pauses=st.lists(st.floats(0, 0.4), min_size=1, max_size=200),
    returned=st.sets(st.integers(0, 199)),
)
def test_no_stretch_of_time_sees_more_than_the_rate_and_one_burst(per_second: float, pauses: list[float], returned: set[int]) -> None:
    clock = Clock()
    pace = Pace(per_second, clock)
    sent: list[float] = []
    for number, pause in enumerate(pauses):
        clock.time += pause
        if pace.take():
            if number in returned:
                pace.give_back()
            else:
                sent.append(clock.time)
    burst = max(1.0, BURST * per_second)
    for first, began in enumerate(sent):
        for last in range(first, len(sent)):
            assert last - first + 1 <= burst + (sent[last] - began) * per_second + 1e-3
