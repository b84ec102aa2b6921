"""Interceptor `measure`: how long backend calls take, by outcome (`gateway_step_duration_seconds`)."""

from __future__ import annotations

from gateway.sdk import ERRORS_BY_CODE, Binding, Call, CallHandler, Clock, Component, GatewayError, Histogram, Model, Result, Services


class MeasureConfig(Model, frozen=True):
    """Nothing to set."""


class Measure:
    """Observes the seconds of each call under its outcome: `ok` or an error code."""

    def __init__(self, clock: Clock, outcomes: dict[str, Histogram]) -> None:
        self._clock = clock
        self._outcomes = outcomes
        self._ok = outcomes["ok"]

    async def __call__(self, call: Call, proceed: CallHandler, /) -> Result:
        started = self._clock.monotonic()
        try:
            result = await proceed(call)
        except GatewayError as error:
            self._outcomes[error.code].observe(self._clock.monotonic() - started)
            raise
        self._ok.observe(self._clock.monotonic() - started)
        return result


def build(binding: Binding, services: Services) -> Measure:
    """Children are bound here, once an operation."""
    source, _, operation = binding.id.partition(".")
    outcomes = {
        outcome: services.metrics.histogram(
            "gateway_step_duration_seconds",
            "Duration of backend calls.",
            source=source,
            operation=operation,
            outcome=outcome,
        )
        for outcome in ("ok", *ERRORS_BY_CODE)
    }
    return Measure(services.clock, outcomes)


component = Component(
    kind="interceptor",
    name="measure",
    Config=MeasureConfig,
    build=build,
    summary="Measures backend calls by outcome.",
    example="telemetry: {metrics: true}",
)
