"""How a request's run begins, and how it ends without an answer: the same whether its steps run or their values were kept."""

from __future__ import annotations

from math import inf

from gateway.policies.levels import InForce
from gateway.runtime.denial import Denied
from gateway.runtime.frame import Frame, SubRun, reserve
from gateway.runtime.plan import IntentPlan
from gateway.runtime.trail import entry
from gateway.sdk import Answer, CallContext, Clock, Decision, Exchange, ExpressionFault, GatewayError, Status
from gateway.sdk.levels import NOTE as LEVEL


def first_frame(exchange: Exchange, clock: Clock, run_intent: SubRun) -> Frame:
    """The frame of a request. Its scope gets the roots `steps status meta`."""
    intent, scope, caller = exchange.chosen, exchange.scope, exchange.caller
    if not isinstance(intent, IntentPlan) or scope is None or caller is None:
        raise RuntimeError("the pipeline has chosen no intent, or does not know the caller")
    scope |= {"steps": {}, "status": {}, "meta": {}}
    deadline = exchange.deadline - reserve(exchange.deadline - exchange.started)
    frame = Frame(intent, scope, caller=caller, context=context_of(exchange), deadline=deadline, clock=clock, run_intent=run_intent)
    force: InForce | None = exchange.notes.get(LEVEL)
    if force is not None:
        frame.level = force.level
    return frame


def context_of(exchange: Exchange) -> CallContext:
    """What all backend calls of the request share."""
    scope, caller = exchange.scope, exchange.caller
    if scope is None or caller is None:
        raise RuntimeError("the pipeline does not know the caller")
    return CallContext(
        {root: scope[root] for root in ("user", "tenant", "ctx", "config")},
        (exchange.tenant.id, *caller.key),
        exchange.headers,
        exchange.traceparent,
        exchange.notes,
        patience=inf if exchange.chosen is None else exchange.chosen.deadline,
    )


def denied(exchange: Exchange, frame: Frame, reason: Denied) -> Answer:
    """A check said no. The rule behind it is noted as `denied_by`, and as the `decision`, for the records."""
    exchange.notes["denied_by"] = reason.place
    exchange.notes["decision"] = Decision(False, reason.place, reason.reason, "condition")
    return _unanswered(frame, "denied", reason.error, reason.step)


def failed(exchange: Exchange, frame: Frame, error: GatewayError, step: str | None) -> Answer:
    """A required step has no value, or an expression outside of the steps. For the operator it is noted where an expression failed: its
    file and line, its step, and its text (which an error's notes tell)."""
    if isinstance(error, ExpressionFault):
        where = f"{frame.intent.place} {f'step {step}' if step else 'outside of the steps'}"
        exchange.notes["fault"] = "; ".join([where, *getattr(error, "__notes__", ())])
    return _unanswered(frame, "failed", error, step)


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
