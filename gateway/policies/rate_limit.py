"""Stage `rate_limit`: how much a caller may ask for, by tier and quota (language §6). In the chain where a policy `rate_limits` is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.policies.fleet_ledger import StoreAway
from gateway.policies.limiter import Limiter
from gateway.policies.limits import Limits, refusal, refusals
from gateway.sdk import Answer, Component, Exchange, GatewayError, Handler, Model, Scope, Services
from gateway.sdk.allowance import Charge


class RateLimitConfig(Model, frozen=True):
    """All limits of the plan."""

    limits: Any = None


Owing = list[tuple[Limiter, list[Charge]]]
"""What is charged once the answer is there."""


class RateLimit:
    """Charges each request before anything is done for it. Raises `RateLimited` with the time to wait, or `StoreAway`.

    All policies that are in force are asked as one: what one of them refuses counts against none. Those in `shadow` come behind them, each
    by itself. What callers read is noted as `allowance`; the line that refused, for operators, as `denied_by`.
    """

    def __init__(self, limits: Limits, services: Services) -> None:
        self._limits = limits
        self._enforced = tuple(limiter for limiter in limits.limiters if not limiter.shadow)
        self._shadows = tuple(limiter for limiter in limits.limiters if limiter.shadow)
        self._refused = {
            allowance.budget: refusals(services.metrics, limiter.name, allowance.name, "shadow" if limiter.shadow else "enforce")
            for limiter in limits.limiters
            for allowance in limiter.allowances
        }

    async def __call__(self, exchange: Exchange, proceed: Handler, /) -> Answer:
        scope = exchange.scope
        if scope is None:
            raise RuntimeError("the pipeline does not know the caller")
        owing: Owing = []
        charges = _bill(self._enforced, exchange, scope, owing)
        if charges:
            await self._enforce(charges, exchange)
        for limiter in self._shadows:
            await self._try(limiter, exchange, scope, owing)
        return await (self._settled(exchange, scope, proceed, owing) if owing else proceed(exchange))

    async def _enforce(self, charges: Sequence[Charge], exchange: Exchange) -> None:
        try:
            told = await self._limits.spend(charges)
        except StoreAway as error:
            exchange.notes["denied_by"] = error.allowance.place
            raise
        exchange.allowance = told
        if told is not None and not told.allowed:
            self._refused[told.allowance.budget].inc()
            exchange.notes["denied_by"] = told.allowance.place
            raise refusal(told.retry_after)

    async def _try(self, limiter: Limiter, exchange: Exchange, scope: Scope, owing: Owing) -> None:
        """A policy that refuses nothing: neither a key that is null nor a store that is away is anybody's fault."""
        later: Owing = []
        try:
            charges = _bill((limiter,), exchange, scope, later)
            told = await self._limits.spend(charges) if charges else None
        except GatewayError:
            return
        if told is None or told.allowed:
            owing += later
        else:
            self._refused[told.allowance.budget].inc()

    async def _settled(self, exchange: Exchange, scope: Scope, proceed: Handler, owing: Owing) -> Answer:
        """Charges what the answer, or the refusal, turns out to cost; who hangs up has paid for one."""
        try:
            answer = await proceed(exchange)
        except GatewayError as error:
            await self._settle(owing, scope, Answer("failed", error=error))
            raise
        await self._settle(owing, scope, answer)
        return answer

    async def _settle(self, owing: Owing, scope: Scope, answer: Answer) -> None:
        for limiter, charges in owing:
            more = limiter.cost_of_answer(scope, answer) - 1.0
            if more:
                await self._limits.add([charge._replace(cost=more) for charge in charges])


def _bill(limiters: Sequence[Limiter], exchange: Exchange, scope: Scope, owing: Owing) -> list[Charge]:
    """What a request is charged now; `owing` gets what will be known later."""
    whole: list[Charge] = []
    for limiter in limiters:
        charges = limiter.charges(exchange, scope)
        if limiter.cost_after and charges:
            owing.append((limiter, charges))
        whole += charges
    return whole


def build(config: RateLimitConfig, services: Services) -> RateLimit | None:
    """Nothing is limited that nobody limited."""
    limits: Limits | None = config.limits
    return RateLimit(limits, services) if limits is not None and limits.limiters else None


component = Component(
    kind="stage",
    name="rate_limit",
    phase="limit",
    Config=RateLimitConfig,
    build=build,
    summary="How much a caller may ask for.",
    example="policy: rate_limits\nrate_limits: {default: {requests_per_minute: 60, burst: 10}}",
)
