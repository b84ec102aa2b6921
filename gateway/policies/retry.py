"""Interceptor `retry`: another try of a call that failed, inside the source's retry budget.

Every try has its own `timeout` inside the deadline of them all. A try that could not end in time is not begun, nor one that the budget
has nothing for. What failed here although it was to be tried again is `settled`: whoever asked us should not multiply our tries by
theirs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import random

from gateway.policies.backoff import next_wait
from gateway.policies.retry_budget import RetryBudget, budgets_of
from gateway.sdk import (
    Binding,
    Call,
    CallHandler,
    CircuitOpen,
    Clock,
    Component,
    Counter,
    GatewayError,
    Overloaded,
    Result,
    Services,
    Timeout,
    Unavailable,
)
from gateway.sdk.source_config import Retry, retries


class Retrying:
    """Round all the tries of one operation's calls. `lanes` gives the budget of a tenant; `draw` a random number from 0 to 1."""

    def __init__(
        self,
        retry: Retry,
        *,
        keyed: bool,
        lanes: Callable[[str], RetryBudget],
        clock: Clock,
        told: Told,
        draw: Callable[[], float] = random,
    ) -> None:
        self._retry = retry
        self._keyed = keyed
        self._lanes = lanes
        self._clock = clock
        self._told = told
        self._draw = draw

    async def __call__(self, call: Call, proceed: CallHandler, /) -> Result:
        budget = self._lanes(call.context.identity[0])
        budget.called(self._clock.monotonic())
        try:
            return await proceed(self._one_try(call))
        except GatewayError as error:
            retry = self._retry.narrowed(call.limits.retry)
            if not retry.max or not is_retried(error, retry) or (self._keyed and call.idempotency_key is None):
                raise
            failure = error
        return await self._try_again(call, proceed, failure, retry=retry, budget=budget)

    async def _try_again(self, call: Call, proceed: CallHandler, failure: GatewayError, *, retry: Retry, budget: RetryBudget) -> Result:
        wait, left = 0.0, retry.max
        while left and is_retried(failure, retry):
            left -= 1
            wait = next_wait(retry.waits, wait, self._draw())
            if not await self._turn_comes(call, max(wait, failure.retry_after or 0.0), budget):
                break
            try:
                result = await proceed(self._one_try(call))
            except GatewayError as error:
                self._told.failed.inc()
                failure = error
            else:
                self._told.ok.inc()
                return result
        failure.settled = True
        raise failure

    async def _turn_comes(self, call: Call, wait: float, budget: RetryBudget) -> bool:
        """Waits for the next try; False at once where it would come too late, or the budget is used up."""
        now = self._clock.monotonic()
        if now + wait >= call.deadline:
            return False
        if not budget.take(now):
            self._told.denied.inc()
            return False
        await asyncio.sleep(wait)
        return True

    def _one_try(self, call: Call) -> Call:
        return call.replace(deadline=min(call.deadline, self._clock.monotonic() + call.timeout))


class Told:
    """The counters of further tries: `denied` are those that the budget had nothing for."""

    __slots__ = ("denied", "failed", "ok")

    def __init__(self, binding: Binding, services: Services) -> None:
        source, _, operation = binding.id.partition(".")

        def counter(outcome: str) -> Counter:
            text = "Further tries of backend calls."
            return services.metrics.counter("gateway_retries_total", text, source=source, operation=operation, outcome=outcome)

        self.ok, self.failed, self.denied = counter("ok"), counter("failed"), counter("denied")


def is_retried(error: GatewayError, retry: Retry) -> bool:
    """Whether another try may help, and is asked for. What we refused ourselves was never sent, and would be refused again."""
    if error.settled or isinstance(error, CircuitOpen | Overloaded):
        return False
    if isinstance(error, Unavailable):
        return "connect" in retry.retried
    if isinstance(error, Timeout):
        return "timeout" in retry.retried
    return error.status_code in retry.retried


def build(binding: Binding, services: Services) -> Retrying | None:
    """Where further tries are written; for a write only with `idempotency`, and then for calls that have a key."""
    effect = binding.operation.effect
    retry = retries(effect, binding.config, binding.source)
    if not retry.max:
        return None
    budgets = budgets_of(binding)
    return Retrying(
        retry,
        keyed=effect == "write",
        lanes=lambda tenant: budgets.of(binding.lane(tenant)),
        clock=services.clock,
        told=Told(binding, services),
    )


component = Component(
    kind="interceptor",
    name="retry",
    Config=Retry,
    build=build,
    summary="Another try of a call that failed, inside the source's retry budget.",
    example="retry: {max: 2, codes: [connect, 502, 503, 504], backoff: 50ms..500ms}",
)
