"""Running an intent: guards, steps, output, answer."""

from __future__ import annotations

from typing import Any

from gateway.runtime.calls import Turn, unfit
from gateway.runtime.checks import CALLER_ROOTS, admit, enforce
from gateway.runtime.denial import Denied
from gateway.runtime.endings import denied, failed, first_frame
from gateway.runtime.frame import Frame, SubResult
from gateway.runtime.keys import request_key
from gateway.runtime.level import level_within
from gateway.runtime.plan import IntentPlan
from gateway.runtime.recording import recording_of
from gateway.runtime.schedule import run_steps
from gateway.runtime.steps import StepFailed
from gateway.runtime.trail import verdict
from gateway.sdk import Answer, Clock, ErrorEntry, Exchange, GatewayError, InvalidRequest, Scope

DEEPEST = 8
"""How many sub-intents may stand inside each other."""


class Executor:
    """The innermost handler of the pipeline."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, exchange: Exchange) -> Answer:
        """Answers `complete`, `partial`, `degraded`, `failed` or `denied`; never raises a `GatewayError`."""
        frame = first_frame(exchange, self._clock, run_sub_intent)
        recording = recording_of(exchange)
        if recording is not None:
            recording.begin(frame)
        try:
            frame.key = request_key(frame.intent, exchange.idempotency_key, frame.context, frame.scope)
            data = await _run(frame)
        except Denied as reason:
            return denied(exchange, frame, reason)
        except StepFailed as end:
            return failed(exchange, frame, end.error, end.step)
        except GatewayError as error:
            return failed(exchange, frame, error, None)
        status, level = verdict(frame.trails.values())
        return Answer(
            status=status,
            level=level,
            intent=frame.intent.name,
            version=frame.intent.version,
            data=data,
            errors=_errors(frame),
            steps=frame.reports,
        )


async def run_sub_intent(turn: Turn, intent: IntentPlan, arguments: dict[str, Any], deadline: float, key: str | None) -> SubResult:
    """Runs `intent` for a step, as its caller: the sub-intent's access, guard, ensure and input rules apply, and its own idempotency key
    where the caller has none.

    Raises `Denied` as it is, and a failure of the sub-intent as the `GatewayError` that it failed with.
    """
    parent = turn.frame
    if parent.depth >= DEEPEST:
        raise RuntimeError("sub-intents stand too deep in each other; the planner lets no cycle through")
    scope: Scope = {root: parent.scope[root] for root in CALLER_ROOTS if root in parent.scope}
    admit(intent, parent.caller, scope)
    level = level_within(parent.level, turn.step, parent.context, intent)
    try:
        scope |= {"input": intent.accept(arguments, from_text=False), "steps": {}, "status": {}, "meta": {}}
    except InvalidRequest as error:
        raise unfit(error, arguments) from None
    frame = Frame(
        intent,
        scope,
        caller=parent.caller,
        context=parent.context,
        deadline=min(deadline, parent.deadline),
        clock=parent.clock,
        run_intent=parent.run_intent,
    )
    frame.key = request_key(intent, None, parent.context, scope) if key is None else key
    frame.depth = parent.depth + 1
    frame.level = level
    frame.writes, frame.used = parent.writes, parent.used
    if parent.evidence is not None:
        frame.evidence = parent.evidence.below(intent.name, turn.step.id, scope, checks=intent.checks)
    try:
        data = await _run(frame)
    except StepFailed as failed:
        raise failed.error from None
    status, level = verdict(frame.trails.values())
    unpassed = next(iter(frame.unpassed.values()), None)
    return SubResult(
        data, _errors(frame), static=status == "degraded", stale=level == "reduced" and status == "complete", unpassed=unpassed
    )


async def _run(frame: Frame) -> Any:
    enforce(frame.intent.guards, frame.scope)
    await run_steps(frame)
    return None if frame.intent.output is None else frame.intent.output(frame.scope)


def _errors(frame: Frame) -> list[ErrorEntry]:
    return [error for position in sorted(frame.trails) for error in frame.trails[position].entries]
