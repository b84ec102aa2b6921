"""How long a priority counts as crowded out, and what there is room for at first."""

from __future__ import annotations

from gateway.policies.pressure import LASTING, Pressure
from gateway.sdk.priority import CRITICAL, HIGH, LOW, NORMAL


def test_at_first_there_is_room_for_all() -> None:
    pressure = Pressure()
    assert pressure.room_for == LOW
    assert not any(pressure.crowded(rank, 0.0) for rank in (CRITICAL, HIGH, NORMAL, LOW))


def test_a_rank_is_crowded_for_a_while_after_one_was_given_up() -> None:
    pressure = Pressure()
    pressure.gave_up(NORMAL, 100.0)
    assert pressure.crowded(NORMAL, 100.0)
    assert pressure.crowded(NORMAL, 100.0 + LASTING - 0.01)
    assert not pressure.crowded(NORMAL, 100.0 + LASTING)


def test_other_ranks_are_none_the_worse() -> None:
    pressure = Pressure()
    pressure.gave_up(NORMAL, 100.0)
    assert not any(pressure.crowded(rank, 100.0) for rank in (CRITICAL, HIGH, LOW))


def test_each_one_given_up_prolongs_it() -> None:
    pressure = Pressure()
    pressure.gave_up(LOW, 100.0)
    pressure.gave_up(LOW, 100.0 + LASTING - 0.01)
    assert pressure.crowded(LOW, 100.0 + LASTING)


def test_what_one_plan_knows_no_other_does() -> None:
    one, other = Pressure(), Pressure()
    one.gave_up(LOW, 100.0)
    one.callers.learn("key", "acme")
    assert not other.crowded(LOW, 100.0)
    assert other.callers.tenant("key") is None
