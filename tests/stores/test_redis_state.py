"""State in Redis, on a server of the test's own: what is kept, and that nothing that happens to the server is anybody else's trouble."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from typing import Any

import pytest

from gateway.sdk.state import LARGEST_VALUE
from gateway.stores.redis_links import MOST_WAITING
from gateway.stores.redis_state import LIMIT
from gateway.testing.redis import RedisServer, redis_server
from tests.stores.redis_places import PATIENT, Open, Place, answering, at, saying, server, until

__all__ = ["at", "server"]

pytestmark = pytest.mark.service

SLACK = 0.15
"""Seconds that a test gives a loop on a busy machine, on top of the limit."""


async def timed(state: Any, key: bytes = b"k") -> float:
    began = time.monotonic()
    assert await state.get(key) is None
    return time.monotonic() - began


async def test_what_was_kept_is_there_for_all_processes_until_it_ends(server: RedisServer, at: Open) -> None:
    here, there = at(server.url(), limit=PATIENT), at(server.url(), limit=PATIENT)
    for value in (b"", b"x", bytes(range(256)) * 100):
        await here.state.set(b"a\r\n\x00 b", value, 100)
        assert await there.state.get(b"a\r\n\x00 b") == value
    assert 99_000 < int(server.run("PTTL", "gw:{shop}:a\r\n\x00 b")) <= 100_000
    await there.state.delete(b"a\r\n\x00 b", b"nothing")
    await there.state.delete()
    assert await here.state.get(b"a\r\n\x00 b") is None
    assert (here.counted("set", "ok"), here.counted("get", "miss"), there.counted("get", "ok"), there.counted("delete", "ok")) == (
        3,
        1,
        3,
        1,
    )
    assert here.total("failed") == there.total("failed") == 0


async def test_gateways_and_databases_are_apart(server: RedisServer, at: Open) -> None:
    shop, bank, other = (
        at(url, gateway=name, limit=PATIENT) for url, name in ((server.url(), "shop"), (server.url(), "bank"), (server.url(1), "shop"))
    )
    await shop.state.set(b"apart", b"x", 100)
    assert await bank.state.get(b"apart") is None
    assert await other.state.get(b"apart") is None


@pytest.mark.parametrize("ttl", [0.0, -1.0, float("nan")])
async def test_without_a_time_to_live_nothing_is_kept(server: RedisServer, at: Open, ttl: float) -> None:
    place = at(server.url(), limit=PATIENT)
    await place.state.set(b"ttl", b"x", ttl)
    assert server.run("EXISTS", "gw:{shop}:ttl") == "0"


@pytest.mark.parametrize(("ttl", "milliseconds"), [(0.0001, 1), (float("inf"), 365 * 86_400_000)])
async def test_times_to_live_have_bounds(server: RedisServer, at: Open, ttl: float, milliseconds: int) -> None:
    place = at(server.url(), limit=PATIENT)
    await place.state.set(b"bounds", b"x", ttl)
    assert int(server.run("PTTL", "gw:{shop}:bounds")) <= milliseconds
    assert (place.counted("set", "ok"), place.total("failed")) == (1, 0)


async def test_what_is_too_large_is_not_sent(server: RedisServer, at: Open) -> None:
    place = at(server.url(), limit=PATIENT)
    await place.state.set(b"large", b"x" * LARGEST_VALUE, 100)
    await place.state.announce("t", b"x" * LARGEST_VALUE)
    assert server.run("EXISTS", "gw:{shop}:large") == "0"
    assert (place.counted("set", "bypassed"), place.counted("announce", "bypassed")) == (1, 1)
    await place.state.set(b"large", b"x" * (LARGEST_VALUE - 100), 100)
    assert len(await place.state.get(b"large") or b"") == LARGEST_VALUE - 100


async def test_a_value_of_another_key_is_no_answer(server: RedisServer, at: Open) -> None:
    place = at(server.url(), limit=PATIENT)
    await place.state.set(b"mine", b"secret", 100)
    server.run("COPY", "gw:{shop}:mine", "gw:{shop}:yours", "REPLACE")
    server.run("SET", "gw:{shop}:foreign", "text")
    assert await place.state.get(b"yours") is None
    assert await place.state.get(b"foreign") is None
    assert place.counted("get", "failed") == 2


@pytest.mark.parametrize("most", [1, 3])
async def test_storms_of_cancels_never_mix_answers(server: RedisServer, at: Open, most: int) -> None:
    """No reply may be left behind for the next caller: each would fail the check of its seal, and be counted."""
    place = at(server.url(), limit=PATIENT, most=most)
    keys = [b"storm%d" % number for number in range(40)]
    values = {key: key * random.Random(key).choice((1, 50, 5000)) for key in keys}
    await asyncio.gather(*(place.state.set(key, value, 100) for key, value in values.items()))
    chance = random.Random(most)
    answered = 0
    for _ in range(25):
        asked = chance.choices(keys, k=40)
        tasks = [asyncio.create_task(place.state.get(key)) for key in asked]
        for task in chance.sample(tasks, 20):
            asyncio.get_running_loop().call_later(chance.random() * 0.004, task.cancel)
        for key, found in zip(asked, await asyncio.gather(*tasks, return_exceptions=True), strict=True):
            assert found == values[key] or isinstance(found, asyncio.CancelledError)
            answered += isinstance(found, bytes)
    assert 500 <= answered < 1000
    assert place.total("failed") == 0
    assert [await place.state.get(key) for key in keys] == list(values.values())


async def test_a_server_that_is_killed_under_load_is_bypassed_and_comes_back(at: Open, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with redis_server() as server:
        place = at(server.url())
        await place.state.start()
        await place.state.set(b"k", b"v", 100)
        longest = 0.0
        stop = asyncio.Event()

        async def load() -> None:
            nonlocal longest
            while not stop.is_set():
                began = time.monotonic()
                assert await place.state.get(b"k") in (b"v", b"new", None)
                longest = max(longest, time.monotonic() - began)
                await asyncio.sleep(0.002)

        callers = [asyncio.create_task(load()) for _ in range(8)]
        await until(lambda: place.counted("get", "ok") > 20)
        server.kill()
        await until(lambda: not place.state.up)
        await until(lambda: place.counted("get", "bypassed") > 20)
        server.start()
        await until(lambda: place.state.up)
        await place.state.set(b"k", b"new", 100)
        await until(lambda: place.counted("set", "ok") == 2)
        stop.set()
        await asyncio.gather(*callers)
    assert longest < LIMIT + SLACK
    told = [record.getMessage().split(":")[0].split(",")[0] for record in caplog.records]
    assert told == ["shared state is bypassed", "shared state is back"]


async def test_a_slow_server_is_a_dead_one(server: RedisServer, at: Open) -> None:
    place = at(server.url())
    await place.state.start()
    await place.state.set(b"slow", b"v", 100)
    server.freeze()
    try:
        waits = []
        while place.state.up:
            waits.append(await timed(place.state, b"slow"))
    finally:
        server.thaw()
    assert len(waits) >= 3
    assert all(LIMIT * 0.9 <= wait < LIMIT + SLACK for wait in waits)
    assert min([await timed(place.state, b"slow") for _ in range(5)]) < 0.001
    await until(lambda: place.state.up)
    assert await place.state.get(b"slow") == b"v"


async def test_a_full_server_still_gives_what_it_has(server: RedisServer, at: Open, caplog: pytest.LogCaptureFixture) -> None:
    place = at(server.url(), limit=PATIENT)
    await place.state.set(b"full", b"v", 100)
    server.run("CONFIG", "SET", "maxmemory", "1")
    try:
        for _ in range(4):
            await place.state.set(b"more", b"v", 100)
            assert await place.state.get(b"full") == b"v"
    finally:
        server.run("CONFIG", "SET", "maxmemory", "0")
    assert (place.counted("set", "failed"), place.counted("get", "ok")) == (4, 4)
    assert [record.getMessage() for record in caplog.records] == ["shared state refuses to set: OutOfMemoryError"]


async def test_what_was_flushed_is_a_miss_and_a_list_in_its_place_too(server: RedisServer, at: Open) -> None:
    place = at(server.url(), limit=PATIENT)
    await place.state.set(b"flushed", b"v", 100)
    server.run("FLUSHALL")
    assert await place.state.get(b"flushed") is None
    server.run("LPUSH", "gw:{shop}:flushed", "x")
    assert await place.state.get(b"flushed") is None
    assert (place.counted("get", "miss"), place.counted("get", "failed")) == (1, 1)


async def test_connections_that_the_server_ended_while_idle_are_made_anew(server: RedisServer, at: Open) -> None:
    place = at(server.url(), limit=PATIENT)
    await place.state.set(b"idle", b"v", 100)
    await asyncio.gather(*(place.state.get(b"idle") for _ in range(4)))
    server.run("CLIENT", "KILL", "TYPE", "normal")
    assert await place.state.get(b"idle") == b"v"
    assert place.total("failed") == 0


async def test_a_wrong_password_is_told_without_it_and_a_new_one_is_taken_over(at: Open, caplog: pytest.LogCaptureFixture) -> None:
    with redis_server("--requirepass", "right") as server:
        place = at(f"redis://:hush-hush@127.0.0.1:{server.port}/0")
        await place.state.start()
        assert not place.state.up
        assert [record.getMessage() for record in caplog.records] == ["shared state is bypassed: AuthenticationError"]
        place.url.replace(f"redis://:right@127.0.0.1:{server.port}/0")
        await until(lambda: place.state.up)
        await place.state.close()
    assert "hush-hush" not in caplog.text


async def test_a_server_that_is_not_there_keeps_nothing_from_starting(at: Open, caplog: pytest.LogCaptureFixture) -> None:
    with redis_server() as server:
        server.stop()
        place = at(server.url())
        began = time.monotonic()
        await place.state.start()
        assert time.monotonic() - began < 0.5
        assert not place.state.up
        assert place.services.metrics.gauges["gateway_state_up"]() == 0
        assert await timed(place.state) < 0.01
        assert [record.getMessage() for record in caplog.records] == ["shared state is bypassed: Connection refused"]
        server.start()
        await until(lambda: place.state.up)  # nobody asks: it looks by itself
        assert place.services.metrics.gauges["gateway_state_up"]() == 1


@pytest.mark.parametrize(
    "text",
    [b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", b"$100\r\nx", b"$8\r\nabcdefgh\r\n", b"*1\r\n" * 3000, b"-MOVED x\r\n", b""],
)
async def test_what_is_no_redis_is_bypassed(at: Open, text: bytes) -> None:
    async with answering(saying(text)) as url:
        place = at(url, limit=PATIENT)
        for _ in range(4):
            await timed(place.state)
        assert (place.counted("get", "failed"), place.counted("get", "bypassed"), place.state.up) == (3, 1, False)
        await place.state.close()


async def test_another_wait_for_each_time_that_it_is_not_back(at: Open) -> None:
    async with answering(saying(b"-LOADING\r\n")) as url:
        place = at(url, limit=PATIENT)
        began = time.monotonic()
        while time.monotonic() - began < 0.75:  # tries at 0, then after 0.1, 0.2 and 0.4 seconds
            await place.state.get(b"k")
            await asyncio.sleep(0.005)
        assert 3 <= place.counted("get", "failed") <= 6
        await place.state.close()


async def test_a_burst_of_its_own_does_not_count_against_the_server(server: RedisServer, at: Open) -> None:
    place = at(server.url(), limit=PATIENT, most=2)
    await place.state.set(b"burst", b"v", 100)
    found = await asyncio.gather(*(place.state.get(b"burst") for _ in range(500)))
    assert found == [b"v"] * (1 + MOST_WAITING) + [None] * (499 - MOST_WAITING)
    assert place.counted("get", "bypassed") == 499 - MOST_WAITING
    assert place.state.up


async def test_who_only_waited_for_others_has_learned_nothing(server: RedisServer, at: Open) -> None:
    place = at(server.url(), most=1)
    link = await place.links.take()
    for _ in range(4):
        await timed(place.state)
    assert (place.counted("get", "bypassed"), place.state.up) == (4, True)
    place.links.give(link)
    assert await place.state.get(b"nothing") is None


async def test_after_its_end_nothing_is_done_any_more(server: RedisServer, at: Open) -> None:
    place = at(server.url(), limit=PATIENT)
    asking = asyncio.create_task(place.state.set(b"end", b"v", 100))
    await asyncio.sleep(0)
    await place.state.close()
    await asking
    await place.state.set(b"end", b"v", 100)
    assert await place.state.get(b"end") is None
    assert (place.counted("set", "bypassed"), place.counted("get", "bypassed")) == (1, 1)


async def test_a_cancelled_caller_is_told_so_and_nothing_is_counted(server: RedisServer, at: Open) -> None:
    place: Place = at(server.url(), limit=PATIENT)
    await place.state.get(b"k")
    server.run("CLIENT", "PAUSE", "100")
    for _ in range(5):
        task = asyncio.create_task(place.state.get(b"k"))
        await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert place.state.up
    assert place.total("failed") == 0
