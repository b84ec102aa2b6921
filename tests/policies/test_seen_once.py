"""What was seen is known for its span, and there is only so much room."""

from __future__ import annotations

import random

import pytest

from gateway.policies.seen_once import SeenOnce, TooMany


def test_a_mark_is_new_once() -> None:
    seen = SeenOnce(10)
    assert [seen.add(mark, 100) for mark in (b"a", b"b", b"a")] == [True, True, False]


@pytest.mark.parametrize("first", [100.0, 104.0, 109.9])
def test_it_is_known_for_its_span_at_least_and_two_at_most(first: float) -> None:
    seen = SeenOnce(10)
    seen.add(b"begin", 100.0)
    seen.add(b"a", first)
    for later in (5.0, 9.9):
        assert not seen.add(b"a", first + later)
    seen.add(b"c", first + 20)
    assert seen.add(b"a", first + 20)


def test_nothing_is_left_after_a_silence() -> None:
    seen = SeenOnce(10)
    for number in range(5):
        seen.add(b"%d" % number, 100)
    seen.add(b"x", 1000)
    assert len(seen) == 1


def test_without_room_nothing_is_accepted_until_there_is_some() -> None:
    seen = SeenOnce(10, most=3)
    for mark in (b"a", b"b", b"c"):
        assert seen.add(mark, 100)
    with pytest.raises(TooMany):
        seen.add(b"d", 101)
    assert not seen.add(b"a", 101)
    with pytest.raises(TooMany):
        seen.add(b"d", 119)
    assert seen.add(b"d", 120)


def test_against_a_list_of_all() -> None:
    """Whatever comes when: within the span nothing is accepted twice, behind two spans everything is."""
    source = random.Random(7)
    seen, accepted, now = SeenOnce(10), dict[bytes, float](), 0.0
    for _ in range(20_000):
        now += source.expovariate(2)
        mark = bytes([source.randrange(40)])
        new = seen.add(mark, now)
        age = now - accepted.get(mark, -100.0)
        assert (age >= 10) if new else (age < 20)
        if new:
            accepted[mark] = now
