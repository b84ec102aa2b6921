"""Names in policies, and names of policies in sources, held against what there is: in force or not, they have to be right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.config.document import Document
from gateway.config.loaded import Parsed
from gateway.config.models import (
    AuditPolicy,
    CircuitBreakersPolicy,
    FlagsPolicy,
    RateLimitsPolicy,
    Release,
    ReleasesPolicy,
    RolesPolicy,
)
from gateway.planner.planned import Planned
from gateway.planner.rules import tiers
from gateway.planner.rules.patterns import check_pattern, check_permission
from gateway.planner.rules.policies import breakers_used, of_kind
from gateway.sdk import Path


def check_names(planned: Planned) -> None:
    """GW227, GW501, GW503, GW504, GW510, GW511, GW512 and GW513."""
    _check_breakers(planned)
    _check_tiers(planned)
    _check_releases(planned)
    _check_flags(planned)
    _check_roles(planned)
    _check_audit(planned)


def tenant_names(planned: Planned) -> frozenset[str] | None:
    """The names of all tenants, None where gateway.yaml is broken."""
    return None if planned.loaded.gateway is None else planned.tenants


def _is_broken(planned: Planned, kind: str) -> bool:
    return ("policy", kind) in planned.loaded.broken


def _check_breakers(planned: Planned) -> None:
    if _is_broken(planned, "circuit_breakers"):
        return
    known = {name for policy in of_kind(planned.loaded, CircuitBreakersPolicy) for name in policy.model.circuit_breakers}
    for document, path, name in breakers_used(planned):
        if name not in known:
            planned.findings.unknown(document, "GW510", "circuit breaker", name, known=known, path=path)


def _check_tiers(planned: Planned) -> None:
    policies = list(of_kind(planned.loaded, RateLimitsPolicy))
    if _is_broken(planned, "rate_limits"):
        return
    known = tiers.declared(policies)
    telling = [policy for policy in policies if "tier" in policy.document.data] or policies[:1]
    for policy in telling:
        for name in sorted((tiers.given(policy.model.tier) or frozenset()) - known):
            _report_tier(planned, policy, name, known)
    gateway = planned.loaded.gateway
    tenants = gateway.model.tenants.known if gateway is not None and gateway.model.tenants is not None else {}
    for tenant, model in tenants.items():
        if gateway is not None and model.rate_limits is not None and model.rate_limits not in known:
            path: Path = ("tenants", "known", tenant, "rate_limits")
            planned.findings.unknown(gateway.document, "GW511", "tier", model.rate_limits, known=known, path=path)


def _report_tier(planned: Planned, policy: Parsed[RateLimitsPolicy], name: str, known: frozenset[str]) -> None:
    tier = policy.document.data.get("tier")
    if tier is None:
        planned.findings.report(
            policy.document, "GW511", f"there is no tier `{name}`, which everybody is in where `tier` is not written", ("rate_limits",),
            key=True, hint=f"add `{name}`, or write `tier`",
        )  # fmt: skip
        return
    start = tier.find(f"'{name}'") + 1
    place = policy.document.place_in_text(("tier",), start, start + len(name)) if start else None
    planned.findings.unknown(policy.document, "GW511", "tier", name, known=known, path=("tier",), place=place)


def _check_releases(planned: Planned) -> None:
    names = planned.loaded.names("intent")
    for policy in of_kind(planned.loaded, ReleasesPolicy):
        for name, release in policy.model.releases.items():
            if name not in names:
                planned.findings.unknown(policy.document, "GW227", "intent", name, known=names, path=("releases", name), key=True)
            elif ("intent", name) not in planned.loaded.broken:
                _check_versions(planned, policy.document, name, release)


def _check_versions(planned: Planned, document: Document, name: str, release: Release) -> None:
    known = [str(parsed.model.version) for parsed in planned.loaded.intents[name]]
    named: list[tuple[Path, int]] = [(("releases", name, "stable"), release.stable)]
    if release.canary is not None:
        named.append((("releases", name, "canary", "version"), release.canary.version))
    for path, version in named:
        if str(version) not in known:
            planned.findings.report(
                document, "GW512", f"there is no version {version} of intent `{name}`", path,
                hint=f"write one that is loaded: {', '.join(known)}",
            )  # fmt: skip


def _check_flags(planned: Planned) -> None:
    tenants = tenant_names(planned)
    for policy in of_kind(planned.loaded, FlagsPolicy):
        for name, flag in policy.model.flags.items():
            for index, rule in enumerate(flag.rules):
                at: Path = ("flags", name, "rules", index)
                _check_role_names(planned, policy.document, rule.roles or (), (*at, "roles"))
                for number, tenant in enumerate(rule.tenants or ()):
                    if tenants is not None and tenant not in tenants:
                        path = (*at, "tenants", number)
                        planned.findings.unknown(policy.document, "GW513", "tenant", tenant, known=tenants, path=path)


def _check_roles(planned: Planned) -> None:
    """`assign` and `rules`; what roles allow and inherit is looked at where they are planned."""
    for policy in of_kind(planned.loaded, RolesPolicy):
        for index, assignment in enumerate(policy.model.assign):
            _check_role_names(planned, policy.document, assignment.roles, ("assign", index, "roles"))
        for index, rule in enumerate(policy.model.rules):
            _check_role_names(planned, policy.document, rule.roles or (), ("rules", index, "roles"))
            for key, patterns in (("allow", rule.allow), ("deny", rule.deny)):
                for number, pattern in enumerate(patterns or ()):
                    check_permission(planned, policy.document, pattern, ("rules", index, key, number))


def _check_role_names(planned: Planned, document: Document, names: Sequence[str], path: Path) -> None:
    for index, role in enumerate(names):
        if not planned.roles.known(role):
            planned.findings.unknown(document, "GW501", "role", role, known=planned.roles.names(), path=(*path, index))


def _check_audit(planned: Planned) -> None:
    intents = planned.loaded.names("intent")
    for policy in of_kind(planned.loaded, AuditPolicy):
        written = policy.model.record.intents
        at: Path = ("record", "intents")
        named: Iterable[tuple[Path, str]] = (
            [(at, written)] if isinstance(written, str) else [((*at, i), name) for i, name in enumerate(written)]
        )
        for path, pattern in named:
            check_pattern(planned, policy.document, pattern, path, known=intents)
