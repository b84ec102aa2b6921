"""Roles, circuit breakers and tiers that nothing names."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.config.loaded import Loaded
from gateway.config.models import CircuitBreakersPolicy, FlagsPolicy, RateLimitsPolicy, RolesPolicy
from gateway.planner.mentions import texts_in
from gateway.planner.planned import Planned
from gateway.planner.rules import tiers
from gateway.planner.rules.policies import breakers_used, of_kind
from gateway.planner.rules.understood import understood


def check_policies(planned: Planned) -> None:
    """GW540, GW541 and GW542. Silent while anything has an error: it may name what seems unused."""
    if understood(planned):
        _check_roles(planned)
        _check_breakers(planned)
        _check_tiers(planned)


def _check_roles(planned: Planned) -> None:
    """Roles come with tokens too, so one that allows or clears something is used as far as can be told."""
    if planned.loaded.gateway is None or not planned.loaded.gateway.model.identity:
        return  # GW506: nobody has any role
    named = set(_roles_named(planned.loaded))
    idle = [
        (policy, name)
        for policy in of_kind(planned.loaded, RolesPolicy)
        for name, role in policy.model.roles.items()
        if not role.allow and not role.clears and not role.inherits and name not in named
    ]
    compared = set(_literals(planned.loaded)) if idle else set()
    for policy, name in idle:
        if name not in compared:
            planned.findings.report(
                policy.document, "GW540", f"nothing uses role `{name}`, and it allows nothing", ("roles", name), key=True,
                hint="allow it something, or take it out", severity="warning",
            )  # fmt: skip


def _roles_named(loaded: Loaded) -> Iterator[str]:
    for policy in of_kind(loaded, RolesPolicy):
        for role in policy.model.roles.values():
            yield from role.inherits
        for assignment in policy.model.assign:
            yield from assignment.roles
        for rule in policy.model.rules:
            yield from rule.roles or ()
    for flags in of_kind(loaded, FlagsPolicy):
        yield from (role for flag in flags.model.flags.values() for rule in flag.rules for role in rule.roles or ())
    for versions in loaded.intents.values():
        yield from (role for parsed in versions for role in parsed.model.access.roles)
    yield from (role for route in loaded.routes.values() for role in route.model.access.roles)
    if loaded.gateway is not None:
        yield from texts_in(loaded.gateway.model.identity)


def _literals(loaded: Loaded) -> Iterator[str]:
    """Every literal of every expression, among them the roles that `contains(user.roles, 'agent')` compares with."""
    documents = [parsed.document for versions in loaded.intents.values() for parsed in versions]
    documents += [parsed.document for parsed in (*loaded.routes.values(), *loaded.policies, *loaded.sources.values())]
    yield from (word for document in documents for text in texts_in(document.data) for word in _quoted(text))


def _check_breakers(planned: Planned) -> None:
    used = {name for _, _, name in breakers_used(planned)}
    for policy in of_kind(planned.loaded, CircuitBreakersPolicy):
        for name in policy.model.circuit_breakers:
            if name not in used:
                planned.findings.report(
                    policy.document, "GW541", f"nothing uses circuit breaker `{name}`", ("circuit_breakers", name), key=True,
                    hint=f"write `circuit_breaker: {name}` in a source, or take it out", severity="warning",
                )  # fmt: skip


def _check_tiers(planned: Planned) -> None:
    policies = list(of_kind(planned.loaded, RateLimitsPolicy))
    given = [tiers.given(policy.model.tier) for policy in policies]
    if None in given:
        return
    tenants = planned.loaded.gateway.model.tenants if planned.loaded.gateway is not None else None
    used = {tiers.DEFAULT, *(tenant.rate_limits for tenant in (tenants.known.values() if tenants is not None else ()))}
    used |= {name for names in given for name in names or ()}
    for policy in policies:
        for name in policy.model.rate_limits:
            if name not in used:
                planned.findings.report(
                    policy.document, "GW542", f"nothing uses tier `{name}`", ("rate_limits", name), key=True,
                    hint="mention it in `tier` or at a tenant, or take it out", severity="warning",
                )  # fmt: skip


def _quoted(text: str) -> Iterator[str]:
    """What stands in single quotes: the literals of expressions."""
    yield from text.split("'")[1::2]
