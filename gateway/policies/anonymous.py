"""Identity `anonymous`: lets callers in who present no credential at all."""

from __future__ import annotations

from typing import Annotated

import msgspec

from gateway.sdk import Caller, Component, Exchange, Model, Name, Services, described, user_root


class AnonymousConfig(Model, frozen=True, kw_only=True):
    """Callers without a credential."""

    roles: Annotated[list[Name], described("Roles that they have.")] = msgspec.field(default_factory=lambda: ["anonymous"])


class Anonymous:
    """Knows everybody as nobody in particular. Two anonymous callers are the same only where their address is."""

    reads: frozenset[str] = frozenset()
    challenge = ""

    def __init__(self, roles: list[str]) -> None:
        self._user = user_root(None, {"roles": roles})

    async def __call__(self, exchange: Exchange, /) -> Caller:
        return Caller(("anonymous", "", exchange.client_ip), self._user, anonymous=True)


def build(config: AnonymousConfig, services: Services) -> Anonymous:
    """Asked only where no credential was presented."""
    del services
    return Anonymous(config.roles)


component = Component(
    kind="identity",
    name="anonymous",
    Config=AnonymousConfig,
    build=build,
    summary="Callers without a credential.",
    example="identity: [{anonymous: {roles: [anonymous]}}]",
)
