"""Audit records, planned: the store that `stores.records` names, and what policy `audit` has recorded in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import msgspec

from gateway.config.loaded import Parsed
from gateway.config.models import AuditPolicy, Gateway
from gateway.config.suggest import closest
from gateway.expressions import Shape
from gateway.planner.compiler import Compiler
from gateway.planner.findings import Findings
from gateway.planner.services import ComponentServices, Surroundings
from gateway.policies.audit_fields import BY_DEFAULT, KEPT_OUT, USER, known_fields
from gateway.policies.audit_writer import AuditWriter
from gateway.policies.auditor import Auditor, AuditSettings
from gateway.sdk import Component, Duration, Path, RecordStore

AT: Path = ("stores", "records")
EVERYTHING = "*"


def record_store(
    parsed: Parsed[Gateway], components: Mapping[tuple[str, str], Component], compiler: Compiler, surroundings: Surroundings
) -> RecordStore | None:
    """The store; nothing is connected or made yet. None where its URL can't be used, which is reported without showing it."""
    url = parsed.model.stores.records
    services = ComponentServices("records", surroundings, compiler, AT)
    kinds = [name for kind, name in components if kind == "store"]
    scheme, colon, _ = url.partition("://")
    if not colon or scheme not in kinds:
        near = closest(scheme, kinds) if colon else None
        hint = f"did you mean `{near}://…`?" if near else f"write {' or '.join(f'`{name}://…`' for name in sorted(kinds))}"
        services.problem("GW252", "this is no kind of store for records", path=(), hint=hint)
        return None
    component = components["store", scheme]
    if component.build is None:
        return None
    return cast("RecordStore | None", component.build(component.Config(url=url), services))


def plan_audit(
    policies: Sequence[Parsed[AuditPolicy]], intents: Iterable[str], user: Shape, *,
    store: RecordStore | None, compiler: Compiler, surroundings: Surroundings,
) -> Auditor | None:  # fmt: skip
    """What records requests; None without a policy `audit`, and without a store."""
    for policy in policies:
        _check_fields(policy, user, compiler.findings)
    if not policies or store is None:
        return None
    settings = _settings(policies, intents)
    services = ComponentServices("audit", surroundings, compiler)
    writer = AuditWriter(store, services.clock, services.metrics, services.logger, retention=settings.retention)
    services.at_start(writer.start)
    services.at_close(writer.close)
    return Auditor(settings, writer, services.clock)


def _settings(policies: Sequence[Parsed[AuditPolicy]], intents: Iterable[str]) -> AuditSettings:
    record = _written(policies, "record", "intents", "decisions", "fields")
    policy = _written(policies, None, "retention", "when_sink_fails")
    patterns = record.get("intents", EVERYTHING)
    patterns = [patterns] if isinstance(patterns, str) else patterns
    retention: Duration | None = policy.get("retention")
    return AuditSettings(
        intents=frozenset(name for name in intents if any(_form(pattern).fullmatch(name) for pattern in patterns)),
        everything=EVERYTHING in patterns,
        decisions=record.get("decisions", "all"),
        fields=tuple(dict.fromkeys(record.get("fields", BY_DEFAULT))),
        required=policy.get("when_sink_fails", "deny") == "deny",
        retention=None if retention is None else float(retention),
    )


def _written(policies: Iterable[Parsed[AuditPolicy]], below: str | None, *names: str) -> dict[str, Any]:
    """The keys that the documents of the policy write; the loader lets no two write one."""
    found: dict[str, Any] = {}
    for policy in policies:
        model: msgspec.Struct = policy.model if below is None else getattr(policy.model, below)
        data = policy.document.data if below is None else policy.document.data[below]
        found |= {name: getattr(model, name) for name in names if name in data}
    return found


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))))


def _check_fields(policy: Parsed[AuditPolicy], user: Shape, findings: Findings) -> None:
    """GW505. Where plugins may add to `user`, every name of its may be there."""
    known = known_fields(user.names)
    for index, name in enumerate(policy.model.record.fields or ()):
        if name not in known and not (user.open and name.startswith(USER) and name.removeprefix(USER) not in KEPT_OUT):
            findings.unknown(policy.document, "GW505", "field of audit records", name, known=known, path=("record", "fields", index))
