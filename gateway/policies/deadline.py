"""Interceptor `deadline`: no call outlives its deadline, whatever its source does."""

from __future__ import annotations

import asyncio

from gateway.sdk import Binding, Call, CallHandler, Clock, Component, Model, Result, Services, Timeout


class DeadlineConfig(Model, frozen=True):
    """Nothing to set: the time is the operation's `timeout` inside the intent's `deadline`."""


class Deadline:
    """Ends a call with `Timeout` at its deadline."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, call: Call, proceed: CallHandler, /) -> Result:
        left = call.deadline - self._clock.monotonic()
        if left <= 0:
            raise Timeout
        try:
            async with asyncio.timeout(left):
                return await proceed(call)
        except TimeoutError:
            raise Timeout from None


def build(binding: Binding, services: Services) -> Deadline:
    """Every operation has a deadline."""
    del binding
    return Deadline(services.clock)


component = Component(
    kind="interceptor",
    name="deadline",
    Config=DeadlineConfig,
    build=build,
    summary="Ends a backend call at its deadline.",
    example="timeout: 800ms",
)
