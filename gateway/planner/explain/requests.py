"""How many requests to backends a call of an intent leads to, estimated from what its steps may do."""

from __future__ import annotations

from gateway.planner.budget import Budgets
from gateway.planner.explain.account import FanOut
from gateway.planner.planned import Planned
from gateway.runtime.plan import Argument, CallIntent, CallOperation, ForEach, IntentPlan, Rung, StepPlan

LOCAL = frozenset({"static"})
"""Kinds of source that are asked without a request."""


class Requests:
    """Estimates for a planned folder. Answers that callers share make it fewer; they are not counted."""

    def __init__(self, planned: Planned, budgets: Budgets) -> None:
        self._planned = planned
        self._budgets = budgets
        self._known: dict[str, FanOut] = {}

    def of(self, intent: IntentPlan) -> FanOut:
        """The sum over all steps."""
        if intent.name not in self._known:
            steps = [self.of_step(intent, step) for step in intent.steps]
            self._known[intent.name] = FanOut(
                sum(step.least for step in steps), sum(step.usual for step in steps), sum(step.most for step in steps)
            )
        return self._known[intent.name]

    def of_step(self, intent: IntentPlan, step: StepPlan) -> FanOut:
        """One step with its items, retries, hedges and rungs."""
        if not isinstance(step.action, CallOperation | CallIntent):
            return FanOut()
        items = 1 if step.foreach is None else step.foreach.max_items
        once = self._once(step.action, self._budgets.retry(intent, step).max)
        calls = items if step.foreach is None else self._calls(step.action, step.foreach)
        rungs = [self._rung(rung).most for rung in step.ladder]
        certain = step.when is None and step.foreach is None
        return FanOut(once.least if certain else 0, calls * once.usual, calls * once.most + items * sum(rungs))

    def backend(self, source: str) -> bool:
        """Whether calls of this source are requests to something else."""
        backend = self._planned.backends.get(source)
        return backend is None or backend.parsed.model.type not in LOCAL

    def _rung(self, rung: Rung) -> FanOut:
        return FanOut() if rung.call is None else self._once(rung.call, self._budgets.rung_retry(rung).max)

    def _once(self, action: CallOperation | CallIntent, retries: int) -> FanOut:
        if isinstance(action, CallIntent):
            return self.of(action.intent)
        each = int(self.backend(action.operation.source))
        return FanOut(each, each, each * (1 + retries) * (1 + self._hedges(action)))

    def _hedges(self, action: CallOperation) -> int:
        """The equal reads that may be sent beside each try."""
        backend = self._planned.backends.get(action.operation.source)
        hedge = None if backend is None or action.operation.effect == "write" else backend.config(action.operation.name).hedge
        return 0 if hedge is None else hedge.max

    def _calls(self, action: CallOperation | CallIntent, foreach: ForEach) -> int:
        """How many calls the items make: batched ones share, unless more than the key differs from item to item."""
        if isinstance(action, CallIntent) or not action.operation.batched:
            return foreach.max_items
        backend = self._planned.backends.get(action.operation.source)
        batch = backend.config(action.operation.name).batch if backend is not None else None
        if batch is None or any(_reads(argument, foreach.name) for argument in action.arguments if argument.name not in batch.match):
            return foreach.max_items
        return -(-foreach.max_items // batch.max)


def _reads(argument: Argument, name: str) -> bool:
    return any(reference[0] == name for reference in argument.value.references)
