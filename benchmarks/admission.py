"""What it costs a request to be let in where there is room for everybody: the front of the server, and the stage `admit`.

    python -m benchmarks.admission [--calls 200000]

CPU time of this process, best of several rounds. The front has a price for each turn of the event loop, which the requests of one turn
share. Where each has a turn of its own, the process has time that nobody else asked for; so those of busy turns are judged. Limits
(`benchmarks.limits`) and admission together have to stay below 3 µs a request. Figures of one machine and one run may be compared with
each other, not with those of another.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

import click
import uvloop

from gateway.policies.admit import AdmitConfig, build
from gateway.policies.pressure import Pressure
from gateway.policies.priorities import Priorities
from gateway.sdk import EVERYBODY, Answer, Caller, Exchange, Tenant
from gateway.sdk.priority import HIGH, LOW, NORMAL
from gateway.server.admission import Admission, Rank
from gateway.server.visit import HttpVisit
from gateway.testing import FakeServices

ALLOWED_MICROSECONDS = 1.2
ROUNDS = 7
TOGETHER = 8
"""Requests of one turn."""


class Card:
    """An intent, as far as the stage looks at it."""

    name = "track_order"
    access = EVERYBODY


@click.command(help=__doc__)
@click.option("--calls", default=200_000, show_default=True)
def main(calls: int) -> None:
    """Prints each, and fails where the front in busy turns and the stage cost more than is allowed."""
    alone, together, stage = uvloop.run(measure(calls))
    print(f"the front, one request in each turn: {alone:.2f} µs")
    print(f"the front, {TOGETHER} requests in each turn: {together:.2f} µs")
    print(f"the stage `admit`: {stage:.2f} µs")
    print(f"a busy front and the stage: {together + stage:.2f} µs, allowed {ALLOWED_MICROSECONDS:g} µs")
    if together + stage > ALLOWED_MICROSECONDS:
        raise SystemExit(1)


async def measure(calls: int) -> tuple[float, float, float]:
    """Microseconds a request."""
    alone = min([await front(calls, 1) - await turns(calls) for _ in range(ROUNDS)])
    together = min([await front(calls, TOGETHER) - await turns(calls // TOGETHER) for _ in range(ROUNDS)])
    return alone / calls * 1e6, together / calls * 1e6, min([await admit(calls) for _ in range(ROUNDS)]) / calls * 1e6


async def turns(count: int) -> float:
    """Seconds for so many turns in which nothing happens."""
    begun = time.process_time()
    for _ in range(count):
        await asyncio.sleep(0)
    return time.process_time() - begun


async def front(calls: int, together: int) -> float:
    """Seconds for so many requests that come and go."""
    loop = asyncio.get_running_loop()
    admission = Admission[HttpVisit](
        wait=0.12, most=1000, judge=lambda _: Rank(NORMAL, "", ""), room_for=lambda: LOW, shed=lambda *_: None, clock=time.monotonic
    )
    begun = time.process_time()
    for _ in range(calls // together):
        for _ in range(together):
            admission.at_once(loop)
            admission.left(loop)
        await asyncio.sleep(0)
    return time.process_time() - begun


async def admit(calls: int) -> float:
    """Seconds that the stage adds to so many requests."""
    stage = build(AdmitConfig(pressure=Pressure(Priorities({"block_card": HIGH}), credentials=("x-api-key",))), FakeServices())  # type: ignore[arg-type]
    exchange = Exchange(
        request_id="r-1", started=0.0, time=datetime.now(UTC), tenant=Tenant("acme", {}), headers={"x-api-key": "of-somebody"}
    )
    exchange.caller, exchange.chosen = Caller(("api_key", "", "u1"), {}), Card()  # type: ignore[assignment]
    if stage is None:
        raise SystemExit("there is no stage")
    begun = time.process_time()
    for _ in range(calls):
        await proceed(exchange)
    plain = time.process_time() - begun
    begun = time.process_time()
    for _ in range(calls):
        await stage(exchange, proceed)
    return time.process_time() - begun - plain


async def proceed(_: Exchange) -> Answer:
    return ANSWER


ANSWER = Answer("complete")

if __name__ == "__main__":
    main()
