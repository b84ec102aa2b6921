"""What an intent will do, told from its plan: steps, what waits for what, budgets, the worst case, who may call it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from gateway.planner.graph import waves
from gateway.runtime.frame import reserve
from gateway.runtime.plan import CallIntent, CallOperation, IntentPlan, Join, Let, Plan, StepPlan
from gateway.sdk import Compiled


class StepAccount(msgspec.Struct, frozen=True):
    """One step. Times are in seconds from the start of the request: when it starts and ends if everything takes its longest."""

    id: str
    action: str
    effect: str
    after: tuple[str, ...]
    barriers: tuple[str, ...]
    notes: tuple[str, ...]
    ladder: tuple[str, ...]
    timeout: float
    starts: float
    ends: float


class Account(msgspec.Struct, frozen=True):
    """One intent. `budget` is what steps have of `deadline`; `worst` is the longest that the critical path can take."""

    intent: str
    version: int
    summary: str | None
    place: str
    roles: tuple[str, ...]
    conditions: tuple[str, ...]
    input: tuple[str, ...]
    pipeline: tuple[tuple[str, str], ...]
    guards: tuple[str, ...]
    steps: tuple[StepAccount, ...]
    waves: tuple[tuple[str, ...], ...]
    deadline: float
    budget: float
    worst: float
    critical: tuple[str, ...]
    identity: str


def account(plan: Plan, intent: IntentPlan) -> Account:
    """The account of one intent of `plan`."""
    steps = _steps(intent)
    ends = {step.id: step.ends for step in steps}
    return Account(
        intent=intent.name,
        version=intent.version,
        summary=intent.summary,
        place=intent.place,
        roles=tuple(sorted(intent.access.roles)),
        conditions=_conditions(intent),
        input=tuple(_inputs(intent)),
        pipeline=plan.layers,
        guards=tuple(f"{check.condition.source} (else {check.deny.code}, {check.place})" for check in intent.guards),
        steps=steps,
        waves=tuple(tuple(wave) for wave in waves({step.id: set(step.after) for step in steps})),
        deadline=float(intent.deadline),
        budget=intent.deadline - reserve(intent.deadline),
        worst=max(ends.values(), default=0.0),
        critical=_critical(steps),
        identity=_identity(intent),
    )


def _steps(intent: IntentPlan) -> tuple[StepAccount, ...]:
    accounts: list[StepAccount] = []
    for step in intent.steps:
        starts = max((accounts[position].ends for position in step.waits_for), default=0.0)
        longest = _longest(step)
        accounts.append(
            StepAccount(
                id=step.id,
                action=_action(step),
                effect="write" if step.writes else "read" if isinstance(step.action, CallOperation | CallIntent) else "pure",
                after=tuple(intent.steps[position].id for position in step.waits_for),
                barriers=tuple(intent.steps[position].id for position in step.barriers),
                notes=tuple(_notes(step)),
                ladder=tuple(_rungs(step)),
                timeout=longest,
                starts=starts,
                ends=starts + longest,
            )
        )
    return tuple(accounts)


def _action(step: StepPlan) -> str:
    action = step.action
    if isinstance(action, CallOperation):
        return f"call {action.operation.id}"
    if isinstance(action, CallIntent):
        return f"call intent.{action.intent.name}"
    if isinstance(action, Let):
        return f"let {', '.join(name for name, _ in action.members)}"
    return f"join by {', '.join(action.left_fields)} ({'merged' if action.attribute is None else f'as {action.attribute}'})"


def _notes(step: StepPlan) -> list[str]:
    notes = []
    if step.when is not None:
        notes.append(f"when {step.when.source}")
    if step.foreach is not None:
        batched = isinstance(step.action, CallOperation) and step.action.operation.batched
        width = "batched" if batched else f"{step.foreach.concurrency} at a time"
        notes.append(f"for each of {step.foreach.items.source} ({width}, {step.foreach.max_items} at most)")
    notes += [f"ensure {check.condition.source} (else {check.deny.code}, {check.place})" for check in step.ensures]
    if not step.required:
        notes.append("optional: a failure becomes null and an entry in errors")
    return notes


def _rungs(step: StepPlan) -> list[str]:
    rungs = []
    for rung in step.ladder:
        when = f"when {rung.when.source}: " if rung.when is not None else ""
        if rung.call is None:
            rungs.append(f"{when}return {_written(rung.value)}")
        else:
            called = rung.call.operation.id if isinstance(rung.call, CallOperation) else f"intent.{rung.call.intent.name}"
            rungs.append(f"{when}call {called}")
    return rungs


def _written(template: Compiled | None) -> str:
    source = None if template is None else template.source
    return source if isinstance(source, str) else msgspec.json.encode(source).decode()


def _longest(step: StepPlan) -> float:
    """The longest a step can take by its own limits: its call, then every rung that calls; items in rounds."""
    action = step.action
    if isinstance(action, Let | Join):
        return 0.0
    own = _limit(action, step.timeout) + sum(_limit(rung.call, rung.timeout) for rung in step.ladder if rung.call is not None)
    if step.foreach is None or (isinstance(action, CallOperation) and action.operation.batched):
        return own
    rounds = -(-step.foreach.max_items // step.foreach.concurrency)
    return own * rounds


def _limit(action: CallOperation | CallIntent, narrowed: float | None) -> float:
    own = action.operation.timeout if isinstance(action, CallOperation) else action.intent.deadline
    return own if narrowed is None else min(own, narrowed)


def _critical(steps: Sequence[StepAccount]) -> tuple[str, ...]:
    """The chain of steps that ends last."""
    by_id = {step.id: step for step in steps}
    path: list[str] = []
    current = max(steps, key=lambda step: step.ends, default=None)
    while current is not None:
        path.insert(0, current.id)
        current = max((by_id[name] for name in current.after), key=lambda step: step.ends, default=None)
    return tuple(path)


def _conditions(intent: IntentPlan) -> tuple[str, ...]:
    access = intent.access
    conditions = [f"scope {scope}" for scope in sorted(access.scopes)]
    if access.when is not None:
        conditions.append(f"when {access.when.source}")
    if access.internal:
        conditions.append("only by other intents")
    return tuple(conditions)


def _inputs(intent: IntentPlan) -> list[str]:
    inputs = []
    for name, schema in (intent.input_schema.get("properties") or {}).items():
        kind = schema.get("type", "any") if isinstance(schema, dict) else "any"
        text = f"{name}: {'|'.join(kind) if isinstance(kind, list) else kind}"
        if isinstance(schema, dict) and "default" in schema:
            text += f" = {msgspec.json.encode(schema['default']).decode()}"
        inputs.append(text if name in intent.input_schema.get("required", ()) else f"[{text}]")
    return inputs


def _identity(intent: IntentPlan) -> str:
    """Whose answer it is: what a cache or a shared call would have to hold apart."""
    if intent.guards or any(step.checks for step in intent.steps):
        return "user (it has guards or ensures)"
    read = [intent.output, *(expression for step in intent.steps for expression in _expressions(step))]
    personal = any(reference[0] == "user" for expression in read if expression is not None for reference in expression.references)
    return "user" if personal else "tenant"


def _expressions(step: StepPlan) -> list[Compiled | None]:
    calls = [step.action, *(rung.call for rung in step.ladder)]
    arguments = [argument.value for call in calls if isinstance(call, CallOperation | CallIntent) for argument in call.arguments]
    members = [value for _, value in step.action.members] if isinstance(step.action, Let) else []
    return [step.when, step.output, *arguments, *members, *(rung.value for rung in step.ladder), *(rung.output for rung in step.ladder)]
