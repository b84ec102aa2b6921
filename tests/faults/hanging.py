"""One backend of five hangs: the other four don't feel it, and no more calls hang there than its bulkhead holds."""

from __future__ import annotations

import asyncio
from statistics import median

from tests.faults.backend import Backend, backends
from tests.faults.load import Answered, Tally, steady
from tests.faults.report import Outcome
from tests.faults.serving import Served, memory_of, served

NAMES = ("orders", "stock", "prices", "delivery", "reviews")
HUNG = "prices"
CONCURRENCY = 8
RATE = 40
"""Requests a second to each of the five."""

LATEST = (600 + 100) * 1.1
"""Milliseconds: the timeout and the wait for a place, and 10 %."""

SPECS = "\n---\n".join(
    f"""
source: {name}
type: http
servers: ["${{ env.{name.upper()}_URL }}"]
timeout: 600ms
concurrency: {CONCURRENCY}
queue: {{max: 16, wait: 100ms}}
operations:
  item: {{request: "GET /items/{{id}}"}}
---
intent: {name}
input: {{type: object, required: [id], properties: {{id: {{type: string}}}}}}
steps: {{item: {{call: {name}.item, with: {{id: "${{ input.id }}"}}}}}}
output: {{id: "${{ steps.item.id }}"}}
"""
    for name in NAMES
)


async def run(*, full: bool) -> Outcome:
    """Rounds with and without the hang take turns, so that a busy machine slows both."""
    rounds, seconds = (4, 3.0) if full else (1, 0.4)
    outcome = Outcome(
        "hanging",
        f"Five backends of 20 ms, each behind a bulkhead of {CONCURRENCY} with a queue of 16 for 100 ms. {RATE} reads a second to each; in "
        f"{rounds} of {2 * rounds} rounds of {seconds:g} s, in turn, one of them takes every request and answers none.",
    )
    each = {name: Backend(delay=0.02) for name in NAMES}
    async with backends(*each.values()) as urls:
        environ = {f"{name.upper()}_URL": url for name, url in zip(NAMES, urls, strict=True)}
        async with served(SPECS, apart=full, environ=environ) as gateway:
            await _round(gateway, 0.5 if full else 0.1)
            healthy, hurt, hung = [], [], []
            async with memory_of(gateway) as memory:
                for _ in range(rounds):
                    each[HUNG].hanging = False
                    healthy.append(others(await _round(gateway, seconds)))
                    each[HUNG].hanging = True
                    tallies = await _round(gateway, seconds)
                    hurt.append(others(tallies))
                    hung.append(tallies[HUNG])
    _tell(outcome, healthy, hurt, hung)
    outcome.exactly("failed of the other four", sum(tally.failed for tally in (*healthy, *hurt)), 0)
    outcome.at_most("most calls at once in the hung one", each[HUNG].most_present, CONCURRENCY)
    outcome.at_most("memory grew by", memory.grown, 16, " MiB", alone=True)
    return outcome


def _tell(outcome: Outcome, healthy: list[Tally], hurt: list[Tally], hung: list[Tally]) -> None:
    outcome.seen += [tally.told("the other four, nothing hangs") for tally in healthy[:1]]
    outcome.seen += [tally.told("the other four, one hangs") for tally in hurt[:1]]
    outcome.seen += [tally.told("the one that hangs") for tally in hung[:1]]
    before = median(tally.milliseconds(0.99) for tally in healthy)
    after = median(tally.milliseconds(0.99) for tally in hurt)
    outcome.seen.append(f"p99 of the other four, median of the rounds: {before:.1f} ms without and {after:.1f} ms with the hang")
    outcome.at_most("p99 of the other four, with the hang by without", after / before, 1.2, alone=True)
    slowest = max(tally.milliseconds(1) for tally in hung)
    outcome.at_most("slowest answer of the one that hangs", slowest, LATEST, " ms", alone=True)
    unexpected = sum(each.status not in {503, 504} for tally in hung for each in tally.answers)
    outcome.exactly("answers of the hung one other than 503 or 504", unexpected, 0)


async def _round(gateway: Served, seconds: float) -> dict[str, Tally]:
    """So many seconds of load on all five."""

    async def load(name: str) -> Tally:
        async def ask(number: int) -> Answered:
            return await gateway.caller.ask(name, id=str(number))

        return await steady(ask, per_second=RATE, seconds=seconds)

    tallies = await asyncio.gather(*map(load, NAMES))
    return dict(zip(NAMES, tallies, strict=True))


def others(tallies: dict[str, Tally]) -> Tally:
    """All but the hung one, as one."""
    together = Tally()
    together.answers = [answer for name, tally in tallies.items() if name != HUNG for answer in tally.answers]
    return together
