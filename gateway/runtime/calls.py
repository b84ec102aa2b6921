"""One use of an operation or sub-intent: arguments, limits, call."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from typing import Any, NamedTuple

from gateway.policies.freshness import control_of, is_private
from gateway.runtime.frame import Frame
from gateway.runtime.keys import write_key
from gateway.runtime.level import is_silent, not_sent, stale_ages
from gateway.runtime.plan import Argument, CallIntent, CallOperation, IntentPlan, OperationPlan, StepPlan
from gateway.runtime.trail import Trail
from gateway.sdk import NO_LIMITS, Call, GatewayError, InvalidRequest, MissingArgument, Response, Scope, StepLimits, Timeout, Unavailable


class NothingToAsk(Exception):
    """A read's required argument is null: the step is skipped (language §4, `with`)."""

    def __init__(self, argument: str) -> None:
        super().__init__(argument)
        self.argument = argument


class Turn:
    """One turn of a step: its only one, or that of one item of `foreach` (with the item's key, name and JSON pointer)."""

    __slots__ = ("frame", "item", "names", "path", "scope", "step", "trail")

    def __init__(self, frame: Frame, step: StepPlan, scope: Scope, trail: Trail) -> None:
        self.frame = frame
        self.step = step
        self.scope = scope
        self.trail = trail
        self.item = b""
        self.names: dict[str, Any] = {}
        self.path: str | None = None

    def for_item(self, index: int, key: bytes, name: str, value: Any) -> Turn:
        """The turn of one item, which expressions see as `name`."""
        turn = Turn(self.frame, self.step, {**self.scope, name: value}, self.trail)
        turn.item = key
        turn.names = {name: value}
        turn.path = f"/{index}"
        return turn


class Asking(NamedTuple):
    """How a call is made: `narrowed` is the step's own timeout of an attempt, in seconds. `rung` tells the writes of rungs apart;
    `stale` asks for a kept answer of at most that age, in seconds; `kept_only` for one that may stand in for a failure."""

    narrowed: float | None = None
    limits: StepLimits = NO_LIMITS
    rung: bytes = b""
    stale: float | None = None
    kept_only: bool = False


async def perform(turn: Turn, action: CallOperation | CallIntent, scope: Scope, how: Asking) -> Any:
    """The value of one call, the step's own or a rung's. Raises `GatewayError`, `NothingToAsk`, or `Denied` from a sub-intent."""
    arguments = gather(action.arguments, scope)
    frame = turn.frame
    if isinstance(action, CallIntent):
        return await _ask_intent(turn, action.intent, arguments, how)
    operation = action.operation
    writes = operation.effect == "write"
    _require(operation.required, arguments, turn, writes=writes)
    try:
        arguments = operation.complete(arguments)
    except InvalidRequest as error:
        raise unfit(error, arguments) from None
    if frame.level != "full" and how.stale is None and not operation.local:
        return await _restrained(turn, operation, arguments, how)
    return await _ask(turn, operation, arguments, how)


async def _restrained(turn: Turn, operation: OperationPlan, arguments: dict[str, Any], how: Asking) -> Any:
    """As the level has it that the request is served at (`gateway.runtime.level`)."""
    frame, step = turn.frame, turn.step
    if operation.keeps:
        ages = () if how.rung else stale_ages(step, turn.scope)
        for kept in (how._replace(kept_only=True), *(how._replace(stale=age) for age in ages)):
            try:
                return await _ask(turn, operation, arguments, kept)
            except Unavailable:
                continue  # nothing of that kind is kept
    if is_silent(frame.level, step):
        raise not_sent()
    return await _ask(turn, operation, arguments, how)


async def _ask(turn: Turn, operation: OperationPlan, arguments: dict[str, Any], how: Asking) -> Any:
    frame, writes = turn.frame, operation.effect == "write"
    key = write_key(frame.key, turn.step.id, turn.item + how.rung) if writes else None
    turn.trail.asking(operation.source, operation.name)
    frame.used.setdefault(operation.id, False)
    timeout = operation.timeout if how.narrowed is None else min(how.narrowed, operation.timeout)
    # What is kept can be given when no time is left to ask anew.
    kept = how.kept_only or how.stale is not None
    deadline = frame.deadline if kept else _deadline(frame, operation.allowance(how.narrowed, how.limits))
    call = Call(operation.id, arguments, frame.context, deadline, key, timeout=timeout, limits=how.limits)
    call.stale, call.kept_only = how.stale, how.kept_only
    try:
        result = await (run_to_its_end(frame, operation.handler(call)) if writes else operation.handler(call))
    except GatewayError as error:
        frame.used[operation.id] |= error.private
        raise
    finally:
        turn.trail.took(call.course)
    turn.trail.called(call.course)
    if frame.evidence is not None and _for_one_caller(result.response):
        frame.used[operation.id] = True
    return result.value


def gather(members: tuple[Argument, ...], scope: Scope) -> dict[str, Any]:
    """The arguments of a call. An expression that yields null drops its argument, a literal null is kept."""
    arguments = {}
    for member in members:
        value = member.value(scope)
        if value is not None or member.literal:
            arguments[member.name] = value
    return arguments


async def run_to_its_end(frame: Frame, work: Awaitable[Any]) -> Any:
    """Awaits a write in a task of its own: whatever ends the step, the write is not torn off half-way."""
    task = asyncio.ensure_future(work)
    frame.writes.add(task)
    task.add_done_callback(_look_at)
    return await asyncio.shield(task)


def unfit(error: InvalidRequest, arguments: Iterable[str]) -> InvalidRequest:
    """Names the arguments that don't fit and nothing of their values: those may come from a backend."""
    pointers = {str(detail.get("pointer", "")).split("/")[1:2][0] for detail in error.details if detail.get("pointer")}
    named = ", ".join(f"`{name}`" for name in arguments if name in pointers)
    return InvalidRequest(f"What is asked for does not fit: {named}." if named else "What is asked for does not fit.")


def _require(required: frozenset[str], arguments: dict[str, Any], turn: Turn, *, writes: bool) -> None:
    if required <= arguments.keys():
        return
    absent = min(required - arguments.keys())
    if writes:
        raise MissingArgument(f"`{absent}` of step `{turn.step.id}` has no value.")
    raise NothingToAsk(absent)


async def _ask_intent(turn: Turn, intent: IntentPlan, arguments: dict[str, Any], how: Asking) -> Any:
    _require(intent.required, arguments, turn, writes=intent.writes)
    frame, step = turn.frame, turn.step.id
    deadline = _deadline(frame, intent.deadline if how.narrowed is None else min(how.narrowed, intent.deadline))
    turn.trail.asking(None, f"intent.{intent.name}")
    answer = await frame.run_intent(turn, intent, arguments, deadline, write_key(frame.key, step, turn.item + how.rung))
    turn.trail.asked(answer)
    return answer.value


def _deadline(frame: Frame, allowance: float) -> float:
    now = frame.clock.monotonic()
    if now >= frame.deadline:
        raise Timeout
    return min(frame.deadline, now + allowance)


def _for_one_caller(response: Response) -> bool:
    headers = response.headers
    return is_private(control_of(headers.get("cache-control")), headers)


def _look_at(task: asyncio.Future[Any]) -> None:
    if not task.cancelled():
        task.exception()
