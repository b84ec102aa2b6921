"""A backend that fails half or all of the time: retries help, and an outage is never multiplied, however many gateways are stacked."""

from __future__ import annotations

from contextlib import AsyncExitStack

from tests.faults.backend import Backend
from tests.faults.load import Answered, Tally, crowd
from tests.faults.report import Limit, Outcome
from tests.faults.serving import Served, served

SPECS = """
source: below
type: http
servers: ["${ env.BELOW_URL }"]
timeout: 2s
retry: {max: 3, codes: [connect, timeout, 502, 503, 504], backoff: 1ms..5ms}
operations:
  item: {request: "GET /items/{id}"}
---
intent: item
deadline: 5s
input: {type: object, required: [id], properties: {id: {type: string}}}
steps: {item: {call: below.item, with: {id: "${ input.id }"}}}
output: {id: "${ steps.item.id }"}
---
route: item
match: {method: GET, path: "/items/{id}"}
intent: item
input: {id: "${ request.path.id }"}
respond: {body: "${ output }"}
"""
ALONE = 1.2
STACKED = 1.3
LEAST = 1.1
"""Calls per request: fewer, and nothing would have been tried again."""


async def run(*, full: bool) -> Outcome:
    """The lowest of three stacked gateways, then the topmost; half of the answers 503, then all, then all after good times."""
    requests = 1000 if full else 150
    outcome = Outcome(
        "failing",
        f"A backend answers half, then all of its requests with 503. {requests} reads by 16 callers through one gateway that may try three "
        f"times more, then through three such gateways stacked; in the end {requests} good answers before an outage.",
    )
    backend = Backend()
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(backend.served())
        gateways = []
        for _ in range(3):
            gateways.append(await stack.enter_async_context(served(SPECS, apart=full, environ={"BELOW_URL": url})))
            url = gateways[-1].url
        for name, asked, most in (("one gateway", gateways[0], ALONE), ("three gateways", gateways[-1], STACKED)):
            for share in (0.5, 1.0):
                backend.failing = share
                calls, good = backend.calls, backend.good
                tally = await _reads(asked, requests)
                _tell(outcome, f"{name}, {share:.0%} failing", tally, backend.calls - calls, most=most)
                outcome.exactly(f"{name}, {share:.0%} failing: good answers", tally.count - tally.failed, backend.good - good)
        await _outage(outcome, gateways[0], backend, requests)
    return outcome


async def _reads(gateway: Served, requests: int) -> Tally:
    async def ask(number: int) -> Answered:
        return await gateway.caller.send("GET", f"/items/{number}")

    return await crowd(ask, requests, at_once=16)


def _tell(outcome: Outcome, name: str, tally: Tally, calls: int, *, most: float) -> None:
    outcome.seen.append(f"{tally.told(name)}; {calls} calls reached the backend, {calls / tally.count:.2f} a request")
    outcome.limits.append(Limit(f"{name}: calls per request", calls / tally.count, LEAST, most))
    outcome.exactly(f"{name}: answers other than 200, 502 or 503", sum(each.status not in {200, 502, 503} for each in tally.answers), 0)


async def _outage(outcome: Outcome, gateway: Served, backend: Backend, requests: int) -> None:
    """What was saved up in good times may be spent, but no more: the bound is one of all calls together."""
    before = backend.calls
    backend.failing = 0.0
    await _reads(gateway, requests)
    backend.failing, good = 1.0, backend.calls
    tally = await _reads(gateway, requests)
    outcome.seen.append(f"{tally.told('an outage after good times')}; {backend.calls - good} calls reached the backend in the outage")
    outcome.at_most("good times and an outage: calls per request", (backend.calls - before) / (2 * requests), ALONE)
