"""Giving a run's answer again: every guard and every ensure is asked anew, with who is asking now (language §4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from gateway.runtime.checks import CALLER_ROOTS, admit, enforce
from gateway.runtime.denial import Denied
from gateway.runtime.endings import denied, failed
from gateway.runtime.evidence import Evidence
from gateway.runtime.frame import Frame
from gateway.runtime.plan import CallIntent, Check, IntentPlan
from gateway.runtime.recording import Run
from gateway.runtime.steps import told
from gateway.sdk import Answer, Exchange, GatewayError, StepReport


class Barriers(msgspec.Struct, frozen=True):
    """The checks of one intent, those of its steps by their id."""

    intent: IntentPlan
    ensures: Mapping[str, tuple[Check, ...]]


def barriers_of(intent: IntentPlan) -> dict[str, Barriers]:
    """Those of an intent and of every sub-intent that it may ask, by name."""
    found: dict[str, Barriers] = {}
    waiting = [intent]
    while waiting:
        each = waiting.pop()
        if each.name not in found:
            found[each.name] = Barriers(each, {step.id: step.ensures for step in each.steps})
            calls = (call for step in each.steps for call in (step.action, *(rung.call for rung in step.ladder)))
            waiting += [call.intent for call in calls if isinstance(call, CallIntent)]
    return found


def known(barriers: Mapping[str, Barriers], evidence: Evidence) -> bool:
    """Whether evidence that came from elsewhere is about these intents and their steps."""
    own = barriers.get(evidence.intent)
    if own is None or not all(own.ensures.get(look.step) for look in evidence.looks):
        return False
    return all(inner.step in own.ensures and known(barriers, inner) for inner in evidence.inner)


def as_kept(run: Run, *, stale: bool) -> Run:
    """The same run as it is told of when its answer was kept: nothing was asked for it."""
    reports = {name: _kept_report(report, stale=stale) for name, report in run.reports.items()}
    return msgspec.structs.replace(run, reports=reports, level="reduced" if stale else run.level)


def as_waited_for(run: Run) -> Run:
    """The same run as it is told of to those who waited for it: what it asked is told of once."""
    reports = {name: msgspec.structs.replace(report, attempts=0, hedges=0) for name, report in run.reports.items()}
    return msgspec.structs.replace(run, reports=reports)


def replay(exchange: Exchange, frame: Frame, run: Run, barriers: Mapping[str, Barriers], error: GatewayError | None = None) -> Answer:
    """The answer of `run` for the caller of `exchange`, whose `frame` has run nothing. `error` is what the run failed with.

    A check that doesn't hold any more denies, exactly as it would have denied a run of its own. Sets the roots `steps status meta`.
    """
    try:
        enforce(frame.intent.guards, frame.scope)
        _restore(frame, run)
        _hold(barriers, frame.scope, run.evidence, frame)
    except Denied as reason:
        frame.reports = dict(_denied_reports(frame, reason))
        return denied(exchange, frame, reason)
    if error is not None:
        return failed(exchange, frame, error, run.step)
    return Answer(
        status=run.status,
        level=run.level,
        intent=frame.intent.name,
        version=frame.intent.version,
        data=run.data,
        errors=list(run.errors),
        steps=frame.reports,
    )


def _restore(frame: Frame, run: Run) -> None:
    frame.reports = {name: msgspec.structs.replace(report) for name, report in run.reports.items()}
    frame.scope |= {
        "steps": run.evidence.steps,
        "status": {name: report.status for name, report in run.reports.items()},
        "meta": {name: told(report) for name, report in run.reports.items()},
    }


def _hold(barriers: Mapping[str, Barriers], scope: dict[str, Any], evidence: Evidence, frame: Frame) -> None:
    """Raises `Denied`, at the step of this very intent that led to it."""
    own = barriers[evidence.intent]
    for look in evidence.looks:
        enforce(own.ensures[look.step], {**scope, **look.names}, look.step)
    for inner in evidence.inner:
        try:
            _hold_inner(barriers, inner, frame)
        except Denied as reason:
            reason.step = inner.step
            raise


def _hold_inner(barriers: Mapping[str, Barriers], evidence: Evidence, frame: Frame) -> None:
    intent = barriers[evidence.intent].intent
    scope = {root: frame.scope[root] for root in CALLER_ROOTS if root in frame.scope}
    admit(intent, frame.caller, scope)
    scope |= {"input": evidence.input, "steps": {}, "status": {}, "meta": {}}
    enforce(intent.guards, scope)
    scope |= {"steps": evidence.steps, "status": evidence.status, "meta": evidence.meta}
    _hold(barriers, scope, evidence, frame)


def _denied_reports(frame: Frame, reason: Denied) -> Iterable[tuple[str, StepReport]]:
    """What a denial leaves behind is what an absent thing does."""
    for step in frame.intent.steps:
        if step.id == reason.step:
            attempts = 0 if step.operation is None else 1
            yield step.id, StepReport("failed", attempts=attempts, reason=reason.error.code, source=step.source, operation=step.operation)


def _kept_report(report: StepReport, *, stale: bool) -> StepReport:
    if report.status == "skipped":
        return report
    made = msgspec.structs.replace(report, ms=0.0, attempts=0, hedges=0, breaker=None, cached=True)
    if stale:
        made.stale = True
        made.status = "stale" if report.operation is not None else report.status
    return made
