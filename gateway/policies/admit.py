"""Stage `admit`: gives up what there is no room for, once intent and tenant are known.

Most of that happened before, at the front of the server, by what a request seemed to be (`gateway.server.admission`). Here it is known:
where memory is short only the more important ones go on, and a request that came in as more important than it is, while its like had
to go, is none the better for it. It costs nobody a place in a limit, as it comes before `intent_limits`.
"""

from __future__ import annotations

from typing import Any

from gateway.policies.known_callers import presented
from gateway.policies.pressure import Pressure
from gateway.policies.priorities import apparent_intent
from gateway.sdk import Answer, Component, Counter, Exchange, Handler, Metrics, Model, Overloaded, Services
from gateway.sdk.priority import PRIORITIES

RETRY_AFTER = 1.0
"""Seconds."""


class AdmitConfig(Model, frozen=True):
    """The pressure of the plan, with its priorities."""

    pressure: Any = None


class Admit:
    """Raises `Overloaded`. Remembers whose the credential is, for the front."""

    def __init__(self, pressure: Pressure, services: Services) -> None:
        self._pressure = pressure
        self._clock = services.clock
        self._short_of_memory = [shed_counter(services.metrics, rank, "memory") for rank in range(len(PRIORITIES))]
        self._misjudged = [shed_counter(services.metrics, rank, "misjudged") for rank in range(len(PRIORITIES))]

    async def __call__(self, exchange: Exchange, proceed: Handler, /) -> Answer:
        chosen, caller, pressure = exchange.chosen, exchange.caller, self._pressure
        if chosen is None or caller is None:
            raise RuntimeError("the pipeline does not know the caller or the intent")
        rank = pressure.priorities.rank(chosen.name, exchange.tenant.id)
        if not caller.anonymous:
            credential = presented(exchange.headers, pressure.credentials)
            if credential is not None:
                pressure.callers.learn(credential, exchange.tenant.id)
        if rank > pressure.room_for:
            self._short_of_memory[rank].inc()
            raise refusal()
        if pressure.crowded(rank, self._clock.monotonic()) and self._seemed(exchange) < rank:
            self._misjudged[rank].inc()
            raise refusal()
        return await proceed(exchange)

    def _seemed(self, exchange: Exchange) -> int:
        """The rank that the front took it for."""
        intent = exchange.intent if exchange.route is not None else apparent_intent(exchange.path, exchange.raw_body)
        return self._pressure.priorities.rank(intent, exchange.tenant.id)


def shed_counter(metrics: Metrics, rank: int, reason: str) -> Counter:
    """What counts requests that were given up."""
    text = "Requests that were given up so that more important ones are answered in time."
    return metrics.counter("gateway_shed_total", text, priority=PRIORITIES[rank], reason=reason)


def refusal() -> Overloaded:
    """The answer to who may come again in a moment."""
    error = Overloaded("Too much is asked of the gateway at the moment.")
    error.retry_after = RETRY_AFTER
    return error


def build(config: AdmitConfig, services: Services) -> Admit | None:
    """In the chain wherever a server is in front."""
    pressure: Pressure | None = config.pressure
    return None if pressure is None else Admit(pressure, services)


component = Component(
    kind="stage",
    name="admit",
    phase="admit",
    Config=AdmitConfig,
    build=build,
    summary="What is given up where there is too much to do.",
    example="intent: block_card\npriority: critical",
)
