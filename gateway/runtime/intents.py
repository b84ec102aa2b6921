"""Running an intent: guards, steps, output, answer."""

from __future__ import annotations

from typing import Any

from gateway.runtime.calls import unfit
from gateway.runtime.checks import enforce
from gateway.runtime.denial import Denied
from gateway.runtime.frame import Frame, SubResult, reserve
from gateway.runtime.keys import request_key
from gateway.runtime.plan import IntentPlan
from gateway.runtime.schedule import run_steps
from gateway.runtime.steps import StepFailed
from gateway.runtime.trail import entry, verdict
from gateway.sdk import (
    Answer,
    CallContext,
    Clock,
    Decision,
    ErrorEntry,
    Exchange,
    ExpressionFault,
    GatewayError,
    InvalidRequest,
    Scope,
    Status,
)

DEEPEST = 8
"""How many sub-intents may stand inside each other."""

CALLER_ROOTS = ("user", "tenant", "ctx", "config", "session", "flags")


class Executor:
    """The innermost handler of the pipeline. The rule behind a denial is noted as `denied_by`, and as the `decision`, for the records."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, exchange: Exchange) -> Answer:
        """Answers `complete`, `partial`, `degraded`, `failed` or `denied`; never raises a `GatewayError`."""
        frame = self._frame(exchange)
        try:
            frame.key = request_key(frame.intent, exchange.idempotency_key, frame.context, frame.scope)
            data = await _run(frame)
        except Denied as denied:
            exchange.notes["denied_by"] = denied.place
            exchange.notes["decision"] = Decision(False, denied.place, denied.reason, "condition")
            return _unanswered(frame, "denied", denied.error, denied.step)
        except StepFailed as failed:
            _note_fault(exchange, frame, failed.error, failed.step)
            return _unanswered(frame, "failed", failed.error, failed.step)
        except GatewayError as error:
            _note_fault(exchange, frame, error, None)
            return _unanswered(frame, "failed", error, None)
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

    def _frame(self, exchange: Exchange) -> Frame:
        intent, scope, caller = exchange.chosen, exchange.scope, exchange.caller
        if not isinstance(intent, IntentPlan) or scope is None or caller is None:
            raise RuntimeError("the pipeline has chosen no intent, or does not know the caller")
        scope |= {"steps": {}, "status": {}, "meta": {}}
        context = CallContext(
            {root: scope[root] for root in ("user", "tenant", "ctx", "config")},
            (exchange.tenant.id, *caller.key),
            exchange.headers,
            exchange.traceparent,
            exchange.notes,
        )
        deadline = exchange.deadline - reserve(exchange.deadline - exchange.started)
        return Frame(intent, scope, caller=caller, context=context, deadline=deadline, clock=self._clock, run_intent=run_sub_intent)


async def run_sub_intent(parent: Frame, intent: IntentPlan, arguments: dict[str, Any], deadline: float, key: str | None) -> SubResult:
    """Runs `intent` as the caller of `parent`: its access, guard, ensure and input rules apply.

    Raises `Denied` as it is, and a failure of the sub-intent as the `GatewayError` that it failed with.
    """
    if parent.depth >= DEEPEST:
        raise RuntimeError("sub-intents stand too deep in each other; the planner lets no cycle through")
    scope: Scope = {root: parent.scope[root] for root in CALLER_ROOTS if root in parent.scope}
    decision = intent.access.decide(parent.caller, scope)
    if not decision.allowed:
        reason = f"intent {intent.name}: {decision.reason}"
        raise Denied(decision.error(parent.caller), decision.rule or intent.place, reason=reason)
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
    frame.key, frame.depth = key, parent.depth + 1
    frame.writes = parent.writes
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


def _note_fault(exchange: Exchange, frame: Frame, error: GatewayError, step: str | None) -> None:
    """Where an expression failed, for the operator: its file and line, its step, and its text (which an error's notes tell)."""
    if isinstance(error, ExpressionFault):
        where = f"{frame.intent.place} {f'step {step}' if step else 'outside of the steps'}"
        exchange.notes["fault"] = "; ".join([where, *getattr(error, "__notes__", ())])


def _unanswered(frame: Frame, status: Status, error: GatewayError, step: str | None) -> Answer:
    # Entries of other steps stay out: a denied answer must not tell what the steps beside it met.
    return Answer(
        status=status,
        level="reduced",
        intent=frame.intent.name,
        version=frame.intent.version,
        errors=[entry(error, step, source=frame.reports[step].source if step in frame.reports else None)],
        steps=frame.reports,
        error=error,
    )
