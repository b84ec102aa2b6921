"""One step of a run: whether it runs, what it gives, what is reported of it."""

from __future__ import annotations

from typing import Any

from gateway.expressions import is_true
from gateway.runtime.calls import NothingToAsk, Turn
from gateway.runtime.checks import enforce
from gateway.runtime.denial import Denied
from gateway.runtime.frame import Frame
from gateway.runtime.items import obtain_each
from gateway.runtime.join import join
from gateway.runtime.ladder import obtain, shape
from gateway.runtime.plan import Join, Let, StepPlan
from gateway.runtime.trail import Trail
from gateway.sdk import GatewayError, NotFound, Scope, StepReport


class StepFailed(Exception):
    """A required step has no value: the run ends."""

    def __init__(self, error: GatewayError, step: str) -> None:
        super().__init__(step)
        self.error = error
        self.step = step


async def run_step(frame: Frame, position: int) -> None:
    """Runs one step and records its value, status and report. Raises `StepFailed` or `Denied`."""
    step = frame.intent.steps[position]
    trail = frame.trails[position] = _trail(step)
    started = frame.clock.monotonic()
    report = StepReport()
    value: Any = None
    try:
        _heed_barriers(frame, step)
        if step.when is not None and not is_true(step.when(frame.scope)):
            report.reason = "when"
        else:
            value = await _value(frame, step, trail)
            report.status = trail.status()
    except NothingToAsk as absent:
        report.reason = f"no value for {absent.argument}"
    except GatewayError as error:
        report.status, report.reason = "failed", error.code
        trail.discard()
        if _hides(step, error):
            error, trail = NotFound(status_code=404), _as_one_that_failed(step)
        _lose(step, trail, error)
    except Denied as denied:
        report.status, report.reason = "failed", denied.error.code
        denied.step = step.id
        trail = _as_one_that_failed(step)
        raise
    finally:
        if trail.unpassed is not None:
            frame.unpassed[position] = trail.unpassed
        report.ms = round((frame.clock.monotonic() - started) * 1000, 3)
        _publish(frame, step, trail, report, value)


def _trail(step: StepPlan) -> Trail:
    return Trail(step.id, step.source, step.operation)


def _as_one_that_failed(step: StepPlan) -> Trail:
    """What a denial leaves behind is what an absent thing does."""
    trail = _trail(step)
    trail.attempts = 0 if step.operation is None else 1
    return trail


async def _value(frame: Frame, step: StepPlan, trail: Trail) -> Any:
    action = step.action
    scope = frame.scope
    if isinstance(action, Let | Join):
        value = _let(action, scope) if isinstance(action, Let) else join(action, scope)
        if step.ensures:
            enforce(step.ensures, {**scope, "result": value}, step.id)
            if frame.evidence is not None:
                frame.evidence.looked(step.id, {"result": value})
        return shape(step.output, step.transforms, scope, value)
    turn = Turn(frame, step, scope, trail)
    return await (obtain(turn, action) if step.foreach is None else obtain_each(turn, step.foreach, action))


def _let(action: Let, scope: Scope) -> dict[str, Any]:
    return {name: template(scope) for name, template in action.members}


def _heed_barriers(frame: Frame, step: StepPlan) -> None:
    """A write whose barrier could not be looked at doesn't go out: the error that kept it from being looked at stands."""
    for barrier in step.barriers:
        error = frame.unpassed.get(barrier)
        if error is not None:
            raise error


def _hides(step: StepPlan, error: GatewayError) -> bool:
    """Whether an absent thing must say no more than a denial does, since denials are to look like one."""
    return isinstance(error, NotFound) and any(check.deny is NotFound for check in step.ensures)


def _lose(step: StepPlan, trail: Trail, error: GatewayError) -> None:
    if step.checks:
        trail.left_unchecked(error)
    if step.required:
        raise StepFailed(error, step.id) from None
    trail.missed(error)


def _publish(frame: Frame, step: StepPlan, trail: Trail, report: StepReport, value: Any) -> None:
    report.rung = trail.rung
    report.cached = trail.cached
    report.stale = trail.stale
    report.attempts = trail.attempts
    report.hedges = trail.hedges
    report.breaker = trail.breaker
    report.source, report.operation = trail.source, trail.operation
    report.items = trail.items
    scope = frame.scope
    frame.reports[step.id] = report
    frame.values[step.id] = value
    scope["status"][step.id] = report.status
    scope["meta"][step.id] = told(report)


def told(report: StepReport) -> dict[str, Any]:
    """What expressions see of a step as `meta.<step>`."""
    return {
        "rung": report.rung,
        "ms": report.ms,
        "cached": report.cached,
        "attempts": report.attempts,
        "reason": report.reason,
        "items": report.items,
    }
