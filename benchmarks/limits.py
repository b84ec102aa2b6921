"""What it costs to hold a request against a rate limit and a quota, in memory.

    python -m benchmarks.limits [--calls 200000]

CPU time of this process, best of several rounds, of the stage `rate_limit` as a whole gateway has it; limits and admission together have
to stay below 3 µs a request. Figures of one machine and one run may be compared with each other, not with those of another.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import click
import uvloop

from gateway.policies.limits import Limits
from gateway.policies.rate_limit import RateLimitConfig, build
from gateway.sdk import Answer, Exchange, Stage
from gateway.testing import FakeServices
from gateway.testing.scenario import Scenario, prepare

ALLOWED_MICROSECONDS = 2.0
ROUNDS = 7
CALLERS = 1000

SPECS = "intent: ask\naccess: {roles: [customer]}\noutput: 1\n"
RATE = """policy: rate_limits
rate_limits:
  default: {requests_per_minute: 1000000, burst: 1000000}
  premium: {requests_per_minute: 2000000, burst: 1000000}
"""
TIER = "tier: ${ if(tenant.plan == 'premium', 'premium', 'default') }\n"
QUOTA = "quotas: {tenant_day: {requests_per_day: 1000000000, key: [tenant.id]}}\n"
POLICIES: Mapping[str, str] = {"one tier": RATE, "tiers by an expression": RATE + TIER, "and a quota by tenant": RATE + TIER + QUOTA}
JUDGED = "tiers by an expression"


@click.command(help=__doc__)
@click.option("--calls", default=200_000, show_default=True)
def main(calls: int) -> None:
    """Prints each, and fails where the usual one costs more than is allowed."""
    found = {name: uvloop.run(measure(policy, calls)) for name, policy in POLICIES.items()}
    for name, microseconds in found.items():
        print(f"{name}: {microseconds:.2f} µs")
    print(f"allowed {ALLOWED_MICROSECONDS:g} µs for {JUDGED}")
    if found[JUDGED] > ALLOWED_MICROSECONDS:
        raise SystemExit(1)


async def measure(policy: str, calls: int) -> float:
    """Microseconds that the stage adds to a request."""
    with tempfile.TemporaryDirectory() as name:
        made = prepare(Path(name), {"specs/all.yaml": SPECS, "policies/limits.yaml": policy}, {})
    limits: Limits | None = made.plan.limits
    stage = build(RateLimitConfig(limits=limits), FakeServices())  # type: ignore[arg-type]
    if stage is None:
        raise SystemExit("\n".join(f"{problem.place} {problem.message}" for problem in made.problems))
    for expression in made.planned.expressions:
        expression.ready()
    exchanges = [asking(made, f"u{number}") for number in range(CALLERS)]
    plain = min([await round_of(Through(), exchanges, calls) for _ in range(ROUNDS)])
    return (min([await round_of(stage, exchanges, calls) for _ in range(ROUNDS)]) - plain) / calls * 1e6


async def round_of(stage: Stage, exchanges: list[Exchange], calls: int) -> float:
    """Seconds for so many requests through a stage."""
    begun = time.process_time()
    for _ in range(calls // CALLERS):
        for exchange in exchanges:
            await stage(exchange, proceed)
    return time.process_time() - begun


class Through:
    """A stage that does nothing."""

    async def __call__(self, exchange: Exchange, proceed: object, /) -> Answer:
        del exchange, proceed
        return ANSWER


ANSWER = Answer("complete")


async def proceed(_: Exchange) -> Answer:
    """Costs as little as can be."""
    return ANSWER


def asking(made: Scenario, name: str) -> Exchange:
    """A request whose caller is known."""
    exchange = made.exchange("ask", user={"id": name, "roles": ["customer"]})
    exchange.caller = exchange.notes["scenario"]
    exchange.scope = exchange.policy_scope({})
    return exchange


if __name__ == "__main__":
    main()
