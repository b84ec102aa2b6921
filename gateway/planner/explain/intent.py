"""The account of one intent: steps, what waits for what, budgets, the worst case, who may call it and who may share its answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateway.planner.budget import Budgets
from gateway.planner.explain.account import Account, HiddenField, Line, RouteAccount, RungAccount, StepAccount, Verdict
from gateway.planner.explain.asker import Asker
from gateway.planner.explain.calls import Calls
from gateway.planner.explain.court import Court
from gateway.planner.explain.grants import Entry, Grants
from gateway.planner.explain.kept import kept
from gateway.planner.explain.lines import Lines, brief, spot
from gateway.planner.explain.masked import Viewer, hidden_fields
from gateway.planner.explain.policies import policies
from gateway.planner.explain.requests import Requests
from gateway.planner.explain.scope import Scopes
from gateway.planner.graph import waves
from gateway.planner.planned import Planned
from gateway.runtime.plan import CallIntent, CallOperation, Check, IntentPlan, Let, Plan, RoutePlan, StepPlan
from gateway.sdk import Compiled

CHECKED = (Line("where its guards and ensures pass, which each request decides", None),)
"""What a yes still leaves open."""

Routes = list[tuple[RoutePlan, Entry | None]]
"""Routes with their access, None where they ask for nothing more."""


def account(planned: Planned, plan: Plan, intent: IntentPlan, asker: Asker | None = None) -> Account:
    """The account of one intent of `plan`, which was made from `planned`; with verdicts where somebody is asked about."""
    return _Teller(planned, plan, intent).tell(asker)


class _Teller:
    def __init__(self, planned: Planned, plan: Plan, intent: IntentPlan) -> None:
        self._planned = planned
        self._plan = plan
        self._intent = intent
        self._parsed = planned.loaded.intents[intent.name][-1]
        self._lines = Lines(planned)
        self._budgets = Budgets(planned)
        self._requests = Requests(planned, self._budgets)
        self._calls = Calls(planned, self._lines, self._requests)
        self._grants = Grants(planned, self._lines)

    def tell(self, asker: Asker | None) -> Account:
        intent, budget = self._intent, self._budgets.of(self._intent)
        steps = tuple(self._steps())
        entry = self._grants.entry(
            f"intent:{intent.name}", intent.access, self._parsed.model.access, self._parsed.document, sources=intent.sources
        )
        routes = [(route, self._route_entry(route)) for route in self._plan.routes if route.intent.name == intent.name]
        scope = Scopes(self._calls).of(intent)
        return Account(
            intent=intent.name,
            version=intent.version,
            summary=intent.summary,
            place=spot(self._parsed.document.place(())),
            roles=tuple(sorted(intent.access.roles)),
            grants=entry.grants,
            conditions=entry.conditions,
            identities=self._grants.identities(intent.access),
            routes=tuple(_route(route, found, self._place_of(route)) for route, found in routes),
            input=tuple(_inputs(intent)),
            pipeline=self._plan.layers,
            guards=tuple(map(_check, intent.guards)),
            scope=scope.shared,
            scope_because=scope.because,
            policies=tuple(policies(self._planned, self._parsed, self._lines)),
            steps=steps,
            waves=tuple(tuple(wave) for wave in waves({step.id: set(step.after) for step in steps})),
            requests=self._requests.of(intent),
            deadline=budget.deadline,
            budget=budget.available,
            worst=budget.worst,
            critical=budget.critical,
            asked=() if asker is None else asker.said,
            verdicts=() if asker is None else tuple(_verdicts(self._court(asker), entry, routes, checks=intent.checks)),
            rules=entry.rules,
            assigned=tuple(self._assigned(entry)),
            hidden=tuple(self._hidden(asker)),
            kept=kept(self._planned, intent, self._lines),
        )

    def _hidden(self, asker: Asker | None) -> Iterator[HiddenField]:
        """Of the intent's own answer and of its routes'."""
        routes = [self._planned.loaded.routes[route.name].document for route in self._plan.routes if route.intent.name == self._intent.name]
        viewer = Viewer(asker, self._config(), self._planned.access.rules.assignments)
        return hidden_fields(self._planned.masks, [self._parsed.document, *routes], viewer)

    def _config(self) -> dict[str, Any]:
        gateway = self._planned.loaded.gateway
        return {} if gateway is None else gateway.model.config

    def _court(self, asker: Asker) -> Court:
        return Court(asker, self._planned.roles, self._config(), self._planned.access.rules.assignments)

    def _assigned(self, entry: Entry) -> Iterator[Line]:
        """How callers are given one of the roles that lead here."""
        leading = {grant.role for grant in entry.grants}.union(*(rule.rule.roles or () for rule in entry.allowances))
        for each in self._planned.access.rules.assignments:
            if leading.intersection(each.roles):
                yield Line(f"role {', '.join(each.roles)} where {each.when.source}", each.rule)

    def _steps(self) -> Iterator[StepAccount]:
        steps = self._intent.steps
        for step, timing in zip(steps, self._budgets.of(self._intent).timings, strict=True):
            yield StepAccount(
                id=step.id,
                action=_action(step),
                effect="write" if step.writes else "read" if isinstance(step.action, CallOperation | CallIntent) else "pure",
                after=tuple(steps[position].id for position in step.waits_for),
                barriers=tuple(steps[position].id for position in step.barriers),
                when=None if step.when is None else step.when.source,
                foreach=_foreach(step),
                required=step.required,
                ensures=tuple(map(_check, step.ensures)),
                ladder=tuple(self._rungs(step)),
                calls=tuple(self._calls.of(self._intent, step)),
                requests=self._requests.of_step(self._intent, step),
                longest=timing.longest,
                starts=timing.starts,
                ends=timing.ends,
            )

    def _rungs(self, step: StepPlan) -> Iterator[RungAccount]:
        models = self._parsed.model.steps[step.id].fallback or ()
        for number, (model, rung) in enumerate(zip(models, step.ladder, strict=True)):
            if rung.stale is not None:
                yield RungAccount(number, f"stale {rung.stale:g}s", model.when, None)
            elif rung.call is None:
                yield RungAccount(number, f"return {_written(rung.value)}", model.when, None)
            else:
                called = rung.call.operation.id if isinstance(rung.call, CallOperation) else f"intent.{rung.call.intent.name}"
                yield RungAccount(number, f"call {called}", model.when, self._budgets.rung(rung))

    def _route_entry(self, route: RoutePlan) -> Entry | None:
        if route.access is None:
            return None
        parsed = self._planned.loaded.routes[route.name]
        return self._grants.entry(f"route:{route.name}", route.access, parsed.model.access, parsed.document)

    def _place_of(self, route: RoutePlan) -> str:
        return spot(self._planned.loaded.routes[route.name].document.place(()))


def _verdicts(court: Court, entry: Entry, routes: Routes, *, checks: bool) -> Iterator[Verdict]:
    """For the intent, then for each route that asks for more: a route permits nothing that its intent doesn't."""
    answer, reasons = court.decide(entry)
    reasons += CHECKED if checks and answer == "yes" else ()
    yield Verdict(entry.permission, answer, reasons)
    for _, own in routes:
        if own is not None:
            at_route, further = court.decide(own)
            worst = max(answer, at_route, key=("yes", "depends", "no").index)
            decisive = (lines if each == worst else () for each, lines in ((at_route, further), (answer, reasons)))
            yield Verdict(own.permission, worst, tuple(line for lines in decisive for line in lines))


