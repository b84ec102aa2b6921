"""Who may be picked now: servers that are out, probes, panic, slow start. Time belongs to the tests."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.net.pool_of import PoolUnderTest


def test_a_server_that_refuses_gets_no_calls_until_its_recovery() -> None:
    pool = PoolUnderTest(3)
    pool.refuse(1)
    assert set(pool.picked(20)) == {0, 2}
    pool.time.time += 0.99
    assert set(pool.picked(20)) == {0, 2}
    pool.time.time += 0.02
    assert pool.picked(1) == [1]


def test_one_probe_at_a_time() -> None:
    pool = PoolUnderTest(3)
    pool.refuse(1)
    pool.time.time += 1
    probe = pool.pick(None, None, ())
    ticket = probe.circuit.admit(pool.time.time)
    assert (probe.number, set(pool.picked(20))) == (1, {0, 2})
    probe.circuit.left(ticket)
    pool.changed()
    assert pool.picked(1) == [1]


def test_a_probe_goes_on_with_growing_pauses() -> None:
    pool = PoolUnderTest(3)
    pool.refuse(1)
    pauses = []
    for _ in range(8):
        pauses.append(pool.members[1].circuit.retry_after(pool.time.time))
        pool.time.time += pauses[-1]
        member = pool.pick(None, None, ())
        member.circuit.admit(pool.time.time)
        pool.refuse(member.number)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_call_that_tried_a_server_does_not_probe_it() -> None:
    pool = PoolUnderTest(3)
    pool.refuse(1)
    pool.time.time += 1
    assert pool.pick(None, {1}, ()).number != 1
    assert pool.pick(None, None, {1}).number != 1


def test_what_was_tried_is_picked_only_where_nothing_else_is_left() -> None:
    pool = PoolUnderTest(3)
    assert {pool.pick(None, {0, 1}, ()).number for _ in range(5)} == {2}
    assert {pool.pick(None, {0, 1, 2}, ()).number for _ in range(6)} == {0, 1, 2}
    pool.refuse(2)
    assert {pool.pick(None, {0, 1}, ()).number for _ in range(5)} == {0, 1}


def test_what_refused_this_call_is_not_picked_again() -> None:
    pool = PoolUnderTest(3)
    pool.refuse(1)
    pool.refuse(2)
    assert pool.pick(None, None, {1, 2}).number == 0
    assert pool.pick(None, {0}, {1, 2}).number == 0
    pool.refuse(0)
    assert pool.pick(None, None, {0, 1}).number == 2
    assert pool.pick(None, {1}, {0}).number == 2


def test_half_of_the_servers_are_enough() -> None:
    pool = PoolUnderTest(4)
    pool.fail(0)
    pool.fail(1)
    assert (set(pool.picked(20)), pool.panic) == ({2, 3}, False)


def test_fewer_than_half_is_panic() -> None:
    pool = PoolUnderTest(4)
    pool.fail(0)
    pool.members[1].checked(False, 1)
    pool.refuse(2)
    assert (set(pool.picked(20)), pool.panic) == ({0, 1, 3}, True)
    pool.refuse(0)
    pool.members[1].checked(True, 1)
    assert (set(pool.picked(20)), pool.panic) == ({1, 3}, False)


def test_where_none_can_be_connected_to_all_are_used() -> None:
    pool = PoolUnderTest(3)
    for number in range(3):
        pool.refuse(number)
    assert (set(pool.picked(9)), pool.panic) == ({0, 1, 2}, True)


def test_a_single_server_is_always_used() -> None:
    pool = PoolUnderTest(1)
    pool.members[0].checked(False, 1)
    assert (pool.picked(2), pool.panic) == ([0, 0], True)
    pool.refuse(0)
    assert pool.picked(2) == [0, 0]


def test_a_server_that_comes_back_gets_its_share_little_by_little() -> None:
    pool = PoolUnderTest(2)
    pool.refuse(1)
    pool.time.time += 1
    pool.succeed(pool.pick(None, None, ()))
    shares = []
    for _ in range(4):
        shares.append(Counter(pool.picked(300))[1] / 300)
        pool.time.time += 4
    assert shares == pytest.approx([0.1 / 1.1, 0.4 / 1.4, 0.8 / 1.8, 0.5], abs=0.01)


@pytest.mark.parametrize("balance", ["ip_hash", "consistent_hash"])
def test_only_keys_of_a_server_that_is_out_move_and_only_they_probe_it(balance: str) -> None:
    pool = PoolUnderTest(4, balance=balance)
    keys = [str(number).encode() for number in range(400)]
    home = {key: pool.pick(key, None, ()).number for key in keys}
    pool.refuse(1)
    away = {key: pool.pick(key, None, ()).number for key in keys}
    assert {key for key in keys if home[key] != away[key]} == {key for key in keys if home[key] == 1}
    pool.time.time += 1
    for key in keys:
        picked = pool.pick(key, None, ())
        assert picked.number == home[key]
    pool.succeed(pool.members[1])
    pool.time.time += 60
    assert {key: pool.pick(key, None, ()).number for key in keys} == home


def test_a_key_whose_server_was_tried_has_one_second_choice() -> None:
    pool = PoolUnderTest(4, balance="consistent_hash")
    first = pool.pick(b"k", None, ()).number
    assert len({pool.pick(b"k", {first}, ()).number for _ in range(5)} - {first}) == 1


def test_a_pool_that_is_well_is_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = PoolUnderTest(2)
    pool.picked(2)
    monkeypatch.setattr(pool, "_look", lambda _: pytest.fail("looked"))
    pool.time.time += 1e6
    pool.picked(10)
