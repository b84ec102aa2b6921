"""Intents' own limits as a whole gateway applies them, in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from gateway.testing.scenario import Scenario, scenario
from tests.policies.stopped_clock import StoppedClock

SPECS = """source: shop
type: fake
operations: {{order: {{}}}}
---
intent: ask
limits: {limits}
steps: {{order: {{call: shop.order}}}}
output: ${{ steps.order }}
---
intent: other
steps: {{sub: {{call: intent.ask}}}}
output: ${{ steps.sub }}
"""
ROLES = "policy: roles\nroles: {anonymous: {}, customer: {allow: ['intent:*']}}\n"
ADA = {"id": "ada", "roles": ["customer"]}
BOB = {"id": "bob", "roles": ["customer"]}

Start = Callable[..., Awaitable[Scenario]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    async with AsyncExitStack() as stack:

        async def begin(limits: str, answer: Any = None, policies: str = "") -> Scenario:
            files = {"specs/all.yaml": SPECS.format(limits=limits), "policies/all.yaml": ROLES + policies}
            return await stack.enter_async_context(scenario(tmp_path, files, {"shop.order": answer}, clock=StoppedClock()))

        yield begin


async def codes(gateway: Scenario, times: int, user: dict[str, Any] = ADA, intent: str = "ask") -> list[str | None]:
    errors = [(await gateway.ask(intent, user=user)).error for _ in range(times)]
    return [None if error is None else error.code for error in errors]


async def test_a_rate_of_its_own_for_each_caller(start: Start) -> None:
    gateway = await start("{requests_per_minute: 60, burst: 2}")
    assert await codes(gateway, 3) == [None, None, "rate_limited"]
    assert await codes(gateway, 3, BOB) == [None, None, "rate_limited"]
    assert await codes(gateway, 3, BOB, "other") == [None] * 3  # what an intent calls is not what a caller asks for
    exchange = gateway.exchange("ask", user=ADA)
    answer = await gateway.plan.handler(exchange)
    assert answer.error is not None
    assert (answer.error.retry_after, exchange.notes["denied_by"]) == (pytest.approx(1.0), "specs/all.yaml:6")
    assert exchange.allowance is not None
    assert (exchange.allowance.allowance.name, exchange.allowance.remaining) == ("ask", 0)


async def test_its_key_tells_who_shares_it(start: Start) -> None:
    gateway = await start("{requests_per_hour: 3, key: [tenant.id]}")
    assert await codes(gateway, 2) + await codes(gateway, 2, BOB) == [None, None, None, "rate_limited"]


async def test_who_may_not_use_it_is_not_charged(start: Start) -> None:
    gateway = await start("{requests_per_hour: 1, key: [tenant.id]}")
    stranger = {"id": "eve", "roles": ["anonymous"]}
    assert await codes(gateway, 3, stranger) == ["forbidden"] * 3
    assert await codes(gateway, 1) == [None]


async def test_so_many_at_once_and_places_are_given_back(start: Start) -> None:
    go, waiting = asyncio.Event(), asyncio.Event()

    async def answer() -> int:
        waiting.set()
        await go.wait()
        return 1

    gateway = await start("{concurrency: 2, requests_per_hour: 5}", answer)
    under_way = [asyncio.ensure_future(codes(gateway, 1)) for _ in range(2)]
    await waiting.wait()
    refused = await gateway.ask("ask", user=ADA)
    assert refused.error is not None
    assert (refused.error.code, refused.error.retry_after) == ("rate_limited", 1.0)
    under_way.pop().cancel()
    await asyncio.sleep(0)
    bob = asyncio.ensure_future(codes(gateway, 1, BOB))
    under_way.append(asyncio.ensure_future(codes(gateway, 1)))
    go.set()
    assert [*await asyncio.gather(*under_way), await bob] == [[None]] * 3
    assert await codes(gateway, 4) == [None, None, "rate_limited", "rate_limited"]  # who found no place was not charged
    assert await codes(gateway, 1, BOB) == [None]


async def test_callers_read_of_the_limit_that_is_nearest(start: Start) -> None:
    policy = "---\npolicy: rate_limits\nrate_limits: {default: {requests_per_hour: 3}}\n"
    gateway = await start("{requests_per_hour: 10}", policies=policy)
    for left in (2, 1, 0):
        exchange = gateway.exchange("ask", user=ADA)
        await gateway.plan.handler(exchange)
        assert exchange.allowance is not None
        assert (exchange.allowance.allowance.name, exchange.allowance.remaining) == ("default", left)
