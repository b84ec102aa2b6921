"""Stage `intent_limits`: an intent's own `limits`, once it is known that the caller may use it. In the chain where an intent has some.

They count what callers ask for, not what other intents call. Without a `key` each caller has their own, as in policy `rate_limits`.
`concurrency` counts in each process by itself: a count that is shared would be wrong for long after a process was killed.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from gateway.policies.fleet_ledger import StoreAway
from gateway.policies.limit_owner import owner_of
from gateway.policies.limits import Limits, OwnLimits, refusal, refusals
from gateway.sdk import Answer, Component, Exchange, Handler, Model, Scope, Services
from gateway.sdk.allowance import Charge, Owner

CONCURRENCY = "concurrency"
RATE = "rate"
BUSY = 1.0
"""Seconds that a caller should wait whose other requests are under way."""


class IntentLimitsConfig(Model, frozen=True):
    """All limits of the plan."""

    limits: Any = None


class IntentLimits:
    """Raises `RateLimited`, or `StoreAway`. A request that finds no room among those under way counts against no rate."""

    def __init__(self, limits: Limits, services: Services) -> None:
        self._limits = limits
        self._under_way: Counter[tuple[str, Owner]] = Counter()
        self._refused = {
            (name, tier): refusals(services.metrics, f"intent.{name}", tier) for name in limits.of_intents for tier in (RATE, CONCURRENCY)
        }

    async def __call__(self, exchange: Exchange, proceed: Handler, /) -> Answer:
        scope, chosen = exchange.scope, exchange.chosen
        if scope is None or chosen is None:
            raise RuntimeError("the pipeline does not know the caller or the intent")
        limits = self._limits.of_intents.get(chosen.name)
        return await (proceed(exchange) if limits is None else self._limited(limits, scope, exchange, proceed))

    async def _limited(self, limits: OwnLimits, scope: Scope, exchange: Exchange, proceed: Handler) -> Answer:
        owner = owner_of(exchange, scope, limits.key)
        if limits.concurrency is None:
            await self._charge(limits, owner, exchange)
            return await proceed(exchange)
        whose = (limits.intent, owner)
        if self._under_way[whose] >= limits.concurrency:
            exchange.notes["denied_by"] = limits.place
            self._refused[limits.intent, CONCURRENCY].inc()
            raise refusal(BUSY)
        self._under_way[whose] += 1
        try:
            await self._charge(limits, owner, exchange)
            return await proceed(exchange)
        finally:
            self._under_way[whose] -= 1
            if not self._under_way[whose]:
                del self._under_way[whose]

    async def _charge(self, limits: OwnLimits, owner: Owner, exchange: Exchange) -> None:
        """Callers read of whichever limit leaves them least."""
        if not limits.allowances:
            return
        charges = [Charge(owner, allowance) for allowance in limits.allowances]
        try:
            told = await self._limits.spend(charges)
        except StoreAway:
            exchange.notes["denied_by"] = limits.place
            raise
        if told is None:
            return
        if exchange.allowance is None or told.remaining < exchange.allowance.remaining:
            exchange.allowance = told
        if not told.allowed:
            exchange.allowance = told
            exchange.notes["denied_by"] = limits.place
            self._refused[limits.intent, RATE].inc()
            raise refusal(told.retry_after)


def build(config: IntentLimitsConfig, services: Services) -> IntentLimits | None:
    """In the chain where an intent has limits of its own."""
    limits: Limits | None = config.limits
    return IntentLimits(limits, services) if limits is not None and limits.of_intents else None


component = Component(
    kind="stage",
    name="intent_limits",
    phase="admit",
    Config=IntentLimitsConfig,
    build=build,
    summary="How often an intent may be asked for, and how often at once.",
    example="limits: {requests_per_minute: 20, burst: 5, concurrency: 2}",
)
