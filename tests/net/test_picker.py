"""Which server is picked: in turns, by load, by hash; what moves when a server leaves."""

from __future__ import annotations

from collections import Counter

import pytest

from gateway.net.member import Member
from gateway.net.picker import PICKERS, LeastConnections, Rendezvous, RoundRobin
from gateway.sdk.http import EJECTION

KEYS = [f"customer-{number}".encode() for number in range(4000)]


def members(*weights: float, order: list[int] | None = None) -> list[Member]:
    made = [
        Member(number, f"http://{number}.example", weight, EJECTION, time=float, on_turn=print, on_change=print)
        for number, weight in enumerate(weights)
    ]
    return [made[number] for number in order] if order else made


def test_turns_are_evenly_spread_by_weight() -> None:
    picker, some = RoundRobin(), members(4, 1, 2)
    assert "".join(str(picker.pick(some).number) for _ in range(14)) == "02010200201020"


def test_equal_servers_take_turns() -> None:
    picker, some = RoundRobin(), members(1, 1, 1)
    assert [picker.pick(some).number for _ in range(6)] == [0, 1, 2, 0, 1, 2]


def test_the_least_busy_by_weight_is_picked() -> None:
    picker, some = LeastConnections(), members(1, 3, 1)
    some[0].in_flight, some[1].in_flight, some[2].in_flight = 2, 4, 2
    assert picker.pick(some).number == 1
    some[1].in_flight = 7
    assert [picker.pick(some).number for _ in range(4)] == [0, 2, 0, 2]


def test_idle_servers_take_turns_by_weight() -> None:
    picker, some = LeastConnections(), members(3, 1)
    assert Counter(picker.pick(some).number for _ in range(40)) == {0: 30, 1: 10}


def test_calls_in_flight_settle_by_weight() -> None:
    picker, some = LeastConnections(), members(3, 1)
    for _ in range(40):
        picker.pick(some).in_flight += 1
    assert [member.in_flight for member in some] == [30, 10]


def test_a_hash_spreads_keys_by_weight() -> None:
    picker, some = Rendezvous(), members(3, 1, 1, 1)
    got = Counter(picker.pick(some, key).number for key in KEYS)
    shares = [got[number] / len(KEYS) for number in range(4)]
    assert shares == pytest.approx([1 / 2, 1 / 6, 1 / 6, 1 / 6], abs=0.03)


def test_equal_keys_go_to_the_same_server_whatever_their_order() -> None:
    here, there = Rendezvous(), Rendezvous()
    some, others = members(1, 1, 1, 1), members(1, 1, 1, 1, order=[3, 1, 0, 2])
    assert [here.pick(some, key).number for key in KEYS[:500]] == [there.pick(others, key).number for key in KEYS[:500]]


@pytest.mark.parametrize("weights", [(1, 1, 1, 1), (4, 1, 2, 1)])
def test_only_the_keys_of_a_server_that_leaves_move(weights: tuple[int, ...]) -> None:
    picker, some = Rendezvous(), members(*weights)
    before = {key: picker.pick(some, key).number for key in KEYS}
    after = {key: picker.pick(some[:1] + some[2:], key).number for key in KEYS}
    moved = [key for key in KEYS if before[key] != after[key]]
    assert moved == [key for key in KEYS if before[key] == 1]
    to = Counter(after[key] for key in moved)
    total = sum(weights) - weights[1]
    for number in (0, 2, 3):
        assert to[number] / len(moved) == pytest.approx(weights[number] / total, abs=0.06)


def test_similar_keys_are_told_apart_by_all_servers() -> None:
    """Servers rank keys independently: of those whose first is server 0, the second is each of the others as often."""
    picker, some = Rendezvous(), members(1, 1, 1, 1)
    second = Counter(picker.pick(some[1:], key).number for key in KEYS if picker.pick(some, key).number == 0)
    assert min(second.values()) > 0.25 * sum(second.values())


def test_without_a_key_servers_take_turns() -> None:
    picker, some = Rendezvous(), members(1, 1)
    assert [picker.pick(some, None).number for _ in range(4)] == [0, 1, 0, 1]
    assert {picker.pick(some, b"").number for _ in range(4)} in ({0}, {1})


def test_every_balance_has_a_picker_and_says_whether_it_sticks() -> None:
    assert {name: made().sticky for name, made in PICKERS.items()} == {
        "round_robin": False,
        "least_connections": False,
        "ip_hash": True,
        "consistent_hash": True,
    }
