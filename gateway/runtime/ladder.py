"""One value by way of a call and, where that fails, the first rung that applies (language §4 `fallback`)."""

from __future__ import annotations

from typing import Any

from gateway.expressions import is_true
from gateway.runtime.calls import Asking, NothingToAsk, Turn, perform
from gateway.runtime.checks import enforce
from gateway.runtime.plan import CallIntent, CallOperation, Rung
from gateway.sdk import Compiled, GatewayError, MissingArgument, Scope, Unavailable


async def obtain(turn: Turn, action: CallOperation | CallIntent) -> Any:
    """The value of one turn, checked and shaped. Raises what the last way to get it raised."""
    step, scope = turn.step, turn.scope
    try:
        value = await perform(turn, action, scope, Asking(step.timeout, step.limits))
        _check(turn, value)
        return shape(step.output, step.transforms, scope, value)
    except NothingToAsk as absent:
        # A check that an absent argument could skip would be no barrier.
        _check(turn, None)
        _leave_unchecked(turn, action, MissingArgument(f"`{absent.argument}` of step `{step.id}` has no value."))
        raise
    except GatewayError as error:
        _leave_unchecked(turn, action, error)
        if not step.ladder:
            raise
        return await _climb(turn, action, error)


def shape(output: Compiled | None, transforms: tuple[Compiled, ...], scope: Scope, value: Any) -> Any:
    """`output`, then the named transforms in order."""
    if output is not None:
        value = output({**scope, "result": value})
    for transform in transforms:
        value = transform({"value": value, "config": scope["config"]})
    return value


async def _climb(turn: Turn, action: CallOperation | CallIntent, error: GatewayError) -> Any:
    step, trail = turn.step, turn.trail
    for rung in step.ladder:
        scope = {**turn.scope, "error": error.root(step.id)}
        try:
            if not _applies(turn, action, rung, scope):
                continue
            looked_at, value = await _take(turn, action, rung, scope)
        except NothingToAsk:
            continue
        except GatewayError as next_error:
            _leave_unchecked(turn, rung.call, next_error)
            if rung.stale is None or not isinstance(next_error, Unavailable):  # that nothing is kept tells nobody what went wrong
                error = next_error
            continue
        _check(turn, looked_at)
        if rung.call is None and rung.stale is None:
            trail.returned(rung.number, error, turn.path)
        else:
            trail.climbed(rung.number)
        return value
    raise error


def _applies(turn: Turn, action: CallOperation | CallIntent, rung: Rung, scope: Scope) -> bool:
    """A call is not started where nothing is left of the deadline, and nothing is sent for a `stale` rung: there it
    takes an operation that keeps answers."""
    if rung.call is not None and turn.frame.time_left() <= 0:
        return False
    if rung.stale is not None and (isinstance(action, CallIntent) or not action.operation.keeps):
        return False
    return rung.when is None or is_true(rung.when(scope))


async def _take(turn: Turn, action: CallOperation | CallIntent, rung: Rung, scope: Scope) -> tuple[Any, Any]:
    """What the step's `ensure` looks at, and the value: a kept answer is checked as the step's own answer would be, and shaped as it."""
    if rung.stale is not None:
        step = turn.step
        result = await perform(turn, action, turn.scope, Asking(step.timeout, step.limits, stale=rung.stale))
        return result, shape(step.output, step.transforms, turn.scope, result)
    if rung.call is None:
        value = rung.value(scope) if rung.value is not None else None
    else:
        result = await perform(turn, rung.call, scope, Asking(rung.timeout, rung=b"/%d" % rung.number))
        value = shape(rung.output, rung.transforms, scope, result)
    return value, value


def _leave_unchecked(turn: Turn, action: CallOperation | CallIntent | None, error: GatewayError) -> None:
    """A sub-intent that ended early may not have looked at its own checks, whatever value stands in for its answer."""
    if isinstance(action, CallIntent) and action.intent.checks:
        turn.trail.left_unchecked(error)


def _check(turn: Turn, value: Any) -> None:
    if turn.step.ensures:
        enforce(turn.step.ensures, {**turn.scope, "result": value}, turn.step.id)
        if turn.frame.evidence is not None:
            turn.frame.evidence.looked(turn.step.id, {**turn.names, "result": value})
