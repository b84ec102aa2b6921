"""Stage `rate_limit`: how much a caller may ask for, by tier and quota (language §6). In the chain where a policy `rate_limits` is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.policies.fleet_ledger import StoreAway
from gateway.policies.limiter import Limiter
from gateway.policies.limits import Limits, refusal, refusals
from gateway.sdk import Answer, Component, Exchange, GatewayError, Handler, Model, RateLimited, Scope, Services
from gateway.sdk.allowance import Charge, Verdict

POLICY = "rate_limits"
"""What the metrics call it."""


class RateLimitConfig(Model, frozen=True):
    """All limits of the plan."""

    limits: Any = None


class RateLimit:
    """Charges each request before anything is done for it. Raises `RateLimited` with the time to wait, or `StoreAway`.

    What callers read is noted as `allowance`; the line that refused, for operators, as `denied_by`. In `shadow` it counts, and changes
    nothing.
    """

    def __init__(self, limiter: Limiter, limits: Limits, services: Services) -> None:
        self._limiter = limiter
        self._limits = limits
        self._here = limits.here
        mode = "shadow" if limiter.shadow else "enforce"
        names = {allowance.budget: allowance.name for allowance in limiter.allowances}
        self._refused = {budget: refusals(services.metrics, POLICY, name, mode) for budget, name in names.items()}

    async def __call__(self, exchange: Exchange, proceed: Handler, /) -> Answer:
        scope = exchange.scope
        if scope is None:
            raise RuntimeError("the pipeline does not know the caller")
        if self._limiter.shadow:
            charges = await self._try(exchange, scope)
        else:
            charges = self._limiter.charges(exchange, scope)
            if charges:
                told = await self._asked(charges, exchange) if self._here is None else self._here.spend(charges)
                exchange.allowance = told
                if told is not None and not told.allowed:
                    raise self._refusal(told, exchange)
        return await (self._settled(charges, exchange, scope, proceed) if self._limiter.cost_after and charges else proceed(exchange))

    async def _asked(self, charges: Sequence[Charge], exchange: Exchange) -> Verdict | None:
        try:
            return await self._limits.spend(charges)
        except StoreAway as error:
            exchange.notes["denied_by"] = error.allowance.place
            raise

    def _refusal(self, told: Verdict, exchange: Exchange) -> RateLimited:
        self._refused[told.allowance.budget].inc()
        exchange.notes["denied_by"] = told.allowance.place
        return refusal(told.retry_after)

    async def _settled(self, charges: Sequence[Charge], exchange: Exchange, scope: Scope, proceed: Handler) -> Answer:
        """Charges what the answer, or the refusal, turns out to cost; who hangs up has paid for one."""
        try:
            answer = await proceed(exchange)
        except GatewayError as error:
            await self._settle(charges, scope, Answer("failed", error=error))
            raise
        await self._settle(charges, scope, answer)
        return answer

    async def _try(self, exchange: Exchange, scope: Scope) -> list[Charge]:
        """Neither a key that is null nor a store that is away is anybody's fault while nothing is enforced."""
        try:
            charges = self._limiter.charges(exchange, scope)
            told = await self._limits.spend(charges) if charges else None
        except GatewayError:
            return []
        if told is None or told.allowed:
            return charges
        self._refused[told.allowance.budget].inc()
        return []

    async def _settle(self, charges: Sequence[Charge], scope: Scope, answer: Answer) -> None:
        more = self._limiter.cost_of_answer(scope, answer) - 1.0
        if more:
            await self._limits.add([charge.costing(more) for charge in charges])


def build(config: RateLimitConfig, services: Services) -> RateLimit | None:
    """Nothing is limited that nobody limited."""
    limits: Limits | None = config.limits
    return None if limits is None or limits.limiter is None else RateLimit(limits.limiter, limits, services)


component = Component(
    kind="stage",
    name="rate_limit",
    phase="limit",
    Config=RateLimitConfig,
    build=build,
    summary="How much a caller may ask for.",
    example="policy: rate_limits\nrate_limits: {default: {requests_per_minute: 60, burst: 10}}",
)
