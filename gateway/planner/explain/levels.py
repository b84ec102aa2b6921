"""What the levels of a policy `degradation` mean for one intent (`gateway.runtime.level`)."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.config.document import Document
from gateway.planner.explain.account import Line
from gateway.planner.explain.lines import Lines, written
from gateway.runtime.plan import CallIntent, CallOperation, IntentPlan, Rung, StepPlan
from gateway.sdk.levels import LEVELS


def levels(document: Document, plan: IntentPlan | None, lines: Lines) -> Iterator[Line]:
    """Each that is written, from the best to the worst: when it begins, and what it does."""
    for level in LEVELS[1:]:
        when = written(document, ("levels", level, "when"))
        if when is not None:
            told = "" if plan is None else _meaning(level, plan)
            yield lines.at(document, ("levels", level), f"level {level} when {when}{told}")


def _meaning(level: str, plan: IntentPlan) -> str:
    if level == "maintenance":
        return ""
    asking = [step for step in plan.steps if _asks(step.action)]
    if level == "reduced":
        left_out = [step.id for step in asking if not step.required and not step.writes]
        return f": leaves out {', '.join(left_out)}" if left_out else ": nothing is left out"
    failing = [step.id for step in asking if step.required and not _stands_in(step)]
    kept = [step.id for step in asking if step.required and _stands_in(step)]
    if failing:
        return f": fails at {', '.join(failing)}"
    return f": {', '.join(kept)} from what is kept or returned" if kept else ": answers without any backend"


def _asks(call: object) -> bool:
    """Whether a backend is asked, as far as a step tells; a sub-intent's steps are told of at that intent."""
    return isinstance(call, CallOperation) and not call.operation.local


def _stands_in(step: StepPlan) -> bool:
    """Whether there may be a value without its backend."""
    return any(_gives(rung) for rung in step.ladder) or any(
        isinstance(call, CallOperation) and call.operation.keeps for call in (step.action, *(rung.call for rung in step.ladder))
    )


def _gives(rung: Rung) -> bool:
    if isinstance(rung.call, CallIntent):
        return True
    return not _asks(rung.call) and rung.stale is None
