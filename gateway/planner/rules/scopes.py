"""A cache's `scope` against what its answers depend on."""

from __future__ import annotations

from gateway.config.loaded import Parsed
from gateway.config.models import Intent
from gateway.planner.owners import PUBLIC, WIDTH, Bound, Owners
from gateway.planner.planned import Planned
from gateway.runtime.plan import IntentPlan
from gateway.sdk import Path
from gateway.sdk.source_config import Cache


def check_scopes(planned: Planned) -> None:
    """GW530 of operations, steps and intents. A scope that nobody wrote follows by itself."""
    owners = Owners(planned)
    for backend in planned.backends.all():
        if not planned.findings.failed_in(backend.parsed.document):
            for name, config in backend.configs.items():
                if config.cache is not None and config.cache.scope is not None and backend.operation(name) is not None:
                    _check(planned, backend.parsed, config.cache, owners.of_operation(backend, name), ("operations", name, "cache"))
    for parsed, plan in planned.sound_intents():
        _check(planned, parsed, parsed.model.cache, owners.of_intent(plan) if parsed.model.cache else PUBLIC, ("cache",))
        _check_steps(planned, parsed, plan, owners)


def _check_steps(planned: Planned, parsed: Parsed[Intent], plan: IntentPlan, owners: Owners) -> None:
    for step in plan.steps:
        cache = parsed.model.steps[step.id].cache
        if cache is None:
            continue
        _check(planned, parsed, cache, owners.of_call(step.action), ("steps", step.id, "cache"))


def _check(planned: Planned, parsed: Parsed[object], cache: Cache | None, bound: Bound, path: Path) -> None:
    if cache is None or cache.scope is None or WIDTH[cache.scope] <= WIDTH[bound.scope]:
        return
    planned.findings.report(
        parsed.document, "GW530", f"`{cache.scope}` is too wide: {bound.why}", (*path, "scope"),
        hint=f"write `scope: {bound.scope}`, or leave it out", fix=bound.scope,
    )  # fmt: skip
