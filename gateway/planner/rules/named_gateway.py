"""Names in `gateway.yaml`: of tenants' intents, servers and credentials, of the intent and the operation that step in."""

from __future__ import annotations

from gateway.config.loaded import Parsed
from gateway.config.models import Gateway, TenantConfig
from gateway.planner.planned import Planned
from gateway.planner.rules.patterns import check_pattern
from gateway.sdk import HttpSourceConfig, Path


def check_gateway(planned: Planned) -> None:
    """GW222, GW227, GW233 and GW504; the calls of `handoff` are looked at with all others."""
    parsed = planned.loaded.gateway
    if parsed is None:
        return
    name, intents = parsed.model.fallback_intent, planned.loaded.names("intent")
    if name is not None and name not in intents:
        planned.findings.unknown(parsed.document, "GW227", "intent", name, known=intents, path=("fallback_intent",))
    for tenant, model in (parsed.model.tenants.known if parsed.model.tenants is not None else {}).items():
        _check_tenant(planned, parsed, model, ("tenants", "known", tenant))


def _check_tenant(planned: Planned, parsed: Parsed[Gateway], tenant: TenantConfig, at: Path) -> None:
    intents = planned.loaded.names("intent")
    for key, patterns in (("allow", tenant.intents.allow), ("deny", tenant.intents.deny)):
        for index, pattern in enumerate(patterns or ()):
            check_pattern(planned, parsed.document, pattern, (*at, "intents", key, index), known=intents)
    for key, what, sources in (("servers", "servers", tenant.servers), ("auth", "`auth`", tenant.auth)):
        for source in sources:
            _check_source(planned, parsed, source, what, (*at, key, source))


def _check_source(planned: Planned, parsed: Parsed[Gateway], source: str, what: str, path: Path) -> None:
    backend, known = planned.backends.get(source), planned.backends.names()
    if source not in known:
        planned.findings.unknown(parsed.document, "GW222", "source", source, known=known, path=path, key=True)
    elif backend is not None and not isinstance(backend.parsed.model, HttpSourceConfig):
        planned.findings.report(
            parsed.document, "GW233", f"source `{source}` has no {what}: it is of type `{backend.parsed.model.type}`", path, key=True,
            hint="take it out",
        )  # fmt: skip
