"""Intents that write, as far as idempotency records are concerned: what may be done again, and what a record is good for."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from gateway.config.models.policies import MaskingPolicy
from gateway.planner.planned import Planned
from gateway.planner.recalls import involved_in, within
from gateway.runtime.once import OncePlan, Revision
from gateway.runtime.plan import CallIntent, CallOperation, IntentPlan, StepPlan
from gateway.runtime.replay import barriers_of
from gateway.sdk import Compiled
from gateway.sdk.sharing import canonical

WHERE = frozenset({"servers", "url", "auth", "healthcheck", "timeout", "concurrency"})
"""Keys of a source that say where it is and how it is reached, and nothing of what it answers."""


def plan_once(planned: Planned) -> dict[str, OncePlan]:
    """Those that can be asked for, by name."""
    return {
        name: OncePlan(
            intent=plan,
            barriers=barriers_of(plan),
            revision=_revision(planned, plan),
            repeatable=is_repeatable(planned, plan),
            involved=involved_in(planned, plan),
        )
        for name, plan in planned.intents.items()
        if plan.writes and not plan.access.internal
    }


def is_repeatable(planned: Planned, plan: IntentPlan) -> bool:
    """Whether carrying it out again does nothing twice.

    Each write must go out with a key that its backend heeds, and which writes are sent must depend on the input alone: a condition or
    a list that is read anew, or a rung that writes, could have another write sent than before.
    """
    return all(_is_safe(planned, step, own=intent is plan) for intent in within(plan) for step in intent.steps if step.writes)


def _is_safe(planned: Planned, step: StepPlan, *, own: bool) -> bool:
    if any(_writes(rung.call) for rung in step.ladder):
        return False
    if isinstance(step.action, CallOperation) and not heeds_keys(planned, step.action):
        return False
    deciding = [step.when, step.foreach.items if step.foreach is not None else None]
    return all(each is None or (own and _is_of_input(each)) for each in deciding)


def _writes(call: CallOperation | CallIntent | None) -> bool:
    if isinstance(call, CallIntent):
        return call.intent.writes
    return call is not None and call.operation.effect == "write"


def heeds_keys(planned: Planned, call: CallOperation) -> bool:
    """Whether the operation's `idempotency` says how it is told the key."""
    backend = planned.backends.get(call.operation.source)
    return backend is not None and backend.config(call.operation.name).idempotency is not None


def _is_of_input(expression: Compiled) -> bool:
    return all(reference[0] == "input" for reference in expression.references)


def _revision(planned: Planned, plan: IntentPlan) -> Revision:
    """By the intent's documents, those of what it calls, and masks."""
    loaded = planned.loaded
    intents = [loaded.intents[name][-1].document.data for name in sorted(intent.name for intent in within(plan))]
    sources = [loaded.sources[name].document.data for name in sorted(plan.sources) if name in loaded.sources]
    masks = [policy.document.data for policy in loaded.policies if isinstance(policy.model, MaskingPolicy)]
    answering = [{name: value for name, value in source.items() if name not in WHERE} for source in sources]
    return Revision(answers=_digest([intents, answering, masks]), calls=_digest([intents, sources]))


def _digest(data: Any) -> str:
    return sha256(canonical(_plain(data))).hexdigest()


def _plain(data: Any) -> Any:
    """What can be written whatever stands there."""
    if isinstance(data, dict):
        return [[str(key), _plain(value)] for key, value in data.items()]
    return [_plain(value) for value in data] if isinstance(data, list) else repr(data)
