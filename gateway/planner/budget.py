"""How long an intent can take at most: each step's longest by its own limits, the critical path, and what the deadline leaves."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from gateway.config.models import Step
from gateway.planner.planned import Planned
from gateway.runtime.frame import reserve
from gateway.runtime.plan import Action, CallIntent, CallOperation, IntentPlan, Rung, StepPlan
from gateway.sdk import OperationConfig, SourceConfig
from gateway.sdk.source_config import ONCE, Retry, retries


class Timing(msgspec.Struct, frozen=True):
    """One step if everything takes its longest: `longest` is its own time, `starts` and `ends` count from the intent's start."""

    step: str
    longest: float
    starts: float
    ends: float


class Budget(msgspec.Struct, frozen=True):
    """One intent, in seconds. `available` is what steps have of `deadline`; `critical` is the chain of steps that ends last, at `worst`."""

    deadline: float
    available: float
    timings: tuple[Timing, ...]
    worst: float
    critical: tuple[str, ...]

    @property
    def exceeded(self) -> bool:
        """Whether the longest that steps can take is more than they have."""
        return self.worst > self.available


class Budgets:
    """The budgets of a planned folder. Retries that are written count, in force or not.

    With `written_only`, what nobody wrote counts nothing: a `timeout` that is the default, and a list that is as long as by default.
    """

    def __init__(self, planned: Planned, *, written_only: bool = False) -> None:
        self._planned = planned
        self._written_only = written_only
        self._known: dict[str, Budget] = {}

    def of(self, intent: IntentPlan) -> Budget:
        """The budget of one of the folder's intents."""
        if intent.name not in self._known:
            self._known[intent.name] = self._make(intent)
        return self._known[intent.name]

    def _make(self, intent: IntentPlan) -> Budget:
        timings: list[Timing] = []
        for step in intent.steps:
            starts = max((timings[position].ends for position in step.waits_for), default=0.0)
            longest = self.longest(intent, step)
            timings.append(Timing(step.id, longest, starts, starts + longest))
        return Budget(
            deadline=float(intent.deadline),
            available=intent.deadline - reserve(intent.deadline),
            timings=tuple(timings),
            worst=max((timing.ends for timing in timings), default=0.0),
            critical=_critical(intent.steps, timings),
        )

    def longest(self, intent: IntentPlan, step: StepPlan) -> float:
        """Its call with every retry, then every rung that calls; items in rounds of `concurrency`, batched ones in one."""
        if not isinstance(step.action, CallOperation | CallIntent):
            return 0.0
        once = self.call(intent, step) + sum(self.rung(rung) for rung in step.ladder)
        return once * self._rounds(intent, step)

    def call(self, intent: IntentPlan, step: StepPlan) -> float:
        """The longest that the call of a step can take, for one item and without its ladder."""
        return self._call(step.action, step.timeout, self.retry(intent, step))

    def rung(self, rung: Rung) -> float:
        """The longest that one rung of a ladder can take."""
        return 0.0 if rung.call is None else self._call(rung.call, rung.timeout, self.rung_retry(rung))

    def retry(self, intent: IntentPlan, step: StepPlan) -> Retry:
        """The retries of a step's call: the step's own narrow those of its operation, and these replace the source's."""
        return self._retry(step.action, self._model(intent, step)) if isinstance(step.action, CallOperation) else ONCE

    def rung_retry(self, rung: Rung) -> Retry:
        """The retries of a rung's call."""
        return self._retry(rung.call, None) if isinstance(rung.call, CallOperation) else ONCE

    def _call(self, action: Action, narrowed: float | None, retry: Retry) -> float:
        if isinstance(action, CallIntent):
            return min(self.of(action.intent).worst, action.intent.deadline, action.intent.deadline if narrowed is None else narrowed)
        if not isinstance(action, CallOperation):
            return 0.0  # what stands for a call that leads nowhere, in a sub-intent that is broken
        timeout = action.operation.timeout if self._counts(action, narrowed) else 0.0
        once = timeout if narrowed is None else min(timeout, narrowed)
        pause = 0.0 if self._written_only and retry.backoff is None else retry.waits[1]
        return once * (1 + retry.max) + retry.max * pause

    def _retry(self, action: CallOperation, step: Step | None) -> Retry:
        operation = action.operation
        config, source = self._configs(operation.source, operation.name)
        own = ONCE if source is None else retries(operation.effect, config, source)
        return own.narrowed(step.retry if step is not None else None)

    def _counts(self, action: CallOperation, narrowed: float | None) -> bool:
        """Whether the operation's timeout is to be counted, because somebody wrote it or all are."""
        if not self._written_only or narrowed is not None:
            return True
        backend = self._planned.backends.get(action.operation.source)
        return backend is not None and (
            backend.config(action.operation.name).timeout is not None or "timeout" in backend.parsed.document.data
        )

    def _rounds(self, intent: IntentPlan, step: StepPlan) -> int:
        """How often the longest item can follow another: batched ones go all at once."""
        if step.foreach is None or (isinstance(step.action, CallOperation) and step.action.operation.batched):
            return 1
        written = self._planned.loaded.intents[intent.name][-1].document.data["steps"][step.id]
        if self._written_only and "max_items" not in written:
            return 1
        return -(-step.foreach.max_items // step.foreach.concurrency)

    def _configs(self, source: str, operation: str) -> tuple[OperationConfig, SourceConfig | None]:
        backend = self._planned.backends.get(source)
        if backend is None:
            return OperationConfig(), None
        return backend.config(operation), backend.parsed.model

    def _model(self, intent: IntentPlan, step: StepPlan) -> Step | None:
        return self._planned.loaded.intents[intent.name][-1].model.steps.get(step.id)


def _critical(steps: Sequence[StepPlan], timings: Sequence[Timing]) -> tuple[str, ...]:
    """The chain of steps that ends last."""

    def ends(position: int) -> float:
        return timings[position].ends

    path: list[str] = []
    current = max(range(len(steps)), key=ends, default=None)
    while current is not None:
        path.insert(0, steps[current].id)
        current = max(steps[current].waits_for, key=ends, default=None)
    return tuple(path)
