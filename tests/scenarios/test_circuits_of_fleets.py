"""Two gateways on one Redis: what one finds out about a backend helps the other, and can't take it from it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from gateway.testing.redis import RedisServer, ServerMissing, redis_server
from gateway.testing.servers import Route, http_server
from tests.scenarios.running import Gateway, assistant, running

RECOVERY = 0.4
SPECS = f"""
source: erp
type: http
servers: ["${{ env.ERP }}"]
circuit_breaker: {{failure_threshold: 2, recovery_timeout: {int(RECOVERY * 1000)}ms}}
operations: {{order: {{request: GET /order}}}}
---
intent: order
steps: {{o: {{call: erp.order}}}}
output: {{id: "${{ steps.o.id }}"}}
"""


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    try:
        with redis_server() as server:
            yield server
    except ServerMissing as missing:
        pytest.skip(str(missing))


@asynccontextmanager
async def two(tmp_path: Path, redis: RedisServer, *backends: str) -> AsyncIterator[tuple[Gateway, Gateway]]:
    """Two gateways that share their state; each has a backend of its own, or both the same."""
    shared = assistant(f"stores: {{state: '{redis.url()}'}}\n")
    async with AsyncExitStack() as stack:
        one, other = [
            await stack.enter_async_context(running(tmp_path / str(number), SPECS, {"ERP": backend}, **{"../gateway": shared}))
            for number, backend in enumerate(backends)
        ]
        async with asyncio.timeout(3):
            while await listeners(redis) < 2:
                await asyncio.sleep(0.01)
        yield one, other


async def listeners(redis: RedisServer) -> int:
    """How many connections hear what others say."""
    clients = await asyncio.to_thread(redis.run, "CLIENT", "LIST")
    return clients.count(" sub=1 ")


async def until(gateway: Gateway, state: str) -> None:
    """Waits until the gateway's circuit is so."""
    async with asyncio.timeout(3):
        while gateway.application.plan.standings.told("erp")["circuit"] != state:
            await asyncio.sleep(0.005)


async def fail_twice(gateway: Gateway) -> None:
    for _ in range(2):
        assert (await gateway.ask("order")).status_code == 502


@pytest.mark.service
async def test_what_one_finds_out_the_other_knows(tmp_path: Path, redis: RedisServer) -> None:
    route = Route({"id": 1}, status=500)
    async with http_server({"GET /order": route}) as url, two(tmp_path, redis, url, url) as (one, other):
        await fail_twice(one)
        await until(other, "open")
        refused = await other.ask("order")
        assert (refused.status_code, refused.json()["code"], route.count) == (503, "circuit_open", 2)
        route.status = 200
        await asyncio.sleep(0.05)
        while (await one.ask("order")).status_code != 200:
            assert (await other.ask("order")).status_code == 503, "who opened it tries it first"
            await asyncio.sleep(0.02)
        assert route.count == 3
        await until(other, "closed")
        assert (await other.ask("order")).status_code == 200


@pytest.mark.service
async def test_one_that_alone_has_no_way_to_a_backend_takes_it_from_nobody(tmp_path: Path, redis: RedisServer) -> None:
    async with (
        http_server({"GET /order": Route({"id": 1}, status=500)}) as broken,
        http_server({"GET /order": Route({"id": 1})}) as sound,
        two(tmp_path, redis, broken, sound) as (one, other),
    ):
        served, refused = 0, 0
        loop = asyncio.get_running_loop()
        until = loop.time() + RECOVERY * 5
        while loop.time() < until:
            await one.ask("order")
            status = (await other.ask("order")).status_code
            served, refused = served + (status == 200), refused + (status == 503)
            await asyncio.sleep(0.01)
        assert refused > 0, "it believed it once"
        assert served > 2 * refused, "and found out"


@pytest.mark.service
async def test_without_redis_each_goes_by_itself(tmp_path: Path, redis: RedisServer) -> None:
    route = Route({"id": 1}, status=500)
    async with http_server({"GET /order": route}) as url, two(tmp_path, redis, url, url) as (one, other):
        redis.kill()
        await fail_twice(one)
        assert (await one.ask("order")).json()["code"] == "circuit_open"
        await fail_twice(other)
        assert (await other.ask("order")).json()["code"] == "circuit_open"
