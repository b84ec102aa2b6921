"""Stage `tenant`: whose configuration applies to a request (language §7 `tenants`). In the chain where tenants are configured.

The credential (its own tenant, or a claim), an expression and the host may each name the tenant; those that do must agree. A host
alone is enough for anonymous callers only: whoever is known by a credential must be bound to a tenant by it. Behind a proxy there are
two hosts, the one that it says it was asked for and the one that it asked: a proxy that passes on what its callers say of the first
can't be told from one that doesn't, so they must agree as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from gateway.sdk import (
    Answer,
    Caller,
    Compiled,
    Component,
    Exchange,
    ExpressionFault,
    Forbidden,
    Handler,
    Model,
    Services,
    Tenant,
)
from gateway.sdk.host_name import host_name

NOBODY = Tenant("", {"id": "", "plan": None, "config": {}})
"""Of a request that no tenant was found for, so that it is counted as nobody's."""


class Directory(msgspec.Struct, frozen=True):
    """How a request's tenant is found, prepared at load. `unknown` is whose a request is that no tenant is found for; None refuses it.

    `hosts` are as `host_name` spells them. `place` is where `tenants` stands, as file:line.
    """

    known: Mapping[str, Tenant]
    hosts: Mapping[str, str] = {}
    claim: str | None = None
    id: Compiled | None = None
    unknown: Tenant | None = None
    place: str = ""


class TenantStageConfig(Model, frozen=True):
    """The directory, prepared."""

    directory: Any = None


class TenantStage:
    """Sets the exchange's tenant, and the scope and locale that follow from it. Raises `Forbidden` where there is none."""

    def __init__(self, directory: Directory, services: Services) -> None:
        self._directory = directory
        self._config = services.config
        self._standings = services.standings
        self._refused = {
            reason: services.metrics.counter("gateway_tenant_refusals_total", "Requests without a tenant.", reason=reason)
            for reason in ("unknown", "mismatch")
        }

    async def __call__(self, exchange: Exchange, proceed: Handler, /) -> Answer:
        caller = exchange.caller
        if caller is None:
            raise RuntimeError("the pipeline does not know the caller")
        exchange.tenant = self._tenant(exchange, caller)
        if exchange.tenant.locale is not None and not exchange.languages:
            exchange.locale = exchange.tenant.locale
        exchange.scope = exchange.policy_scope(self._config, self._standings.open_circuits(exchange.tenant.id, exchange.started))
        return await proceed(exchange)

    def _tenant(self, exchange: Exchange, caller: Caller) -> Tenant:
        own = set(self._own(exchange, caller))
        named = own.union(self._hosted(exchange))
        if len(named) > 1:
            raise self._refusal(exchange, "mismatch")
        if own or caller.anonymous:
            tenant = next((self._directory.known[name] for name in named if name in self._directory.known), None)
            if tenant is not None:
                return tenant
        if self._directory.unknown is None:
            raise self._refusal(exchange, "unknown")
        return self._directory.unknown

    def _hosted(self, exchange: Exchange) -> Iterator[str]:
        """What the hosts name."""
        hosts = self._directory.hosts
        if exchange.host in hosts:
            yield hosts[exchange.host]
        if exchange.via_proxy:
            asked = host_name(exchange.headers.get("host", "")) or ""
            if asked in hosts:
                yield hosts[asked]

    def _own(self, exchange: Exchange, caller: Caller) -> Iterator[str]:
        """What names the tenant besides the host. A claim that is no text names none that is known."""
        if caller.tenant is not None:
            yield caller.tenant
        if self._directory.claim is not None and not caller.anonymous:
            claimed = (caller.user.get("claims") or {}).get(self._directory.claim)
            if claimed is not None:
                yield claimed if isinstance(claimed, str) else ""
        if self._directory.id is not None:
            try:
                found = self._directory.id(exchange.policy_scope(self._config))
            except ExpressionFault:
                found = ""
            if found is not None:
                yield found if isinstance(found, str) else ""

    def _refusal(self, exchange: Exchange, reason: str) -> Forbidden:
        exchange.tenant = NOBODY
        exchange.notes["denied_by"] = f"{self._directory.place} (tenant {reason})"
        self._refused[reason].inc()
        return Forbidden("The request belongs to no tenant.", detail_code=f"tenant_{reason}")


def build(config: TenantStageConfig, services: Services) -> TenantStage | None:
    """Not in the chain without tenants: then there is one."""
    return None if config.directory is None else TenantStage(config.directory, services)


component = Component(
    kind="stage",
    name="tenant",
    phase="tenant",
    Config=TenantStageConfig,
    build=build,
    summary="Whose configuration applies.",
    example="tenants: {claim: tenant, unknown: deny, known: {acme: {plan: premium}}}",
)
