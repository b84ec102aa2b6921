"""What each thing that protects a backend costs a call that goes well.

    python -m benchmarks.protect [--calls 100000]

CPU time of this process. Each interceptor stands round a backend that answers at once; its cost is what the call takes longer. A server is
picked of four. Circuit breaker, look-up of a kept answer, picking a server and retry budget have to stay below 6 µs together.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import click
import msgspec
import uvloop

from gateway.net.pool import Pool
from gateway.net.pool_report import PoolReport
from gateway.policies import breaker, bulkhead, cache, hedge, retry
from gateway.sdk import (
    Balance,
    Binding,
    Call,
    CallContext,
    CallHandler,
    Effect,
    HttpSettings,
    Operation,
    OperationConfig,
    Reference,
    Response,
    Result,
    SourceConfig,
    SystemClock,
)
from gateway.sdk.fields import decode_hook
from gateway.sdk.source_config import CircuitBreaker
from gateway.testing import FakeServices

ALLOWED_MICROSECONDS = 6.0
ROUNDS = 7
SERVERS = tuple(f"http://10.0.0.{number}" for number in range(1, 5))
CONFIG = {
    "retry": {"max": 1, "codes": ["connect", 503]},
    "hedge": {"delay": "150ms"},
    "cache": {"ttl": "1h", "stale_while_revalidate": "1h", "stale_if_error": "1h"},
}
SOURCE = {"source": "erp", "type": "static", "concurrency": 64, "queue": {"max": 10, "wait": "100ms"}}
BALANCES: tuple[Balance, ...] = ("round_robin", "least_connections", "consistent_hash")
BUDGETED = ("circuit breaker", "kept answer, looked up", "retry budget", "picking a server: least_connections")


class Asked(msgspec.Struct, frozen=True):
    """An operation that sends something of the caller."""

    name: str = "order"
    effect: Effect = "read"
    params: Mapping[str, Any] = {}
    output_schema: Any = None
    identity: frozenset[Reference] = frozenset({("user", "customer_id")})
    forwards: frozenset[str] = frozenset({"accept-language"})

    async def invoke(self, call: Call, /) -> Response:
        raise NotImplementedError


ANSWER = Result({"id": "1007"}, Response({"id": "1007"}))


async def answer(_: Call) -> Result:
    return ANSWER


@click.command(help=__doc__)
@click.option("--calls", default=100_000, show_default=True)
def main(calls: int) -> None:
    uvloop.run(measure(calls))


async def measure(calls: int) -> None:
    services = FakeServices()
    bare = await best_of(partial(calling, answer, calls))
    costs = {name: await best_of(partial(calling, chain, calls)) - bare for name, chain in chains(services).items()}
    # A call that finds its answer kept goes no further: what is saved is the backend, what it costs is the whole of it.
    for balance in BALANCES:
        costs[f"picking a server: {balance}"] = await best_of(partial(picking, pool_of(balance), calls))
    for name, seconds in costs.items():
        print(f"{name:36} {seconds / calls * 1e6:5.2f} µs")
    together = sum(costs[name] for name in BUDGETED) / calls * 1e6
    print(f"{', '.join(BUDGETED)}: {together:.2f} µs, allowed {ALLOWED_MICROSECONDS:g} µs")
    await services.close()
    if together > ALLOWED_MICROSECONDS:
        raise SystemExit(1)


def chains(services: Any) -> dict[str, CallHandler]:
    """Each interceptor alone round the backend."""
    operation: Operation = Asked()
    config = msgspec.convert(CONFIG, OperationConfig, dec_hook=decode_hook)
    source = msgspec.convert(SOURCE, SourceConfig, dec_hook=decode_hook)
    binding = Binding("erp.order", operation, config, source, lambda _: None, (operation,), breaker=CircuitBreaker(), shared={})
    built = {
        "retry budget": retry.build(binding, services),
        "hedge (a timer)": hedge.build(binding, services),
        "circuit breaker": breaker.build(binding, services),
        "bulkhead, a place free": bulkhead.build(binding, services),
        "kept answer, looked up": cache.build(binding, services),
    }
    return {name: _round(interceptor) for name, interceptor in built.items()}


def _round(interceptor: Any) -> CallHandler:
    return lambda call: interceptor(call, answer)


def pool_of(balance: Balance) -> Pool:
    settings = HttpSettings(servers=SERVERS, balance=balance)
    return Pool(settings, SystemClock(), PoolReport(None, "", len(SERVERS)))


async def best_of(run: Callable[[], Awaitable[float]]) -> float:
    return min([await run() for _ in range(ROUNDS)])


async def calling(handler: CallHandler, calls: int) -> float:
    scope = {"user": {"id": "u1", "roles": [], "customer_id": "C1"}, "tenant": {"id": "t1"}, "ctx": {"locale": "en"}, "config": {}}
    context = CallContext(scope, ("t1", "jwt", "issuer", "u1"), {"accept-language": "en"})
    call = Call("erp.order", {"order_id": "1007"}, context, time.monotonic() + 3600, timeout=1.0)
    await handler(call)
    begun = time.process_time()
    for _ in range(calls):
        await handler(call)
    return time.process_time() - begun


async def picking(pool: Pool, calls: int) -> float:
    await asyncio.sleep(0)
    affinity = b"C1"
    begun = time.process_time()
    for _ in range(calls):
        pool.pick(affinity, None, ())
    return time.process_time() - begun


if __name__ == "__main__":
    main()
