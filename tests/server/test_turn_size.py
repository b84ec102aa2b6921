"""How many requests begin in one turn of the event loop."""

from __future__ import annotations

import pytest

from gateway.server.turn_size import LONG, MOST, SHORT, TurnSize


def after(*work: float) -> int:
    size = TurnSize()
    for each in work:
        size.observe(each)
    return size.now


def test_it_begins_with_a_few() -> None:
    assert after() == 8


def test_a_turn_with_little_work_allows_one_more() -> None:
    assert after(0.0) == 9
    assert after(0.0, SHORT / 2) == 10


def test_a_turn_with_much_work_halves_it() -> None:
    assert after(LONG * 2) == 4
    assert after(0.0, LONG * 2) == 4, "half of nine, rounded down"


@pytest.mark.parametrize("work", [SHORT, (SHORT + LONG) / 2, LONG])
def test_between_them_it_stays(work: float) -> None:
    assert after(work, work, work) == 8


def test_one_request_always_begins() -> None:
    assert after(*[1.0] * 20) == 1


def test_it_grows_again_after_the_worst() -> None:
    assert after(*[1.0] * 20, 0.0) == 2


def test_it_has_a_ceiling() -> None:
    assert after(*[0.0] * (MOST - 8)) == MOST
    assert after(*[0.0] * MOST * 2) == MOST
