"""Stage `authorize`: whether the caller may use the chosen intent, and the route that led to it. Default is deny."""

from __future__ import annotations

from gateway.sdk import (
    Answer,
    Cause,
    Component,
    Counter,
    Decision,
    Exchange,
    Handler,
    Metrics,
    Model,
    NotFound,
    Services,
)

PIN = "release:pin"
"""The permission to name a version."""

NOTE = "decision"
"""Where the `Decision` is noted, for the record and for callers with the permission `trace`."""

PINNING = Decision(False, None, f"nothing allows {PIN}", "role")


class AuthorizeConfig(Model, frozen=True):
    """Nothing to set."""


class Authorize:
    """Asks the intent's access and, where the request came by a route with its own, that one too: both must permit.

    The deciding line is noted: the first that refuses, else the one that allows the intent. Refusals are counted by their cause.
    Raises `Forbidden`, or `Unauthorized` for a caller who hasn't said who they are, or for whom another sign-in would do.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._refusals = Refusals(services.metrics)

    async def __call__(self, exchange: Exchange, proceed: Handler, /) -> Answer:
        caller, scope, chosen = exchange.caller, exchange.scope, exchange.chosen
        if caller is None or scope is None or chosen is None:
            raise RuntimeError("the pipeline does not know the caller or the intent")
        decision = chosen.access.decide(caller, scope)
        if exchange.access is not None and decision.allowed:
            at_route = exchange.access.decide(caller, scope)
            decision = decision if at_route.allowed else at_route
        if decision.allowed and exchange.version is not None and not self._services.permitted(caller, PIN, scope):
            decision = PINNING
        exchange.notes[NOTE] = decision
        if not decision.allowed:
            self._refusals.of(chosen.name, decision.cause).inc()
            raise decision.error(caller)
        if exchange.version is not None and exchange.version != chosen.version:
            raise NotFound("There is no such version.")
        return await proceed(exchange)


class Refusals:
    """The bound counters, made the first time a combination is seen: intents are those of the plan, causes a closed set."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._bound: dict[tuple[str, Cause], Counter] = {}

    def of(self, intent: str, cause: Cause) -> Counter:
        """What counts refusals of an intent for one cause."""
        if (intent, cause) not in self._bound:
            self._bound[intent, cause] = self._metrics.counter(
                "gateway_refusals_total", "Requests that access rules refused, by what stood against them.", intent=intent, cause=cause
            )
        return self._bound[intent, cause]


def build(config: AuthorizeConfig, services: Services) -> Authorize:
    """Always in the chain."""
    del config
    return Authorize(services)


component = Component(
    kind="stage",
    name="authorize",
    phase="authorize",
    Config=AuthorizeConfig,
    build=build,
    summary="Whether the caller may use the intent.",
    example="access: {roles: [customer]}",
)
