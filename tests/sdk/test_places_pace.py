"""Places with a pace, in virtual time: never too many, never too fast, first come first served, nothing lost."""

from __future__ import annotations

import asyncio
import random

import pytest

from gateway.sdk import Overloaded
from gateway.sdk.deadlines import Deadlines
from gateway.sdk.pace import Pace
from gateway.sdk.places import Places
from tests.policies.virtual_time import LoopClock, timeless

FOREVER = 1e9


def places(most: float, waiting: int, per_second: float | None = None) -> Places:
    clock = LoopClock()
    return Places(most, waiting, Deadlines(clock), None if per_second is None else Pace(per_second, clock))


def now() -> float:
    return asyncio.get_running_loop().time()


def test_the_pace_is_exact() -> None:
    async def run() -> list[float]:
        some, sent, began = places(1e9, 100, 5), [], now()

        async def call() -> None:
            if some.take() or await some.wait(FOREVER):
                sent.append(round(now() - began, 6))
                some.give_back()

        await asyncio.gather(*(call() for _ in range(11)))
        return sent

    assert timeless(run()) == pytest.approx([number / 5 for number in range(11)])


def test_a_wait_that_the_pace_would_outlast_ends_in_time() -> None:
    async def run() -> tuple[bool, bool, float]:
        some, began = places(5, 10, 1), now()
        assert some.take()
        late, good = await asyncio.gather(some.wait(began + 0.5), some.wait(began + 10))
        return late, good, now() - began

    late, good, seconds = timeless(run())
    assert (late, good) == (False, True)
    assert seconds == pytest.approx(1.0, abs=0.002)


def test_a_turn_given_back_unused_wakes_the_next_at_once() -> None:
    async def run() -> float:
        some, began = places(5, 10, 0.5), now()
        assert some.take()
        waiting = asyncio.ensure_future(some.wait(FOREVER))
        await asyncio.sleep(0)
        some.give_back(unused=True)
        assert await waiting
        return now() - began

    assert timeless(run()) == 0.0


def test_who_comes_just_when_there_is_a_turn_does_not_pass_who_waits() -> None:
    async def run() -> bool:
        some = places(5, 10, 10)
        assert some.take()
        await asyncio.sleep(0.0995)
        waiting = asyncio.ensure_future(some.wait(FOREVER))
        await asyncio.sleep(0.0007)
        passed = some.take()
        assert await waiting
        return passed

    assert not timeless(run())


def test_a_cancelled_waiter_takes_no_turn_along() -> None:
    async def run() -> float:
        some, began = places(1, 10, 1), now()
        assert some.take()
        first, second = (asyncio.ensure_future(some.wait(FOREVER)) for _ in range(2))
        await asyncio.sleep(1)
        some.give_back()  # handed to the first, who is cancelled in the same moment
        first.cancel()
        assert await second
        assert (some.taken, some.waiting) == (1, 0)
        return now() - began

    assert timeless(run()) == 1.0


class Storm:
    """Many calls of random length that come, wait, are cancelled, and use their turn or not."""

    def __init__(self, seed: int, per_second: float | None) -> None:
        self.dice = random.Random(seed)
        self.most = self.dice.randint(1, 4)
        self.places = places(self.most, 30, per_second)
        self.busy = 0
        self.arrived: list[int] = []
        self.began: list[tuple[int, float]] = []

    async def call(self, number: int) -> None:
        dice, some = self.dice, self.places
        others = some.waiting
        if some.take():
            assert not others, "who comes while others wait queues behind them"
        else:
            self.arrived.append(number)
            if not await some.wait(now() + dice.choice([0.0, 0.05, 0.5, 100.0])):
                return
            self.served(number)
        unused = dice.random() < 0.1
        self.busy += 1
        assert self.busy <= self.most
        if not unused:
            self.began.append((number, now()))
        try:
            if not unused:
                await asyncio.sleep(dice.choice([0.0, 0.0, 0.01, 0.2]))
        finally:
            self.busy -= 1
            some.give_back(unused=unused)

    def served(self, number: int) -> None:
        """Nobody who came later was served before."""
        position = self.arrived.index(number)
        del self.arrived[: position + 1]

    async def run(self) -> None:
        dice = self.dice
        calls = []
        for number in range(120):
            calls.append(asyncio.ensure_future(self.call(number)))
            if dice.random() < 0.3:
                await asyncio.sleep(dice.choice([0.0, 0.0, 0.01, 0.1]))
            if dice.random() < 0.2:
                dice.choice(calls).cancel()
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} <= {type(None), Overloaded, asyncio.CancelledError}
        assert (self.busy, self.places.taken, self.places.waiting) == (0, 0, 0)
        await asyncio.sleep(10)
        free = 0
        while self.places.take():
            free += 1
            await asyncio.sleep(1)
        assert free == self.most


@pytest.mark.parametrize("per_second", [None, 20.0, 300.0])
def test_thousands_of_orders_of_events(per_second: float | None) -> None:
    for seed in range(25):
        storm = Storm(seed, per_second)
        timeless(storm.run())
        if per_second is None:
            continue
        burst = max(1.0, per_second / 10)
        times = sorted(at for _, at in storm.began)
        for first, began in enumerate(times):
            for last in range(first, len(times)):
                assert last - first + 1 <= burst + (times[last] - began) * per_second + 1e-3
