"""Interceptor `measure`: how long backend calls take, all their tries included, by outcome (`gateway_step_duration_seconds`)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from gateway.sdk import Binding, Call, CallHandler, Clock, Component, GatewayError, Histogram, Model, Result, Services


class MeasureConfig(Model, frozen=True):
    """Nothing to set."""


class Measure:
    """Observes the seconds of each call under its outcome: `ok` or an error code. An outcome is bound when it first occurs."""

    def __init__(self, clock: Clock, bind: Callable[[str], Histogram]) -> None:
        self._clock = clock
        self._bind = bind
        self._outcomes = {"ok": bind("ok")}
        self._ok = self._outcomes["ok"]

    async def __call__(self, call: Call, proceed: CallHandler, /) -> Result:
        started = self._clock.monotonic()
        try:
            result = await proceed(call)
        except GatewayError as error:
            self._failed(error.code).observe(self._clock.monotonic() - started)
            raise
        self._ok.observe(self._clock.monotonic() - started)
        return result

    def _failed(self, code: str) -> Histogram:
        if code not in self._outcomes:
            self._outcomes[code] = self._bind(code)
        return self._outcomes[code]


def build(binding: Binding, services: Services) -> Measure:
    """Every operation is measured."""
    source, _, operation = binding.id.partition(".")
    return Measure(services.clock, partial(_histogram, services, source, operation))


def _histogram(services: Services, source: str, operation: str, outcome: str) -> Histogram:
    return services.metrics.histogram(
        "gateway_step_duration_seconds", "Duration of backend calls.", source=source, operation=operation, outcome=outcome
    )


component = Component(
    kind="interceptor",
    name="measure",
    Config=MeasureConfig,
    build=build,
    summary="Measures backend calls by outcome.",
    example="telemetry: {metrics: true}",
)