def _route(route: RoutePlan, entry: Entry | None, place: str) -> RouteAccount:
    if entry is None:
        return RouteAccount(route.name, route.methods, route.path, place)
    names = None if entry.free else tuple(grant.role for grant in entry.grants)
    return RouteAccount(route.name, route.methods, route.path, place, names, entry.conditions, entry.rules)


def _check(check: Check) -> Line:
    return Line(f"{check.condition.source} (else {check.deny.code})", check.place)


def _action(step: StepPlan) -> str:
    action = step.action
    if isinstance(action, CallOperation):
        return f"call {action.operation.id}"
    if isinstance(action, CallIntent):
        return f"call intent.{action.intent.name}"
    if isinstance(action, Let):
        return f"let {', '.join(name for name, _ in action.members)}"
    return f"join by {', '.join(action.left_fields)} ({'merged' if action.attribute is None else f'as {action.attribute}'})"


def _foreach(step: StepPlan) -> str | None:
    if step.foreach is None:
        return None
    batched = isinstance(step.action, CallOperation) and step.action.operation.batched
    width = "batched" if batched else f"{step.foreach.concurrency} at a time"
    return f"{step.foreach.items.source} ({width}, {step.foreach.max_items} at most)"


def _written(template: Compiled | None) -> str:
    return brief(None if template is None else template.source)


def _inputs(intent: IntentPlan) -> Iterator[str]:
    """Each input with its type and default; in brackets where it may be left out."""
    for name, schema in (intent.input_schema.get("properties") or {}).items():
        kind = schema.get("type", "any") if isinstance(schema, dict) else "any"
        text = f"{name}: {'|'.join(kind) if isinstance(kind, list) else kind}"
        if isinstance(schema, dict) and "default" in schema:
            text += f" = {brief(schema['default'])}"
        yield text if name in intent.input_schema.get("required", ()) else f"[{text}]"
