"""Whom the answer of a whole intent is good for: what a cache of it would have to hold apart (language §4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gateway.planner.explain.account import Shared
from gateway.planner.explain.calls import Calls
from gateway.runtime.plan import CallIntent, CallOperation, IntentPlan, Let, StepPlan
from gateway.sdk import Compiled

PERSONAL = frozenset({"user", "session"})
"""Roots that differ from caller to caller."""


class Scope(NamedTuple):
    """Who may share, and why no more may."""

    shared: Shared
    because: str


class Scopes:
    """Scopes of a folder's intents; a sub-intent's counts for those that call it."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._known: dict[str, Scope] = {}

    def of(self, intent: IntentPlan) -> Scope:
        """The scope of one intent."""
        if intent.name not in self._known:
            self._known[intent.name] = self._decide(intent)
        return self._known[intent.name]

    def _decide(self, intent: IntentPlan) -> Scope:
        if intent.writes:
            return Scope("nobody", "it writes")
        if intent.checks:
            return Scope("caller", "it has guards or ensures")
        if any(reference[0] in PERSONAL for expression in _expressions(intent) for reference in expression.references):
            return Scope("caller", "it reads who is calling")
        called = [self.of(each) for each in _sub_intents(intent)]
        known = {scope.shared for scope in called} | {call.shared for step in intent.steps for call in self._calls.of(intent, step)}
        if "caller" in known:
            return Scope("caller", "something that it calls sends who is calling")
        if "equals" in known:
            return Scope("equals", "something that it calls sends more than its arguments")
        return Scope("tenant", "nothing in it depends on who is calling")


def _calls_of(step: StepPlan) -> Iterator[CallOperation | CallIntent]:
    for call in (step.action, *(rung.call for rung in step.ladder)):
        if isinstance(call, CallOperation | CallIntent):
            yield call


def _sub_intents(intent: IntentPlan) -> Iterator[IntentPlan]:
    return (call.intent for step in intent.steps for call in _calls_of(step) if isinstance(call, CallIntent))


def _expressions(intent: IntentPlan) -> Iterator[Compiled]:
    found = [intent.output, *(expression for step in intent.steps for expression in _of_step(step))]
    return (expression for expression in found if expression is not None)


def _of_step(step: StepPlan) -> Iterator[Compiled | None]:
    yield from (step.when, step.output, None if step.foreach is None else step.foreach.items)
    for call in _calls_of(step):
        yield from (argument.value for argument in call.arguments)
    if isinstance(step.action, Let):
        yield from (value for _, value in step.action.members)
    for rung in step.ladder:
        yield from (rung.when, rung.value, rung.output)
