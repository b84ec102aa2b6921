"""Interceptor `hedge`: a second, equal read beside a slow one; the first answer counts (J. Dean and L. A. Barroso, "The Tail at Scale",
Communications of the ACM 56/2, 2013).

The first call runs in the caller's own task: one that is answered in time costs a timer, no task. The source's retry budget bounds how
many further calls there are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from gateway.policies.hedge_race import Race, Told
from gateway.policies.retry_budget import RetryBudget, budgets_of
from gateway.sdk import Binding, Call, CallHandler, Clock, Component, Result, Services
from gateway.sdk.source_config import Hedge, retries


class Hedging:
    """Round each try of one read operation. `counts`: no `retry` stands outside of it that counts the calls."""

    def __init__(self, hedge: Hedge, *, counts: bool, lanes: Callable[[str], RetryBudget], clock: Clock, told: Told) -> None:
        self._delay, self._most = float(hedge.delay), hedge.max
        self._counts = counts
        self._lanes = lanes
        self._clock = clock
        self._told = told
        self._under_way: set[asyncio.Future[Result]] = set()

    async def __call__(self, call: Call, proceed: CallHandler, /) -> Result:
        budget, now = self._lanes(call.context.identity[0]), self._clock.monotonic()
        if self._counts:
            budget.called(now)
        if now + self._delay >= call.deadline:
            return await proceed(call)
        begin = partial(self._begin, call, proceed, budget)
        return await Race(begin, delay=self._delay, most=self._most, told=self._told).run(proceed, call)

    def _begin(self, call: Call, proceed: CallHandler, budget: RetryBudget) -> asyncio.Future[Result] | None:
        """Another call, where there is time and budget for one. It is held until it has ended: the loop alone would not hold it."""
        now = self._clock.monotonic()
        if now >= call.deadline:
            return None
        if not budget.take(now):
            self._told.denied.inc()
            return None
        call.course.hedges += 1
        hedge = asyncio.ensure_future(proceed(call))
        self._under_way.add(hedge)
        hedge.add_done_callback(self._under_way.discard)
        return hedge


def build(binding: Binding, services: Services) -> Hedging | None:
    """Where `hedge` is written, for reads only."""
    hedge, effect = binding.config.hedge, binding.operation.effect
    if hedge is None or effect == "write":
        return None
    budgets = budgets_of(binding)
    return Hedging(
        hedge,
        counts=not retries(effect, binding.config, binding.source).max,
        lanes=lambda tenant: budgets.of(binding.lane(tenant)),
        clock=services.clock,
        told=Told(binding, services),
    )


component = Component(
    kind="interceptor",
    name="hedge",
    Config=Hedge,
    build=build,
    summary="A second read beside a slow one; the first answer counts.",
    example="hedge: {delay: 150ms, max: 1}",
)
