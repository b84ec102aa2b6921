"""Connections that callers take turns with: bounded, never two at once, and none lost when callers are cancelled."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from gateway.stores import redis_links
from gateway.stores.redis_faults import RedisFault
from gateway.stores.redis_links import MOST_WAITING, Link, Links


class FakeLink:
    def __init__(self) -> None:
        self.rested = False
        self.closed = False

    async def ask(self, *words: Any) -> Any:
        return words

    async def close(self) -> None:
        self.closed = True


class Place:
    """Where connections are made: `wait` before each, `fault` in place of each, `made` are those there ever were."""

    def __init__(self) -> None:
        self.wait = 0.0
        self.fault: RedisFault | None = None
        self.made: list[FakeLink] = []

    @property
    def open(self) -> int:
        return sum(not link.closed for link in self.made)

    async def connect(self) -> Link:
        await asyncio.sleep(self.wait)
        if self.fault is not None:
            raise self.fault
        self.made.append(FakeLink())
        return self.made[-1]


async def test_the_last_one_given_back_is_taken_first() -> None:
    place = Place()
    links = Links(place.connect, 2)
    first, second = await links.take(), await links.take()
    assert not first.rested
    links.give(first)
    assert first.rested
    links.give(second)
    assert await links.take() is second
    assert await links.take() is first
    assert len(place.made) == 2


async def test_who_comes_too_late_waits_for_one_to_be_given_back() -> None:
    place = Place()
    links = Links(place.connect, 1)
    link = await links.take()
    assert links.busy
    waiting = asyncio.create_task(links.take())
    await asyncio.sleep(0)
    links.give(link)
    assert await waiting is link
    assert len(place.made) == 1


async def test_one_that_was_dropped_is_closed_and_another_opened_for_who_waits() -> None:
    place = Place()
    links = Links(place.connect, 1)
    link = await links.take()
    waiting = asyncio.create_task(links.take())
    await asyncio.sleep(0)
    await links.drop(link)
    assert await waiting is place.made[1]
    assert place.made[0].closed


async def test_all_who_wait_learn_that_none_can_be_opened() -> None:
    place = Place()
    place.fault = RedisFault("Connection refused", lost=True)
    links = Links(place.connect, 2)
    found = await asyncio.gather(*(links.take() for _ in range(5)), return_exceptions=True)
    assert [(type(each), str(each)) for each in found] == [(RedisFault, "Connection refused")] * 5
    place.fault = None
    assert await links.take() is place.made[0]


async def test_one_that_takes_too_long_to_open_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_links, "OPENING", 0.01)
    place = Place()
    place.wait = 5
    with pytest.raises(RedisFault, match="no connection in time"):
        await Links(place.connect, 1).take()


async def test_one_that_opens_too_late_for_who_waited_serves_the_next() -> None:
    place = Place()
    place.wait = 0.02
    links = Links(place.connect, 1)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.005):
            await links.take()
    await asyncio.sleep(0.03)
    assert await links.take() is place.made[0]
    assert len(place.made) == 1
    assert place.made[0].rested


async def test_so_many_may_wait_and_those_who_left_are_not_counted() -> None:
    links = Links(Place().connect, 1)
    link = await links.take()
    tasks = [asyncio.create_task(links.take()) for _ in range(MOST_WAITING)]
    await asyncio.sleep(0)
    assert links.crowded
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert not links.crowded
    links.give(link)


async def test_closing_ends_what_is_being_opened() -> None:
    place = Place()
    links = Links(place.connect, 3)
    link = await links.take()
    links.give(link)
    place.wait = 5
    taken = await links.take()
    waiting = asyncio.create_task(links.take())
    await asyncio.sleep(0)
    await links.close()
    await links.drop(taken)
    assert place.open == 0
    with pytest.raises(RedisFault, match="closed"):
        await waiting
    await links.close()
    assert place.open == 0


async def test_random_cancels_lose_no_connection_and_share_none() -> None:
    place = Place()
    links = Links(place.connect, 3)
    held: set[int] = set()
    chance = random.Random(7)

    async def use() -> None:
        link = await links.take()
        assert id(link) not in held
        held.add(id(link))
        try:
            await asyncio.sleep(chance.choice((0, 0, 0.001)))
        except asyncio.CancelledError:
            held.discard(id(link))
            await links.drop(link)
            raise
        held.discard(id(link))
        links.give(link)

    for _ in range(60):
        tasks = [asyncio.create_task(use()) for _ in range(12)]
        for _ in range(chance.randrange(6)):
            await asyncio.sleep(0)
        for task in chance.sample(tasks, 6):
            task.cancel()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(each is None or isinstance(each, asyncio.CancelledError) for each in found)
        assert place.open <= 3
    taken = [await links.take() for _ in range(3)]
    assert len({id(link) for link in taken}) == 3
    assert links.busy
    assert place.open == 3
