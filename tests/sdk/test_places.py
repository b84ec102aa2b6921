"""Places: none is ever lost or given twice, whatever order things happen in."""

from __future__ import annotations

import asyncio
import random

import pytest

from gateway.sdk import Overloaded, SystemClock
from gateway.sdk.deadlines import Deadlines
from gateway.sdk.places import Places

FAR = SystemClock().monotonic() + 1000


def places(count: int, waiting: int) -> Places:
    return Places(count, waiting, Deadlines(SystemClock()))


def free(some: Places) -> int:
    """How many can be taken; takes them."""
    count = 0
    while some.take():
        count += 1
    return count


async def test_a_place_given_back_goes_to_who_waits_first() -> None:
    one = places(1, 2)
    assert one.take()
    order: list[int] = []

    async def wait(number: int) -> None:
        await one.wait(FAR)
        order.append(number)
        one.give_back()

    waiters = [asyncio.ensure_future(wait(number)) for number in range(2)]
    await asyncio.sleep(0)
    assert (one.waiting, one.take()) == (2, False)
    one.give_back()
    assert not one.take()
    await asyncio.gather(*waiters)
    assert order == [0, 1]
    assert free(one) == 1


async def test_a_full_queue_is_overloaded() -> None:
    none = places(0, 0)
    with pytest.raises(Overloaded):
        await none.wait(FAR)


async def test_a_deadline_ends_the_wait() -> None:
    one = places(1, 1)
    assert one.take()
    assert not await one.wait(SystemClock().monotonic() + 0.005)
    assert one.waiting == 0
    one.give_back()
    assert free(one) == 1


async def test_a_place_handed_to_who_is_cancelled_at_the_same_moment_is_passed_on() -> None:
    one = places(1, 2)
    assert one.take()
    first, second = (asyncio.ensure_future(one.wait(FAR)) for _ in range(2))
    await asyncio.sleep(0)
    one.give_back()
    first.cancel()
    await second
    assert first.cancelled()
    one.give_back()
    assert free(one) == 1


@pytest.mark.parametrize("seed", range(20))
async def test_no_place_is_lost_in_a_storm(seed: int) -> None:
    dice = random.Random(seed)
    some, busy, most = places(5, 50), 0, 0

    async def call() -> None:
        nonlocal busy, most
        if not some.take() and not await some.wait(SystemClock().monotonic() + dice.choice([0.0, 0.001, 10])):
            return
        busy += 1
        most = max(most, busy)
        try:
            for _ in range(dice.randrange(3)):
                await asyncio.sleep(0)
        finally:
            busy -= 1
            some.give_back()

    calls = [asyncio.ensure_future(call()) for _ in range(80)]
    for _ in range(40):
        dice.choice(calls).cancel()
        if dice.random() < 0.5:
            await asyncio.sleep(0)
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} <= {type(None), Overloaded, asyncio.CancelledError}
    assert (busy, some.waiting, most) == (0, 0, 5)
    assert free(some) == 5
