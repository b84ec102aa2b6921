"""Several servers of a source, seen from outside: what callers get when some are down, who goes where, what operators see."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.testing.servers import Route, http_server, refused_url
from tests.net.contract import until
from tests.scenarios.running import Gateway, running

SPECS = """
source: stock
type: http
servers: ["${ env.FIRST }", {url: "${ env.SECOND }", weight: 3}]
circuit_breaker: calm
operations:
  look: {request: "GET /items/{sku}"}
  take: {request: "POST /items/{sku}/taken"}
---
source: prices
type: http
servers: ["${ env.FIRST }", "${ env.SECOND }"]
balance: consistent_hash
key: [args.sku]
healthcheck: {endpoint: /health, interval: 100ms, timeout: 1s, threshold: 1}
operations:
  price: {request: "GET /prices/{sku}"}
---
intent: look
access: {roles: [customer]}
input: {type: object, required: [sku], properties: {sku: {type: string}}}
steps: {item: {call: stock.look, with: {sku: "${ input.sku }"}}}
output: "${ steps.item.result }"
---
intent: take
access: {roles: [customer]}
input: {type: object, required: [sku], properties: {sku: {type: string}}}
steps: {item: {call: stock.take, with: {sku: "${ input.sku }"}}}
output: "${ steps.item.result }"
---
intent: price
access: {roles: [customer]}
input: {type: object, required: [sku], properties: {sku: {type: string}}}
steps: {price: {call: prices.price, with: {sku: "${ input.sku }"}}}
output: "${ steps.price.result }"
"""
BREAKERS = """
policy: circuit_breakers
circuit_breakers: {calm: {failure_threshold: 2, recovery_timeout: 60s}}
"""


@asynccontextmanager
async def shop(folder: Path, first: str, second: str) -> AsyncIterator[Gateway]:
    (folder / "policies").mkdir(parents=True)
    (folder / "policies" / "circuit_breakers.yaml").write_text(BREAKERS)
    async with running(folder, SPECS, {"FIRST": first, "SECOND": second}) as gateway:
        yield gateway


async def test_a_dead_server_of_two_is_seen_by_operators_only(tmp_path: Path) -> None:
    async with http_server({"/health": Route("ok"), "*": Route("ok")}) as url, shop(tmp_path, refused_url(), url) as gateway:
        for intent in ("look", "take", "price"):
            answers = await asyncio.gather(*(gateway.quick(intent, sku=str(number)) for number in range(20)))
            assert {status for status, _ in answers} == {200}
        metrics = await gateway.metrics()
        assert 'gateway_server_state{server="0",source="stock"} 2.0' in metrics
        assert 'gateway_server_state{server="1",source="stock"} 0.0' in metrics
        assert 'gateway_panic{pool="",source="stock"} 0.0' in metrics
        assert 'gateway_failovers_total{source="stock"}' in metrics
        assert url not in metrics


async def test_weights_and_keys_hold(tmp_path: Path) -> None:
    light, heavy = Route("ok"), Route("ok")
    async with (
        http_server({"/health": Route("ok"), "*": light}) as first,
        http_server({"/health": Route("ok"), "*": heavy}) as second,
        shop(tmp_path, first, second) as gateway,
    ):
        for number in range(16):
            await gateway.quick("look", sku=str(number))
        assert (light.count, heavy.count) == (4, 12)
        light.received.clear()
        heavy.received.clear()
        for number in range(40):
            await gateway.quick("price", sku=str(number % 10))
        seen = [{request.path for request in route.received} for route in (light, heavy)]
        assert (len(seen[0] | seen[1]), seen[0] & seen[1]) == (10, set())


async def test_the_source_s_circuit_breaker_leaves_a_server_out(tmp_path: Path) -> None:
    broken, good = Route("bad", status=500), Route("ok")
    async with (
        http_server({"/health": Route("ok"), "*": broken}) as first,
        http_server({"/health": Route("ok"), "*": good}) as second,
        shop(tmp_path, first, second) as gateway,
    ):
        statuses = [(await gateway.quick("look", sku="1"))[0] for _ in range(12)]
        assert (statuses.count(200), broken.count) == (10, 2)


async def test_a_source_whose_servers_all_fail_their_checks_is_not_ready(tmp_path: Path) -> None:
    health = Route("ok")
    async with http_server({"/health": health, "*": Route("ok")}) as url, shop(tmp_path, url, url) as gateway:
        sources = gateway.application.plan.sources
        assert [await sources[name].ready() for name in ("stock", "prices")] == [True, True]
        health.status = 500
        await until(lambda: [server.checked for server in sources["prices"].servers()] == [False, False])  # type: ignore[attr-defined]
        assert [await sources[name].ready() for name in ("stock", "prices")] == [True, False]
        assert (await gateway.quick("price", sku="1"))[0] == 200
