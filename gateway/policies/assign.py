"""Stage `assign`: roles given by condition (language §6 `assign`). They are in `user.roles` from here on, as if they had come with
the credential: for access, guards, masks and tiers alike."""

from __future__ import annotations

from typing import Any

import msgspec

from gateway.sdk import Answer, Assignment, Caller, Component, Exchange, Handler, Model, Scope, Services, verdict


class AssignConfig(Model, frozen=True):
    """The `assign` of all `roles` policies, compiled, in the order written."""

    assignments: tuple[Any, ...] = ()


class Assign:
    """Evaluates each condition once a request, all of them on the roles that the caller came with: none depends on another."""

    def __init__(self, assignments: tuple[Assignment, ...]) -> None:
        self._assignments = assignments

    async def __call__(self, exchange: Exchange, proceed: Handler, /) -> Answer:
        caller, scope = exchange.caller, exchange.scope
        if caller is None or scope is None:
            raise RuntimeError("the pipeline does not know the caller")
        given = self._given(scope)
        if given:
            exchange.caller = with_roles(caller, given)
            scope["user"] = exchange.caller.user
        return await proceed(exchange)

    def _given(self, scope: Scope) -> list[str]:
        return [role for each in self._assignments if verdict(each.when, scope) is True for role in each.roles]


def with_roles(caller: Caller, given: list[str]) -> Caller:
    """A caller who has these roles too. What a credential stands for is shared between requests, so it is not changed."""
    return msgspec.structs.replace(caller, user={**caller.user, "roles": list(dict.fromkeys([*caller.roles, *given]))})


def build(config: AssignConfig, services: Services) -> Assign | None:
    """In the chain where a policy assigns roles."""
    del services
    return Assign(config.assignments) if config.assignments else None


component = Component(
    kind="stage",
    name="assign",
    phase="tenant",
    Config=AssignConfig,
    build=build,
    summary="Roles that conditions give to a caller.",
    example="assign: [{roles: [billing_agent], when: \"contains(user.groups, 'Finance')\"}]",
)
