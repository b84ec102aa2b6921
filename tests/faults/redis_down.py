"""The shared store killed, back and slow: answers are kept in each process meanwhile, none fails, and the log stays quiet."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from gateway.testing.fault_proxy import PLAIN, Behaviour, Flow, fault_proxy
from gateway.testing.redis import RedisServer, ServerMissing, redis_server
from tests.faults.backend import Backend
from tests.faults.load import Answered, Tally, steady
from tests.faults.report import Limit, Outcome
from tests.faults.serving import Served, served

SPECS = """
source: shop
type: http
servers: ["${ env.SHOP_URL }"]
timeout: 2s
operations:
  item: {request: "GET /items/{id}", cache: {ttl: 10s, scope: public}}
---
intent: item
input: {type: object, required: [id], properties: {id: {type: string}}}
steps: {item: {call: shop.item, with: {id: "${ input.id }"}}}
output: {id: "${ steps.item.id }"}
"""
STORE = 'stores: {{state: "{url}"}}\n'
RATE = 100
PATIENCE = 10.0
"""Seconds within which a store that is back must be used again."""

MOST_RECORDS = 10
"""Log records about the store, of one gateway and all its troubles together."""

SLOW = Behaviour(to_client=Flow(latency=2.0))


def seconds_of(*, full: bool) -> float:
    """How long each trouble lasts."""
    return 4.0 if full else 0.2


async def run(*, full: bool) -> Outcome:
    """Shared, killed under load, back, slow."""
    seconds = seconds_of(full=full)
    outcome = Outcome(
        "redis_down",
        f"Two gateways share kept answers in a Redis. {RATE} reads a second of ever new things, each asked for twice, for {seconds:g} s "
        "each: while Redis is well, is killed (-9) and gone, is back, and empty; and, in full, while it answers after 2 s.",
    )
    try:
        with redis_server() as redis:
            await _through_all(outcome, redis, full=full)
    except ServerMissing as missing:
        outcome.skipped = str(missing)
    return outcome


async def _through_all(outcome: Outcome, redis: RedisServer, *, full: bool) -> None:
    seconds = seconds_of(full=full)
    backend = Backend(delay=0.005)
    async with backend.served() as url, fault_proxy(redis.url()) as way:
        serve = partial(served, SPECS, apart=full, gateway=STORE.format(url=way.url), environ={"SHOP_URL": url})
        async with serve() as gateway, serve() as other:
            # On a busy machine the first connections may take longer than the store is given.
            first = await _shared(gateway, other, backend, "first") or await _shared(gateway, other, backend, "second")
            outcome.exactly("what one gateway kept, the other has, at first", first, True)
            quiet = len(_told_of_the_store(gateway))
            await _phase(gateway, outcome, "Redis well", seconds)
            await _killed(gateway, outcome, redis, seconds)
            await asyncio.to_thread(redis.start)
            await _phase(gateway, outcome, "Redis back", seconds)
            if full:
                await _used_again(gateway, other, outcome, backend, "the Redis that came back")
                way.behaviour = SLOW
                await _phase(gateway, outcome, "Redis slow", seconds)
                way.behaviour = PLAIN
                await _used_again(gateway, other, outcome, backend, "the Redis that is quick again")
            await _quiet(gateway, outcome, quiet)


async def _load(gateway: Served, name: str, seconds: float) -> Tally:
    """Each thing is asked for twice, shortly after each other: the second time it is kept, by whomever."""

    async def ask(number: int) -> Answered:
        return await gateway.caller.ask("item", id=f"{name}-{number // 2}".replace(" ", "-"))

    return await steady(ask, per_second=RATE, seconds=seconds)


async def _phase(gateway: Served, outcome: Outcome, name: str, seconds: float) -> None:
    _tell(outcome, name, await _load(gateway, name, seconds))


async def _killed(gateway: Served, outcome: Outcome, redis: RedisServer, seconds: float) -> None:
    """It dies early in the load."""
    loading = asyncio.create_task(_load(gateway, "Redis killed", seconds))
    await asyncio.sleep(seconds / 4)
    redis.kill()
    _tell(outcome, "Redis killed", await loading)


def _tell(outcome: Outcome, name: str, tally: Tally) -> None:
    outcome.seen.append(tally.told(name))
    outcome.exactly(f"{name}: failed answers", tally.failed, 0)
    outcome.at_most(f"{name}: p99", tally.milliseconds(0.99), 100, " ms", alone=True)


async def _shared(gateway: Served, other: Served, backend: Backend, name: str) -> bool:
    """Whether an answer that one gateway fetched is known to the other."""
    await gateway.caller.ask("item", id=name)
    await asyncio.sleep(0.05)
    before = backend.calls
    answered = await other.caller.ask("item", id=name)
    return answered.status == 200 and backend.calls == before


async def _used_again(gateway: Served, other: Served, outcome: Outcome, backend: Backend, what: str) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    tries, again = 0, False
    while not again and loop.time() - began < PATIENCE:
        tries += 1
        again = await _shared(gateway, other, backend, f"{what.replace(' ', '-')}-{tries}")
    outcome.seen.append(f"{what} was shared again {loop.time() - began:.1f} s after the load on it")
    outcome.exactly(f"{what} is shared again within {PATIENCE:g} s", again, True)


async def _quiet(gateway: Served, outcome: Outcome, before: int) -> None:
    """The log tells of it, and doesn't go on telling."""
    await asyncio.sleep(0.25)  # it is written every tenth of a second
    records = _told_of_the_store(gateway)[before:]
    outcome.seen += [f"log: {record.get('message')}" for record in records[:MOST_RECORDS]]
    outcome.limits.append(Limit("log records about the store", len(records), least=1, most=MOST_RECORDS))


def _told_of_the_store(gateway: Served) -> list[dict[str, Any]]:
    """Log records that are not of a request."""
    return [record for record in gateway.records() if record.get("event") != "request"]
