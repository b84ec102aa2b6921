"""Interceptor `attempt`: counts what is sent to backends, try by try (`gateway_upstream_calls_total`)."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.sdk import Binding, Call, CallHandler, Component, Counter, Model, Result, Services


class AttemptConfig(Model, frozen=True):
    """Nothing to set."""


class Attempt:
    """The innermost wrapper but the deadline: what comes here is sent. Counts by tenant, whatever the outcome."""

    def __init__(self, calls: Mapping[str, Counter]) -> None:
        self._calls = calls

    async def __call__(self, call: Call, proceed: CallHandler, /) -> Result:
        call.course.attempts += 1
        counter = self._calls.get(call.context.identity[0])
        if counter is not None:
            counter.inc()
        return await proceed(call)


def build(binding: Binding, services: Services) -> Attempt:
    """Every operation's attempts are counted."""
    source = binding.id.partition(".")[0]
    return Attempt(
        {
            tenant: services.metrics.counter("gateway_upstream_calls_total", "Calls to backends.", source=source, tenant=tenant)
            for tenant in sorted(services.tenants)
        }
    )


component = Component(
    kind="interceptor",
    name="attempt",
    Config=AttemptConfig,
    build=build,
    summary="Counts what is sent to backends.",
    example="telemetry: {metrics: true}",
)
