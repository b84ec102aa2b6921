"""Permissions that a denial always takes back: what they allow, they never allow anybody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from gateway.config.document import Document
from gateway.planner.access import form_of
from gateway.planner.access_rules import WrittenRule
from gateway.planner.planned import Planned
from gateway.planner.rules.patterns import NAMED
from gateway.sdk import Path


class _Permission(NamedTuple):
    """`pattern` is allowed to `roles`, None for everybody."""

    pattern: str
    roles: frozenset[str] | None
    document: Document
    path: Path


def check_denials(planned: Planned) -> None:
    """GW507. A denial on a condition takes nothing back for good; one of a source takes back what may call it."""
    denials = [rule for rule in planned.access.rules.all() if not rule.allows and not rule.conditional]
    if not denials or ("policy", "roles") in planned.loaded.broken:
        return
    for permission in _permissions(planned):
        if planned.findings.failed_in(permission.document):
            continue
        taken = [_taken(planned, target, permission.roles, denials) for target in _targets(planned, permission.pattern)]
        rules = [rule for rule in taken if rule is not None]
        if rules and len(rules) == len(taken):
            planned.findings.report(
                permission.document, "GW507", f"`{permission.pattern}` never allows anything: {rules[0].spot} always denies it",
                permission.path, hint="narrow the denial by `roles`, `when` or `unless`, or take this out", severity="warning",
            )  # fmt: skip


def _permissions(planned: Planned) -> Iterator[_Permission]:
    for grant in planned.roles.all_grants():
        yield _Permission(grant.pattern, frozenset({grant.role}), grant.document, grant.path)
    for rule in planned.access.rules.all():
        if rule.allows:
            for index, pattern in enumerate(rule.patterns):
                yield _Permission(pattern, rule.roles, rule.document, (*rule.path, "allow", index))
    for parsed, plan in planned.sound_intents():
        for index, role in enumerate(parsed.model.access.roles):
            yield _Permission(f"intent:{plan.name}", frozenset({role}), parsed.document, ("access", "roles", index))


def _targets(planned: Planned, pattern: str) -> list[str]:
    """What a pattern allows: the names that there are, else what is written."""
    kind, _, name = pattern.partition(":")
    if kind not in NAMED:
        return [pattern]
    form = form_of(name)
    return [f"{kind}:{known}" for known in sorted(planned.loaded.names(kind)) if form.fullmatch(known)]


def _taken(planned: Planned, target: str, roles: frozenset[str] | None, denials: Iterable[WrittenRule]) -> WrittenRule | None:
    """The denial that takes a target back from all of these roles. What inherits from a role is denied with it."""
    for rule in denials:
        covers = rule.roles is None or (roles is not None and roles <= rule.roles)
        if covers and any(rule.pattern_for(permission) is not None for permission in _permissions_of(planned, target)):
            return rule
    return None


def _permissions_of(planned: Planned, target: str) -> Iterator[str]:
    yield target
    plan = planned.intents.get(target.removeprefix("intent:"))
    if target.startswith("intent:") and plan is not None:
        yield from (f"source:{name}" for name in sorted(plan.sources))
