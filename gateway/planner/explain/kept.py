"""What is kept of an intent's answers, for whom, and what makes two requests different."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.planner.explain.account import KeptAccount
from gateway.planner.explain.calls import dotted
from gateway.planner.explain.lines import Lines
from gateway.planner.owners import Owners, Scope
from gateway.planner.planned import Planned
from gateway.planner.recalls import operations, read, scope_of
from gateway.runtime.plan import IntentPlan

WHOSE: dict[Scope, tuple[str, ...]] = {"user": ("the tenant", "the caller"), "tenant": ("the tenant",), "public": ()}
"""What a key holds of who is asking, by the scope in force."""


def kept(planned: Planned, plan: IntentPlan, lines: Lines) -> KeptAccount | None:
    """The account of an intent's own cache; None where it has none."""
    parsed = planned.loaded.intents[plan.name][-1]
    line = lines.key(parsed.document, ("cache",))
    config = parsed.model.cache
    if config is None or line is None:
        return None
    scope = scope_of(Owners(planned), plan, config.scope)
    return KeptAccount(line, scope, tuple(_key(planned, plan, scope)))


def _key(planned: Planned, plan: IntentPlan, scope: Scope) -> Iterator[str]:
    yield "the intent and its version"
    yield from WHOSE[scope]
    yield "the whole input"
    yield from (str(member.source) for member in plan.cache_key)
    found = read(plan, tuple(operations(planned, plan)))
    yield from sorted(map(dotted, found.identity))
    yield from sorted({f"header {name.lower()}" for name in found.forwards})
