"""Many want the same: a thousand cold reads at once are one call, and a hot key that expires is fetched once while everybody goes on."""

from __future__ import annotations

from tests.faults.backend import Backend
from tests.faults.load import Answered, crowd, steady
from tests.faults.report import Limit, Outcome
from tests.faults.serving import Served, served

SPECS = """
source: shop
type: http
servers: ["${ env.SHOP_URL }"]
timeout: 2s
operations:
  cold: {request: "GET /cold/{id}", cache: {ttl: 30s, scope: public}}
  hot: {request: "GET /hot/{id}", cache: {ttl: 500ms, stale_while_revalidate: 30s, scope: public}}
---
intent: cold
input: {type: object, required: [id], properties: {id: {type: string}}}
steps: {item: {call: shop.cold, with: {id: "${ input.id }"}}}
output: {id: "${ steps.item.id }"}
---
intent: hot
input: {type: object, required: [id], properties: {id: {type: string}}}
steps: {item: {call: shop.hot, with: {id: "${ input.id }"}}}
output: {id: "${ steps.item.id }"}
"""
TTL = 0.5
RATE = 500


async def run(*, full: bool) -> Outcome:
    """Cold, then hot."""
    readers, seconds = (1000, 8.0) if full else (300, 1.1)
    rate = RATE if full else 100
    outcome = Outcome(
        "hot_key",
        f"A backend takes 300 ms. {readers} callers ask for the same, all at once, that nobody asked for before. Then one key that is "
        f"fresh for {TTL:g} s, and may be used stale while it is fetched, is asked for {rate} times a second for {seconds:g} s.",
    )
    backend = Backend(delay=0.3)
    async with backend.served() as url, served(SPECS, apart=full, environ={"SHOP_URL": url}) as gateway:
        await _cold(gateway, outcome, backend, readers)
        await _hot(gateway, outcome, backend, rate, seconds)
    return outcome


async def _cold(gateway: Served, outcome: Outcome, backend: Backend, readers: int) -> None:
    async def ask(number: int) -> Answered:
        return await gateway.caller.ask("cold", id="same")

    tally = await crowd(ask, readers, at_once=readers)
    outcome.seen.append(f"{tally.told('cold reads')}; {backend.calls} upstream calls")
    outcome.exactly(f"failed of {readers} cold reads", tally.failed, 0)
    outcome.exactly(f"upstream calls for {readers} identical cold reads", backend.calls, 1)


async def _hot(gateway: Served, outcome: Outcome, backend: Backend, rate: float, seconds: float) -> None:
    async def ask(number: int) -> Answered:
        return await gateway.caller.ask("hot", id="hot")

    await ask(0)
    backend.forget()
    tally = await steady(ask, per_second=rate, seconds=seconds)
    expiries = int(tally.seconds / TTL)
    outcome.seen.append(f"{tally.told('reads of the hot key')}; {backend.calls} upstream calls in {tally.seconds:.1f} s")
    outcome.exactly("failed reads of the hot key", tally.failed, 0)
    outcome.limits.append(Limit("upstream calls for the hot key, one per expiry", backend.calls, least=1, most=expiries))
    outcome.exactly("most upstream calls at once for the hot key", backend.most_present, 1)
    outcome.at_most("p99 of reads of the hot key", tally.milliseconds(0.99), 50, " ms", alone=True)
