"""Stage `authorize`: whether the caller may use the chosen intent, and the route that led to it. Default is deny."""

from __future__ import annotations

from gateway.sdk import (
    Answer,
    Caller,
    Component,
    Exchange,
    Forbidden,
    GatewayError,
    Handler,
    Model,
    NotFound,
    Services,
    Unauthorized,
)

PIN = "release:pin"
"""The permission to name a version."""


class AuthorizeConfig(Model, frozen=True):
    """Nothing to set."""


class Authorize:
    """Asks the intent's access and, where the request came by a route with its own, that one too: both must permit.

    Raises `Forbidden`, or `Unauthorized` for a caller who hasn't said who they are.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    async def __call__(self, exchange: Exchange, proceed: Handler, /) -> Answer:
        caller, scope, chosen = exchange.caller, exchange.scope, exchange.chosen
        if caller is None or scope is None or chosen is None:
            raise RuntimeError("the pipeline does not know the caller or the intent")
        if not all(access.permits(caller, scope) for access in (exchange.access, chosen.access) if access is not None):
            raise _refusal(caller)
        if exchange.version is not None:
            if not self._services.permitted(caller, PIN):
                raise _refusal(caller)
            if exchange.version != chosen.version:
                raise NotFound("There is no such version.")
        return await proceed(exchange)


def _refusal(caller: Caller) -> GatewayError:
    return Unauthorized() if caller.anonymous else Forbidden()


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
