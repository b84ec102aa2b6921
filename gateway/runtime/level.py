"""What the level that a request is served at means for the calls of its steps (`gateway.sdk.levels`).

    reduced   a read that isn't `required` is not sent: what is kept, or a rung of its ladder, stands in, else it counts as missing.
              All other reads are given what is kept in place of a failure (`stale_if_error`, a `stale` rung) without asking first; where
              nothing is kept they are sent as ever. So are writes.
    static    nothing is sent. Reads are given what is kept, else their ladders climb, with `error.code` being `unavailable`; writes fail.

Sources of type `static` always answer. A sub-intent runs at its caller's level, at `static` where its step may send nothing, or at a worse
one that is set for it. `guard`, `ensure` and masks are as ever.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.expressions import is_true
from gateway.policies.levels import InForce
from gateway.runtime.plan import IntentPlan, Rung, StepPlan
from gateway.sdk import CallContext, GatewayError, Level, Scope, Unavailable
from gateway.sdk.levels import NOTE, worst

NOT_SENT = "degraded"
"""The `detail_code` of what was not sent because of a level."""


def level_of(context: CallContext, intent: IntentPlan) -> Level:
    """At which level an intent's steps run. Raises `Maintenance` where they must not."""
    force: InForce | None = context.notes.get(NOTE)
    if force is None:
        return "full"
    level = force.within(intent.name).level
    if level == "maintenance":
        raise force.levels.refusal(force.tenant, intent.name)
    return level


def level_within(level: Level, step: StepPlan, context: CallContext, intent: IntentPlan) -> Level:
    """At which level a sub-intent runs for a step of a run at `level`. Raises `Maintenance` where it must not."""
    return worst("static" if is_silent(level, step) else level, level_of(context, intent))


def is_silent(level: Level, step: StepPlan) -> bool:
    """Whether nothing may be sent for a step. Writes are somebody's wish, and are left out of no answer while they can be made."""
    return level == "static" or (level == "reduced" and not step.required and not step.writes)


def stale_ages(step: StepPlan, scope: Scope) -> Iterator[float]:
    """How old what is kept may be, in seconds, by the rungs `stale` of a step's ladder that apply where a backend is unavailable."""
    roots = {**scope, "error": not_sent().root(step.id)}
    for rung in step.ladder:
        if rung.stale is not None and _applies(rung, roots):
            yield rung.stale


def not_sent() -> Unavailable:
    """What a step fails with that may send nothing."""
    return Unavailable("This is left out at the moment.", detail_code=NOT_SENT)


def _applies(rung: Rung, roots: Scope) -> bool:
    try:
        return rung.when is None or is_true(rung.when(roots))
    except GatewayError:
        return False
