"""A token is kept while it is good, and asked for once by however many want it. Time is the test's own."""

from __future__ import annotations

import asyncio
import gc
from datetime import UTC, datetime

import pytest

from gateway.sdk import BackendError, BackendFailure, Timeout, Unavailable
from gateway.sources.backend_auth import Proof
from gateway.sources.token_endpoint import Client, Grant
from gateway.sources.token_keeper import BETWEEN_REFUSALS, LONGEST_PAUSE, TokenKeeper

LONG = 1000.0


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def monotonic(self) -> float:
        return self.time

    def now(self) -> datetime:
        return datetime.now(UTC)


class Endpoint:
    """Gives tokens when it is let: `gate` holds it up, `error` is raised instead."""

    def __init__(self) -> None:
        self.client = Client("gw", "one")
        self.lifetime = 100.0
        self.error: BackendFailure | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked = 0
        self.cancelled = 0
        self.counts: list[str] = []

    async def ask(self) -> Grant:
        self.asked += 1
        token = f"token{self.asked}"
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.error is not None:
            raise self.error
        return Grant(token, self.lifetime)

    def count(self, result: str) -> None:
        self.counts.append(result)


class Kept:
    def __init__(self, chance: float = 0.5) -> None:
        self.clock = Clock()
        self.endpoint = Endpoint()
        self.keeper = TokenKeeper(self.endpoint, self.clock, lambda: chance)  # type: ignore[arg-type] -- of its kind as far as it is used

    async def proof(self, seconds: float = LONG) -> Proof:
        return await self.keeper.proof(self.clock.time + seconds)

    async def token(self, seconds: float = LONG) -> str:
        return (await self.proof(seconds)).header[1].removeprefix("Bearer ")


@pytest.fixture
async def kept() -> Kept:
    return Kept()


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_it_is_asked_for_once_and_used_again(kept: Kept) -> None:
    assert [await kept.token() for _ in range(3)] == ["token1"] * 3
    assert kept.endpoint.asked == 1


async def test_five_hundred_wait_for_one_request(kept: Kept) -> None:
    assert await kept.token() == "token1"
    kept.clock.time += 100
    kept.endpoint.gate.clear()
    waiting = [asyncio.create_task(kept.token()) for _ in range(500)]
    await turns()
    kept.endpoint.gate.set()
    assert set(await asyncio.gather(*waiting)) == {"token2"}
    assert kept.endpoint.asked == 2


@pytest.mark.parametrize(("lifetime", "early"), [(100.0, 10.0), (3600.0, 30.0), (1.0, 0.1)])
async def test_it_is_renewed_early_by_one_while_the_old_one_serves(kept: Kept, lifetime: float, early: float) -> None:
    kept.endpoint.lifetime = lifetime
    await kept.token()
    kept.clock.time += lifetime - early - 0.01
    assert await kept.token() == "token1"
    await turns()
    assert kept.endpoint.asked == 1
    kept.clock.time += 0.02
    kept.endpoint.gate.clear()
    assert [await kept.token() for _ in range(100)] == ["token1"] * 100
    await turns()
    assert kept.endpoint.asked == 2
    kept.endpoint.gate.set()
    await turns()
    assert await kept.token() == "token2"


async def test_a_renewal_that_fails_leaves_the_old_one_in_use(kept: Kept) -> None:
    await kept.token()
    kept.clock.time += 95
    kept.endpoint.error = Unavailable()
    for _ in range(100):
        assert await kept.token() == "token1"
        await turns()
    assert kept.endpoint.asked == 2
    kept.clock.time += 2
    await kept.token()
    await turns()
    assert kept.endpoint.asked == 3
    kept.clock.time += 3.5
    with pytest.raises(Unavailable):
        await kept.token()


async def test_a_failure_is_remembered_for_a_growing_while(kept: Kept) -> None:
    kept.endpoint.error = BackendError("as told")
    for pause in (1, 2, 4, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE):
        asked = kept.endpoint.asked
        for _ in range(20):
            with pytest.raises(BackendError, match="as told"):
                await kept.token()
        assert kept.endpoint.asked == asked + 1
        kept.clock.time += pause - 0.01
        with pytest.raises(BackendError):
            await kept.token()
        assert kept.endpoint.asked == asked + 1
        kept.clock.time += 0.02
    kept.endpoint.error = None
    assert await kept.token() == f"token{kept.endpoint.asked}"
    kept.clock.time += 1000
    kept.endpoint.error = Unavailable()
    with pytest.raises(Unavailable):
        await kept.token()
    kept.clock.time += 1.01
    kept.endpoint.error = None
    assert await kept.token()


