"""The lines of policies, and of the intent itself, that hold for every call of an intent."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.config.document import Document
from gateway.config.loaded import Parsed
from gateway.config.models import CircuitBreakersPolicy, Intent
from gateway.planner.explain.account import Line
from gateway.planner.explain.levels import levels
from gateway.planner.explain.lines import Lines, spot, written
from gateway.planner.idempotency import is_repeatable
from gateway.planner.planned import Planned
from gateway.runtime.once import RETENTION
from gateway.runtime.plan import IntentPlan

OF_INTENT = ("deadline", "soft_deadline", "priority", "mode", "idempotency_key", "limits", "confirm", "compensation")
"""Keys of an intent that say how it is run."""

EVERYWHERE = ("rate_limits", "masking", "audit", "degradation", "retention")
"""Kinds of policy that hold for all intents."""

OF_LIMITS = ("tier", "key", "cost", "when_store_fails", "mode")
"""Keys of policy `rate_limits` that say whom its limits are for."""


def policies(planned: Planned, intent: Parsed[Intent], lines: Lines) -> Iterator[Line]:
    """In the order of the documents; roles, guards and sources are told of elsewhere."""
    for name in OF_INTENT:
        if (line := lines.key(intent.document, (name,))) is not None:
            yield line
    yield from _records(planned, planned.intents.get(intent.model.intent))
    if "deadline" not in intent.document.data:
        yield Line(f"deadline {intent.model.deadline:g}s, by default", None)
    for policy in planned.loaded.policies:
        if policy.name in EVERYWHERE:
            yield lines.at(policy.document, ("policy",), f"policy {policy.name}")
        if policy.name == "rate_limits":
            yield from _limits(policy.document, lines)
        if policy.name == "degradation":
            yield from levels(policy.document, planned.intents.get(intent.model.intent), lines)
        release = written(policy.document, ("releases", intent.name))
        if policy.name == "releases" and release is not None:
            yield lines.at(policy.document, ("releases", intent.name), f"release {release}")


def _records(planned: Planned, plan: IntentPlan | None) -> Iterator[Line]:
    """What is recorded of requests with an idempotency key, and what becomes of those that were cut off."""
    if plan is not None and plan.writes and not plan.access.internal:
        again = "is sent again with the same keys" if is_repeatable(planned, plan) else "is not done again"
        kept = f"idempotency records for {RETENTION / 3600:g}h; a keyed request whose outcome is not known {again}"
        yield Line(kept, None)


def _limits(document: Document, lines: Lines) -> Iterator[Line]:
    """Each tier and quota, then what says who is in which and who shares it."""
    for kind, key in (("limit", "rate_limits"), ("quota", "quotas")):
        for name in document.data.get(key) or ():
            yield lines.at(document, (key, name), f"{kind} {name} {written(document, (key, name))}")
    for key in OF_LIMITS:
        if (line := lines.key(document, (key,))) is not None:
            yield line


def breaker_place(planned: Planned, name: str) -> str | None:
    """Where the circuit breaker of that name is declared."""
    for policy in planned.loaded.policies:
        if isinstance(policy.model, CircuitBreakersPolicy) and name in policy.model.circuit_breakers:
            return spot(policy.document.place(("circuit_breakers", name), key=True))
    return None
