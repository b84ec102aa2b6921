"""A pool of one good and one dead host: no request fails, and a host that comes back is used again."""

from __future__ import annotations

import asyncio

from gateway.testing.fault_proxy import FaultProxy, fault_proxy
from tests.faults.backend import Backend, backends
from tests.faults.load import Answered, crowd
from tests.faults.report import Outcome
from tests.faults.serving import Served, served

SPECS = """
source: shop
type: http
servers: ["${ env.GOOD_URL }", "${ env.DEAD_URL }"]
balance: round_robin
timeout: 2s
retry: {max: 1, codes: [connect]}
healthcheck: {endpoint: /health, interval: 200ms, timeout: 200ms, threshold: 2}
operations:
  item: {request: "GET /items/{id}"}
  order: {request: "POST /orders/{id}", effect: write}
---
intent: item
input: {type: object, required: [id], properties: {id: {type: string}}}
steps: {item: {call: shop.item, with: {id: "${ input.id }"}}}
output: {id: "${ steps.item.id }"}
---
intent: order
input: {type: object, required: [id], properties: {id: {type: string}}}
steps: {order: {call: shop.order, with: {id: "${ input.id }"}}}
output: {id: "${ steps.order.id }"}
"""
PATIENCE = 5.0
"""Seconds within which a host that came back must be used again."""


async def run(*, full: bool) -> Outcome:
    """Dead from the start; back; dead again under load."""
    requests = 500 if full else 120
    outcome = Outcome(
        "dead_host",
        f"Two servers of one source, one of which refuses connections. {requests} requests by 16 callers, every other a write. Then the "
        f"dead host comes back; then it dies under {requests} further reads, its open connections reset.",
    )
    good, other = Backend(), Backend()
    async with backends(good, other) as (good_url, other_url), fault_proxy(other_url) as way:
        await way.down()
        async with served(SPECS, apart=full, environ={"GOOD_URL": good_url, "DEAD_URL": way.url}) as gateway:
            await _dead(gateway, outcome, requests, good)
            await _back(gateway, outcome, way, other)
            await _dies(gateway, outcome, requests, way)
    return outcome


async def _dead(gateway: Served, outcome: Outcome, requests: int, good: Backend) -> None:
    async def ask(number: int) -> Answered:
        return await gateway.caller.ask("order" if number % 2 else "item", id=str(number))

    tally = await crowd(ask, requests, at_once=16)
    outcome.seen.append(tally.told("with a dead host, answers"))
    outcome.exactly(f"failed of {requests} with a dead host", tally.failed, 0)
    outcome.at_least("calls of the good host", good.calls, requests)


async def _back(gateway: Served, outcome: Outcome, way: FaultProxy, other: Backend) -> None:
    other.forget()
    loop = asyncio.get_running_loop()
    began = loop.time()
    await way.up()
    failed = asked = 0
    used = False
    while not used and loop.time() - began < PATIENCE:
        before = other.calls
        answered = await gateway.caller.ask("item", id="x")
        failed += answered.status != 200
        asked += 1
        used = other.calls > before and other.last_path.startswith("/items")
        await asyncio.sleep(0.005)
    outcome.seen.append(f"the host came back and was used again after {loop.time() - began:.2f} s and {asked} requests")
    outcome.exactly("failed while it came back", failed, 0)
    outcome.exactly("the host that came back is used", used, True)


async def _dies(gateway: Served, outcome: Outcome, requests: int, way: FaultProxy) -> None:
    async def ask(number: int) -> Answered:
        if number == requests // 4:
            await way.down()
        return await gateway.caller.ask("item", id=str(number))

    tally = await crowd(ask, requests, at_once=16)
    outcome.seen.append(tally.told("while a host died, answers"))
    outcome.exactly(f"failed of {requests} reads while it died", tally.failed, 0)