@pytest.mark.parametrize(("chance", "pause"), [(0.0, 0.75), (1.0, 1.25)])
async def test_gateways_dont_come_back_all_at_once(chance: float, pause: float) -> None:
    kept = Kept(chance)
    kept.endpoint.error = Unavailable()
    with pytest.raises(Unavailable):
        await kept.token()
    kept.endpoint.error = None
    kept.clock.time += pause - 0.01
    with pytest.raises(Unavailable):
        await kept.token()
    kept.clock.time += 0.02
    assert await kept.token()


async def test_a_new_secret_ends_the_pause(kept: Kept) -> None:
    kept.endpoint.error = BackendError()
    with pytest.raises(BackendError):
        await kept.token()
    kept.endpoint.client, kept.endpoint.error = Client("gw", "two"), None
    assert await kept.token() == "token2"


async def test_each_waits_to_its_own_deadline(kept: Kept) -> None:
    kept.endpoint.gate.clear()
    patient = asyncio.create_task(kept.token())
    with pytest.raises(Timeout):
        await kept.token(0.01)
    with pytest.raises(Timeout):
        await kept.token(0)
    kept.endpoint.gate.set()
    assert await patient == "token1"


async def test_who_runs_out_of_time_leaves_the_request_to_the_next(kept: Kept) -> None:
    kept.endpoint.gate.clear()
    with pytest.raises(Timeout):
        await kept.token(0.01)
    late = asyncio.create_task(kept.token(0.0101))
    await turns()
    kept.clock.time += 0.01
    late.cancel()
    await asyncio.gather(late, return_exceptions=True)
    kept.endpoint.gate.set()
    await turns()
    assert await kept.token() == "token1"
    assert (kept.endpoint.asked, kept.endpoint.cancelled) == (1, 0)


async def test_the_last_to_be_cancelled_cancels_the_request(kept: Kept) -> None:
    kept.endpoint.gate.clear()
    waiting = [asyncio.create_task(kept.token()) for _ in range(3)]
    await turns()
    for task in waiting[:2]:
        task.cancel()
    await turns()
    assert kept.endpoint.cancelled == 0
    waiting[2].cancel()
    ended = await asyncio.gather(*waiting, return_exceptions=True)
    await turns()
    assert all(isinstance(end, asyncio.CancelledError) for end in ended)
    assert kept.endpoint.cancelled == 1
    kept.endpoint.gate.set()
    assert await kept.token() == "token2"


async def test_a_refused_token_is_given_up_once_for_all(kept: Kept) -> None:
    old = await kept.proof()
    assert all(kept.keeper.refused(old) for _ in range(500))
    assert kept.endpoint.counts == ["rejected"]
    assert set(await asyncio.gather(*(kept.token() for _ in range(500)))) == {"token2"}
    assert kept.endpoint.asked == 2
    assert kept.keeper.refused(old)
    assert await kept.token() == "token2"


async def test_a_backend_that_refuses_every_token_causes_no_storm(kept: Kept) -> None:
    for _ in range(1000):
        proof = await kept.proof()
        if kept.keeper.refused(proof):
            assert not kept.keeper.refused(await kept.proof())
    assert kept.endpoint.asked == 2
    kept.clock.time += BETWEEN_REFUSALS
    assert kept.keeper.refused(await kept.proof())


async def test_closing_tells_who_waits(kept: Kept) -> None:
    kept.endpoint.gate.clear()
    started = asyncio.create_task(kept.token())
    await turns()
    second = asyncio.create_task(kept.token())
    await turns()
    await kept.keeper.close()
    ended = await asyncio.gather(started, second, return_exceptions=True)
    assert all(isinstance(end, Unavailable) for end in ended)
    await kept.keeper.close()


async def test_closing_before_the_request_began_tells_too(kept: Kept) -> None:
    waiting = asyncio.create_task(kept.token())
    await asyncio.sleep(0)
    await kept.keeper.close()
    with pytest.raises(Unavailable):
        await waiting


async def test_an_unforeseen_fault_keeps_nobody_waiting(kept: Kept) -> None:
    class Unforeseen(Exception):
        pass

    async def broken() -> Grant:
        raise Unforeseen

    found: list[str] = []
    # What nobody awaited is told when the task is collected.
    asyncio.get_running_loop().set_exception_handler(lambda _, context: found.append(type(context["exception"]).__name__))
    kept.endpoint.ask = broken  # type: ignore[method-assign] -- broken on purpose
    with pytest.raises(Unavailable):
        await kept.token()
    await turns()
    kept.endpoint.ask = Endpoint().ask  # type: ignore[method-assign] -- mended
    assert await kept.token() == "token1"
    gc.collect()
    assert found == ["Unforeseen"]
