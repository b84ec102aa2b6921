"""How many requests may be under way: as many as the event loop keeps up with."""

from __future__ import annotations

import pytest

from gateway.server.concurrency_limit import LEAST, MOST, TARGET, WINDOW, ConcurrencyLimit

FAST, FAIR, SLOW = TARGET / 10, TARGET * 0.75, TARGET * 4


class Loop:
    """Tells a limit of turns, one at the end of each window."""

    def __init__(self, most: int) -> None:
        self.limit = ConcurrencyLimit(most)
        self.now = 100.0
        self.limit.observe(0.0, self.now, 0)
        assert self.limit.most == most, "nothing was under way, so nothing is known"

    def window(self, lag: float, under_way: int) -> int:
        self.now += WINDOW * 1.01
        self.limit.observe(lag, self.now, under_way)
        return self.limit.most


def test_it_begins_without_a_limit_to_speak_of() -> None:
    assert ConcurrencyLimit().most == MOST


def test_late_turns_shrink_it_and_by_no_more_than_half_at_once() -> None:
    assert Loop(100).window(SLOW, 100) == 60, "half, and the root"


def test_a_little_late_shrinks_it_a_little() -> None:
    assert Loop(100).window(TARGET * 1.25, 100) == 90


def test_it_shrinks_from_what_was_under_way_and_not_from_what_was_allowed() -> None:
    assert Loop(MOST).window(SLOW, 40) == 120, "half of forty, and the root of ten thousand"


def test_under_the_worst_it_never_gets_below_the_least() -> None:
    loop = Loop(100)
    sizes = [loop.window(10.0, 0) for _ in range(50)]
    assert min(sizes) == sizes[-1] == LEAST


def test_early_turns_let_it_grow_fast() -> None:
    assert Loop(100).window(FAST, 100) == 160


def test_turns_near_the_target_let_it_grow_slowly() -> None:
    assert Loop(100).window(FAIR, 100) == 110


def test_it_stops_growing_at_the_most() -> None:
    assert Loop(MOST - 1).window(FAST, MOST) == MOST


@pytest.mark.parametrize(("under_way", "most"), [(49, 100), (50, 160)])
def test_it_grows_only_where_it_is_used_by_half(under_way: int, most: int) -> None:
    assert Loop(100).window(FAST, under_way) == most


def test_nothing_changes_within_a_window() -> None:
    loop = Loop(100)
    for _ in range(9):
        loop.now += WINDOW / 10
        loop.limit.observe(SLOW, loop.now, 100)
        assert loop.limit.most == 100


def test_the_average_of_a_window_counts_and_not_its_worst_turn() -> None:
    loop = Loop(100)
    for _ in range(9):
        loop.limit.observe(0.0, loop.now, 100)
    assert loop.window(TARGET * 1.5, 100) == 160


def test_the_busiest_turn_of_a_window_tells_whether_it_is_used() -> None:
    loop = Loop(100)
    loop.limit.observe(FAST, loop.now, 80)
    assert loop.window(FAST, 1) == 160


def test_a_window_forgets_the_one_before() -> None:
    loop = Loop(100)
    assert loop.window(SLOW, 100) == 60
    assert loop.window(FAST, 10) == 60, "not used by half in this window"
    assert loop.window(FAST, 60) == 97, "half as many again, and the root; no lateness is left over"


def test_it_recovers() -> None:
    loop = Loop(100)
    for _ in range(20):
        loop.window(SLOW, loop.limit.most)
    low = loop.limit.most
    for _ in range(20):
        loop.window(FAST, loop.limit.most)
    assert low < 20
    assert loop.limit.most == MOST
