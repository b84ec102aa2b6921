"""Allowances in Redis: what the script counts, on a server of the test's own, and what is made of its replies."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

import pytest

from gateway.sdk.allowance import DAY, HOUR, Allowance, Charge, Period, Use, began, ends
from gateway.stores.redis_budgets import HASHES, SCRIPT, fits, is_quota, order, read_uses
from gateway.testing.redis import RedisServer
from tests.stores.redis_places import PATIENT, Open, at, server

__all__ = ["at", "server"]

MINUTE = Allowance("tier.default/m", "default", 60, 60.0, 10)
LENGTHS: dict[Period, float] = {"hour": HOUR, "day": DAY, "month": 30 * DAY}


def quota(period: Period, units: float = 5) -> Allowance:
    return Allowance(f"quota.{period}", period, units, LENGTHS[period], units, period)


def ada(allowance: Allowance, cost: float = 1.0) -> Charge:
    return Charge(("default", ("api_key", "", "ada")), allowance, cost)


@pytest.fixture
def fresh(server: RedisServer) -> RedisServer:
    server.run("FLUSHALL")
    return server


@pytest.mark.service
async def test_a_burst_at_once_for_all_processes_and_what_is_told_of_it(fresh: RedisServer, at: Open) -> None:
    here, there = at(fresh.url(), limit=PATIENT).state, at(fresh.url(), limit=PATIENT).state
    told = [await store.charge([ada(MINUTE)]) for store in (here, there) * 6]
    assert [(each.allowed, each.remaining) for each in told[:10]] == [(True, left) for left in range(9, -1, -1)]
    refused = told[10]
    assert (refused.allowed, refused.remaining, refused.allowance) == (False, 0, MINUTE)
    assert 0 < refused.retry_after <= 1.0
    assert 9.0 < refused.reset <= 10.0
    assert told[10].allowed == told[11].allowed is False
    assert (await here.charge([Charge(("default", "bob"), MINUTE)])).remaining == 9


@pytest.mark.service
async def test_all_charges_are_made_or_none(fresh: RedisServer, at: Open) -> None:
    store = at(fresh.url(), limit=PATIENT).state
    both = [ada(MINUTE), Charge(("acme",), quota("month"))]
    told = [await store.charge(both) for _ in range(6)]
    assert [each.allowed for each in told] == [True] * 5 + [False]
    assert told[4].allowance == told[5].allowance == both[1].allowance
    assert (await store.charge(both[:1])).remaining == 4


@pytest.mark.service
async def test_what_is_charged_regardless_is_owed_and_given_back(fresh: RedisServer, at: Open) -> None:
    store = at(fresh.url(), limit=PATIENT).state
    charges = [ada(MINUTE, 15.0), Charge(("acme",), quota("day"), 15.0)]
    await store.charge(charges, regardless=True)
    assert (await store.charge([ada(MINUTE)])).retry_after == pytest.approx(6.0, abs=0.5)
    assert [use.used for use in await store.uses([quota("day")])] == [15.0]
    await store.charge([charge.costing(-100.0) for charge in charges], regardless=True)
    assert fresh.run("KEYS", "*rate*") == "0"
    assert [use.used for use in await store.uses([quota("day")])] == [0.0]
    assert (await store.charge([ada(MINUTE, 10.0)])).allowed


@pytest.mark.service
@pytest.mark.parametrize("period", ["hour", "day", "month"])
async def test_quotas_are_those_of_the_calendar_and_end_with_their_period(fresh: RedisServer, at: Open, period: Period) -> None:
    store, allowance = at(fresh.url(), limit=PATIENT).state, quota(period)
    before = time.time()
    told = await store.charge([Charge(("acme", b"7"), allowance, 2.5)])
    until = ends(period, before)
    assert told.reset == pytest.approx(until - before, abs=2.0)
    assert await store.uses([allowance]) == [Use(("acme", b"7"), allowance, 2.5, until)]
    key = await one_key(fresh)
    assert int(fresh.run("PEXPIRETIME", key)) == until * 1000
    assert fresh.run("HGET", key, "") == f"{began(period, before) * 1e6:.0f}"


@pytest.mark.service
async def test_what_is_left_of_another_period_does_not_count(fresh: RedisServer, at: Open) -> None:
    store = at(fresh.url(), limit=PATIENT).state
    await store.charge([Charge(("acme",), quota("day"), 5.0)])
    key = await one_key(fresh)
    fresh.run("HSET", key, "", f"{began('day', time.time() - DAY) * 1e6:.0f}", '["old"]', "3")
    assert (await store.charge([Charge(("acme",), quota("day"))])).remaining == 4
    assert [(use.owner, use.used) for use in await store.uses([quota("day")])] == [(("acme",), 1.0)]


@pytest.mark.service
async def test_nothing_stays_for_ever_and_no_rates_key_names_anybody(fresh: RedisServer, at: Open) -> None:
    store = at(fresh.url(), limit=PATIENT).state
    await store.charge([ada(MINUTE, 3.0)])
    key = await one_key(fresh)
    assert key.startswith("gw:{shop}:rate:")
    assert "ada" not in repr(key)
    assert 2900 < int(fresh.run("PTTL", key)) <= 3000
    await store.charge([ada(MINUTE, 1e15)], regardless=True)
    assert int(fresh.run("PTTL", key)) <= 365 * DAY * 1000


@pytest.mark.service
async def test_a_clock_that_goes_back_gives_and_takes_nothing(fresh: RedisServer, at: Open) -> None:
    """As after a fail-over to a server whose clock is behind: what was owed is owed still, and no more."""
    store = at(fresh.url(), limit=PATIENT).state
    await store.charge([ada(MINUTE, 10.0)])
    key = await one_key(fresh)
    ahead = "local at, owed = struct.unpack('<dd', redis.call('GET', KEYS[1])) "
    fresh.run("EVAL", ahead + "redis.call('SET', KEYS[1], struct.pack('<dd', at + 3600e6, owed))", "1", key)
    refused = await store.charge([ada(MINUTE)])
    assert refused.reset == pytest.approx(10.0, abs=0.5)
    assert not refused.allowed


@pytest.mark.service
async def test_what_somebody_else_wrote_there_is_no_answer_or_nothing(fresh: RedisServer, at: Open) -> None:
    place = at(fresh.url(), limit=PATIENT)
    await place.state.charge([ada(MINUTE, 10.0)])
    key = await one_key(fresh)
    fresh.run("SET", key, "not sixteen")
    assert (await place.state.charge([ada(MINUTE)])).remaining == 9
    fresh.run("DEL", key)
    fresh.run("LPUSH", key, "x")
    assert await place.state.charge([ada(MINUTE)]) is None
    assert place.counted("charge", "failed") == 1
    fresh.run("SET", "gw:{shop}:quota:quota.day:3", "x")
    assert await place.state.uses([quota("day")]) is None


@pytest.mark.service
async def test_a_server_that_forgot_the_script_is_told_it_again(fresh: RedisServer, at: Open) -> None:
    place = at(fresh.url(), limit=PATIENT)
    assert (await place.state.charge([ada(MINUTE)])).remaining == 9
    fresh.run("SCRIPT", "FLUSH")
    assert (await place.state.charge([ada(MINUTE)])).remaining == 8
    assert (place.counted("charge", "ok"), place.total("failed")) == (2, 0)


@pytest.mark.service
async def test_owners_are_spread_over_hashes_and_all_are_found(fresh: RedisServer, at: Open) -> None:
    store = at(fresh.url(), limit=PATIENT).state
    names = ["x" * 2000, *(f"t{number}" for number in range(200))]
    for name in names:
        await store.charge([Charge((name,), quota("month"))])
    found = await store.uses([quota("month"), quota("day")])
    assert {use.owner[0] for use in found} >= set(names[1:])
    assert (len(found), max(len(str(use.owner)) for use in found) < 100) == (201, True)
    assert 50 < int(fresh.run("DBSIZE")) <= HASHES


@pytest.mark.service
async def test_no_window_holds_more_than_rate_and_burst_however_they_ask(fresh: RedisServer, at: Open) -> None:
    allowance = Allowance("tier.quick/s", "quick", 100, 0.5, 20)
    stores = [at(fresh.url(), limit=PATIENT).state for _ in range(4)]
    admitted: list[tuple[float, float]] = []
    until = time.monotonic() + 1.0

    async def ask(store: Any) -> None:
        while (sent := time.monotonic()) < until:
            if (await store.charge([ada(allowance)])).allowed:
                admitted.append((sent, time.monotonic()))

    await asyncio.gather(*(ask(store) for store in stores for _ in range(2)))
    assert most_within(admitted, 0.5) <= 120
    assert len(admitted) == pytest.approx(220, rel=0.02, abs=4)


def most_within(admitted: Sequence[tuple[float, float]], window: float) -> int:
    """The most that were surely admitted in a sliding window: each between when it was asked for and when that was known."""
    held: deque[float] = deque()
    most = 0
    for sent, known in sorted(admitted, key=lambda each: each[1]):
        held.append(sent)
        most = max(most, sum(known - each < window for each in held))
        while held and known - held[0] > 2 * window:
            held.popleft()
    return most


@pytest.mark.service
async def test_the_months_of_400_years_are_right(fresh: RedisServer, at: Open) -> None:
    """What the script makes of a day, asked of it for one day of each month and the days round it."""
    start = SCRIPT.index("local function day_of_month")
    counting = SCRIPT[start : SCRIPT.index("local function period")]
    days = [int(began("month", month * 30.4375 * DAY + DAY) // DAY) + more for month in range(0, 4800, 7) for more in (-1, 0, 27, 28, 30)]
    text = counting + "local out = {} for i, day in ipairs(ARGV) do out[i] = day_of_month(tonumber(day)) end return table.concat(out, ' ')"
    told = fresh.run("EVAL", text, "0", *map(str, days)).split()
    assert [int(each) for each in told] == [1 + round((day * DAY - began("month", day * DAY)) / DAY) for day in days]


async def one_key(server: RedisServer) -> str:
    assert server.run("DBSIZE") == "1"
    return server.run("RANDOMKEY")


TAG = b"12345678"


@pytest.mark.parametrize(
    ("reply", "fitting"),
    [
        ([TAG, 1, b"9", b"0"], True),
        ([TAG, 0, b"-0.5", b"1.5e+06"], True),
        ([b"87654321", 1, b"9", b"0"], False),
        ([TAG, 2, b"9", b"0"], False),
        ([TAG, 1, b"9"], False),
        ([TAG, 1, b"9", b"nan"], False),
        ([TAG, 1, b"9", b"..."], False),
        ([TAG, 1, 9, 0], False),
        (None, False),
        (b"OK", False),
    ],
)
def test_a_reply_that_fits(reply: Any, fitting: bool) -> None:
    assert fits(TAG, 1, reply) is fitting


@pytest.mark.parametrize(
    ("reply", "reads"),
    [
        ([], True),
        ([b"", b"0", b'["a"]', b"1.5"], True),
        ([b'["a"]', b"1.5"], False),
        ([b"", b"0", b"a", b"1.5"], False),
        ([b"", b"0", b'["a"]', b"x"], False),
        ([b"", b"1e300", b'["a"]', b"1"], False),
        ([b"", b"0", b'["a"]'], False),
        ([b"", 0], False),
        (None, False),
    ],
)
def test_a_hash_of_a_quota(reply: Any, reads: bool) -> None:
    assert is_quota(quota("month"), reply) is reads


def test_owners_are_read_as_they_were() -> None:
    found = read_uses(quota("day"), [b"", b"0", b'["acme",7,["api_key","","ada"]]', b"1"])
    assert found == [Use(("acme", b"7", b'["api_key","","ada"]'), quota("day"), 1.0, DAY)]


def test_an_order_tells_each_charge_and_never_the_same_tag() -> None:
    charges = [ada(MINUTE, 2.0), Charge(("acme",), quota("day"))]
    one, other = (order(b"gw:{a}:", charges, regardless=False) for _ in range(2))
    assert one.tag != other.tag
    assert one.words[0] == 2
    assert [word for word in one.words[3:] if word != one.tag] == [
        b"0", 1e-6, b"rate", 2.0, 10, 1e6, "day", 1.0, 5, b'["acme"]'
    ]  # fmt: skip
