"""What an intent may take at most, held against its deadline.

A step may use what is left of the deadline and no more, so limits that are too wide break nothing by themselves. What is told here
is where written limits contradict each other: several backends that are all slow within their own limits make the answer fail,
or a call that runs into its limit leaves nothing for the rung that was to stand in for it. What nobody wrote (a source's default
timeout, a list's default length) is no statement about a backend and counts nothing, else every intent with a short deadline
would be told of.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from gateway.config.loaded import Parsed
from gateway.config.models import Intent
from gateway.expressions import is_true
from gateway.planner.budget import Budget, Budgets
from gateway.planner.planned import Planned
from gateway.runtime.frame import reserve
from gateway.runtime.plan import CallIntent, CallOperation, IntentPlan, Rung, StepPlan
from gateway.sdk import ExpressionFault, Path, Timeout

_LONGER_UNITS = (("h", 3600), ("m", 60))


def check_budgets(planned: Planned) -> None:
    """GW305 and, where a rung is too late to be reached, GW306 instead."""
    budgets = Budgets(planned, written_only=True)
    for parsed, plan in planned.sound_intents():
        budget = budgets.of(plan)
        late = [_report_late_rung(planned, parsed, plan, step, budgets) for step in plan.steps if step.ladder]
        if not any(late):
            _check_path(planned, parsed, plan, budget)


def _check_path(planned: Planned, parsed: Parsed[Intent], plan: IntentPlan, budget: Budget) -> None:
    """The chain that ends last among those that end in a step whose failure makes the answer fail."""
    timings = budget.timings
    late = [index for index, step in enumerate(plan.steps) if timings[index].ends > budget.available and _must_succeed(step)]
    if not late:
        return
    last = max(late, key=lambda index: timings[index].ends)
    chain = [index for index in _chain(plan.steps, last, budget) if timings[index].longest]
    total = timings[last].ends
    parts = " + ".join(f"`{timings[index].step}` {seconds(timings[index].longest)}" for index in chain)
    longest = f"{parts} = {seconds(total)}" if len(chain) > 1 else parts
    slowest = max(chain, key=lambda index: timings[index].longest)
    planned.findings.report(
        parsed.document,
        "GW305",
        f"at worst {longest} > {seconds(budget.available)}, which is what steps have of the deadline",
        _call_path(parsed, plan.steps[slowest].id),
        hint=f"narrow a `timeout`, or write `deadline: {seconds(_deadline_for(total))}`",
        severity="warning",
    )


def _must_succeed(step: StepPlan) -> bool:
    """Whether nothing stands in for a step that is cut short."""
    if not isinstance(step.action, CallOperation | CallIntent) or not step.required:
        return False
    if step.foreach is not None and step.foreach.item_error != "fail":
        return False
    return not any(rung.call is None and rung.when is None for rung in step.ladder)


def _chain(steps: Sequence[StepPlan], last: int, budget: Budget) -> list[int]:
    """The steps one after the other that make `last` end when it does."""
    chain = [last]
    while before := steps[chain[0]].waits_for:
        chain.insert(0, max(before, key=lambda position: budget.timings[position].ends))
    return chain


def _report_late_rung(planned: Planned, parsed: Parsed[Intent], plan: IntentPlan, step: StepPlan, budgets: Budgets) -> bool:
    """The first rung whose call can't start once all calls before it have run into their limits."""
    available = plan.deadline - reserve(plan.deadline)
    spent = budgets.call(plan, step)
    for rung in step.ladder:
        if rung.call is not None and spent >= available and _stands_in_for_slow(rung, step.id):
            path: Path = ("steps", step.id, "fallback", rung.number, "call")
            planned.findings.report(
                parsed.document,
                "GW306",
                f"nothing is left for this rung where it is needed: the calls before it may take {seconds(spent)},"
                f" and steps have {seconds(available)} of the deadline",
                path,
                hint="narrow the `timeout` of the call before it, or raise the `deadline`",
                severity="warning",
            )
            return True
        spent += budgets.rung(rung)
    return False


def _stands_in_for_slow(rung: Rung, step: str) -> bool:
    """Whether a rung is for calls that time out, as far as its condition tells it."""
    if rung.when is None:
        return True
    if any(reference[0] != "error" for reference in rung.when.references):
        return False
    try:
        return is_true(rung.when({"error": Timeout().root(step)}))
    except ExpressionFault:
        return False


def _call_path(parsed: Parsed[Intent], step: str) -> Path:
    return ("steps", step, "call") if parsed.model.steps[step].call is not None else ("steps", step, "emit", "to")


def _deadline_for(needed: float) -> float:
    """The deadline that leaves `needed` seconds to steps, in full tenths."""
    deadline = math.ceil(needed * 10) / 10
    return deadline if deadline - reserve(deadline) >= needed else round(deadline + 0.1, 1)


def seconds(amount: float) -> str:
    """A length of time as the language spells it."""
    if amount < 1:
        return f"{amount * 1000:.0f}ms"
    unit, size = next(((unit, size) for unit, size in _LONGER_UNITS if amount % size == 0), ("s", 1))
    return f"{amount / size:.3f}".rstrip("0").rstrip(".") + unit
