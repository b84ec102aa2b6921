"""An answer as the JSON of interfaces §1, or as the problem that it stands for."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from gateway.runtime.plan import Plan
from gateway.sdk import Answer, BadResponse, CircuitState, Decision, Exchange, Level, NotFound, Reply, Status, StepReport, StepStatus
from gateway.server.outgoing import Outgoing
from gateway.server.problems import Fault, faults, problem

TRACE = "trace"
"""The permission to see where an answer came from."""

UNWRITABLE = (TypeError, RecursionError, OverflowError, UnicodeEncodeError)
"""What the encoder raises for data that is no JSON, or nests too deeply."""


class StepMeta(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a caller sees of a step."""

    status: StepStatus
    rung: int | None = None
    reason: str | None = None
    items: list[dict[str, Any]] | None = None


class TracedStep(msgspec.Struct, frozen=True):
    """What a caller with the permission `trace` sees of a step."""

    status: StepStatus
    rung: int | None
    reason: str | None
    items: list[dict[str, Any]] | None
    source: str | None
    operation: str | None
    ms: float
    attempts: int
    cached: bool
    breaker: CircuitState | None = None
    hedges: int | UnsetType = UNSET
    stale: bool | UnsetType = UNSET


class Meta(msgspec.Struct, frozen=True):
    """About the request; `ms` and `deadline_ms` in milliseconds since it arrived. `decision` is for the permission `trace`: whether the
    caller may, and by which line."""

    request_id: str
    session: str | None
    ms: int
    deadline_ms: int
    config: str
    steps: dict[str, StepMeta | TracedStep]
    decision: dict[str, Any] | UnsetType = UNSET


class Body(msgspec.Struct, frozen=True):
    """The whole answer."""

    intent: str | None
    version: int | None
    status: Status
    level: Level
    data: Any
    reply: Reply | None
    errors: list[Fault]
    meta: Meta


_encode = msgspec.json.Encoder().encode


def http_status(answer: Answer) -> int:
    """200, or 202 for what goes on in the background. Denied and failed answers are problems."""
    return 202 if answer.status == "pending" else 200


def whole_answer(plan: Plan, exchange: Exchange, answer: Answer, now: float) -> Outgoing:
    """The response; `now` is on the clock's monotonic scale."""
    traced = exchange.caller is not None and plan.permitted(exchange.caller, TRACE, exchange.scope)
    errors = faults(answer.errors, traced=traced)
    told = _decision(exchange, answer) if traced else UNSET
    if answer.error is not None:
        return _problem(exchange, answer, errors, told)
    body = Body(
        intent=answer.intent,
        version=answer.version,
        status=answer.status,
        level=answer.level,
        data=answer.data,
        reply=answer.reply,
        errors=errors,
        meta=Meta(
            request_id=exchange.request_id,
            session=exchange.session,
            ms=round((now - exchange.started) * 1000),
            deadline_ms=max(0, round((exchange.deadline - exchange.started) * 1000)),
            config=plan.digest,
            steps={name: _traced(report) if traced else _told(report) for name, report in answer.steps.items()},
            decision=told,
        ),
    )
    return encoded(http_status(answer), body, exchange)


def _decision(exchange: Exchange, answer: Answer) -> dict[str, Any] | UnsetType:
    """By which line the caller may, or may not. What is not found shows none: who is denied it must not learn that it is there."""
    decision: Decision | None = exchange.notes.get("decision")
    return UNSET if decision is None or isinstance(answer.error, NotFound) else decision.told


def encoded(status: int, body: Any, exchange: Exchange, headers: tuple[tuple[bytes, bytes], ...] = ()) -> Outgoing:
    """A JSON response; data that can't be written as JSON is a `BadResponse`."""
    try:
        written = _encode(body)
    except UNWRITABLE:
        return problem(BadResponse("The answer can't be written as JSON."), exchange.request_id)
    return Outgoing(status, written, headers=(*headers, (b"x-request-id", exchange.request_id.encode())))


def _problem(exchange: Exchange, answer: Answer, errors: list[Fault], decision: dict[str, Any] | UnsetType) -> Outgoing:
    if answer.error is None:
        raise ValueError("only a denied or failed answer is a problem")
    try:
        return problem(answer.error, exchange.request_id, errors=errors, reply=answer.reply, decision=decision)
    except UNWRITABLE:
        return problem(answer.error, exchange.request_id, errors=errors, decision=decision)


def _told(report: StepReport) -> StepMeta:
    return StepMeta(report.status, report.rung, report.reason, report.items)


def _traced(report: StepReport) -> TracedStep:
    return TracedStep(
        status=report.status,
        rung=report.rung,
        reason=report.reason,
        items=report.items,
        source=report.source,
        operation=report.operation,
        ms=round(report.ms, 3),
        attempts=report.attempts,
        cached=report.cached,
        breaker=report.breaker,
        hedges=report.hedges or UNSET,
        stale=report.stale or UNSET,
    )
