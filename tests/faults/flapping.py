"""A backend that goes up and down: its circuit opens once per recovery time, probes are few, and who hangs up opens nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from gateway.testing.fault_proxy import fault_proxy
from tests.faults.backend import Backend
from tests.faults.load import Answered, Tally, crowd, steady
from tests.faults.report import Outcome
from tests.faults.serving import Served, served

RECOVERY = 0.3
PROBES = 2
THRESHOLD = 5
SPECS = f"""
source: shop
type: http
servers: ["${{ env.SHOP_URL }}"]
timeout: 2s
circuit_breaker: {{failure_threshold: {THRESHOLD}, recovery_timeout: 300ms, success_threshold: {PROBES}}}
operations:
  item: {{request: "GET /items/{{id}}"}}
---
intent: item
input: {{type: object, required: [id], properties: {{id: {{type: string}}}}}}
steps: {{item: {{call: shop.item, with: {{id: "${{ input.id }}"}}}}}}
output: {{id: "${{ steps.item.id }}"}}
"""
RATE = 150
SETTLED = 0.2
"""Seconds after which what was under way when the backend failed is over."""


async def run(*, full: bool) -> Outcome:
    """Down for long; up and down by turns; healthy but slow, with callers who don't wait."""
    seconds = 4.0 if full else 0.6
    outcome = Outcome(
        "flapping",
        f"A circuit that opens after {THRESHOLD} failures, for {RECOVERY:g} s, and lets {PROBES} probes try. {RATE} reads a second while "
        f"the backend fails for {seconds:g} s; while the way to it goes up and down every 0.2 s for {seconds:g} s; then 200 callers hang "
        "up on a slow but healthy backend.",
    )
    backend = Backend(delay=0.02)
    async with backend.served() as url, fault_proxy(url) as way, served(SPECS, apart=full, environ={"SHOP_URL": way.url}) as gateway:
        await _down(gateway, outcome, backend, seconds)
        await _healthy_again(gateway, outcome, backend)
        before = await openings(gateway)
        async with way.flapping(up=0.2, down=0.2):
            tally = await _load(gateway, seconds)
        opened = await openings(gateway) - before
        outcome.seen.append(f"{tally.told('up and down')}; the circuit opened {opened:.0f} times")
        outcome.at_most("openings while it went up and down", opened, int(tally.seconds / RECOVERY) + 1)
        outcome.at_least("openings while it went up and down", opened, 1)
        await _healthy_again(gateway, outcome, backend)
        await _hang_up(gateway, outcome, backend)
    return outcome


async def openings(gateway: Served) -> float:
    """How often any circuit opened so far."""
    return await gateway.metric("gateway_circuit_transitions_total", to="open")


async def _load(gateway: Served, seconds: float) -> Tally:
    async def ask(number: int) -> Answered:
        return await gateway.caller.ask("item", id=str(number))

    return await steady(ask, per_second=RATE, seconds=seconds)


async def _down(gateway: Served, outcome: Outcome, backend: Backend, seconds: float) -> None:
    backend.failing = 1.0
    first = await _load(gateway, SETTLED)
    before = await openings(gateway)
    backend.forget()
    tally = await _load(gateway, seconds)
    opened = await openings(gateway) - before
    allowed = int(tally.seconds / RECOVERY) + 1
    outcome.seen.append(
        f"{tally.told('while it fails')}; {backend.calls} of them reached the backend, {backend.most_present} at once at most; "
        f"the circuit opened {opened:.0f} times"
    )
    outcome.exactly("answers other than 502 or 503 while it fails", sum(each.status not in {502, 503} for each in tally.answers), 0)
    outcome.at_least("openings at first", before, 1 if first.failed >= THRESHOLD else 0)
    outcome.at_most("openings while it fails, one per recovery time", opened, allowed)
    outcome.at_most("calls to the failing backend", backend.calls, PROBES * allowed)
    outcome.at_most("most probes at once", backend.most_present, PROBES)


async def _healthy_again(gateway: Served, outcome: Outcome, backend: Backend) -> None:
    """Waits until the circuit is closed again."""
    backend.failing = 0.0
    loop = asyncio.get_running_loop()
    began = loop.time()
    good = 0
    while good < PROBES + 1 and loop.time() - began < 10:
        good = good + 1 if (await gateway.caller.ask("item", id="x")).status == 200 else 0
        await asyncio.sleep(0.01)
    outcome.seen.append(f"healthy again: answered after {loop.time() - began:.2f} s")
    outcome.at_least("good answers in a row once it is healthy", good, PROBES + 1)


async def _until(true: Callable[[], bool]) -> None:
    """Waits for it, but not for long."""
    loop = asyncio.get_running_loop()
    give_up = loop.time() + 5
    while not true() and loop.time() < give_up:
        await asyncio.sleep(0.002)


async def _hang_up(gateway: Served, outcome: Outcome, backend: Backend) -> None:
    backend.delay = 2.0
    before, calls = await openings(gateway), backend.calls
    for wave in range(4):
        asking = [asyncio.create_task(gateway.caller.ask("item", id=f"{wave}-{number}")) for number in range(50)]
        await _until(lambda: backend.present == 50)
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        await _until(lambda: backend.present == 0)
    left = backend.present
    backend.delay = 0.0

    async def ask(number: int) -> Answered:
        return await gateway.caller.ask("item", id=str(number))

    hung_up = backend.calls - calls
    tally = await crowd(ask, 50, at_once=10)
    outcome.seen.append(f"200 callers hung up, {hung_up} of them after their call had reached the backend; {tally.told('then')}")
    outcome.at_least("calls under way when callers hung up", hung_up, 10 * THRESHOLD)
    outcome.exactly("calls left at the backend after callers hung up", left, 0)
    outcome.exactly("openings because callers hung up", await openings(gateway) - before, 0)
    outcome.exactly("failed after callers hung up", tally.failed, 0)
