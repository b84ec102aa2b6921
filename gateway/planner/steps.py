"""One step of an intent: from its model to a draft that knows what it reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

import msgspec
from msgspec import UNSET

from gateway.config.models import Check as CheckModel
from gateway.config.models import Join as JoinModel
from gateway.config.models import JoinKeys, Step
from gateway.config.models import Rung as RungModel
from gateway.config.suggest import closest
from gateway.expressions.shape import ANY
from gateway.planner import roots
from gateway.planner.answered import Answered, Given
from gateway.planner.backends import Backends, report_operation
from gateway.planner.compiler import Compiler, Use
from gateway.runtime.plan import (
    Action,
    Argument,
    CallIntent,
    CallOperation,
    Check,
    ForEach,
    IntentPlan,
    Join,
    Let,
    OperationPlan,
    Rung,
)
from gateway.sdk import ERRORS_BY_CODE, Compiled, Path


class IntentsByName(Protocol):
    """Plans a sub-intent on demand; None where there is none of that name, or where it is broken."""

    def sub_intent(self, name: str, where: Compiler, path: Path) -> IntentPlan | None: ...

    def answered(self, name: str, given: Given) -> Answered:
        """What a planned one answers, by the classes of its arguments."""
        ...


class Target(NamedTuple):
    """What a `call` leads to: `operation`, or a sub-intent. `required` are the arguments without which it isn't called.

    `answered` tells what it answers, by the classes of its arguments.
    """

    make: Callable[[tuple[Argument, ...]], Any]
    params: Mapping[str, Any]
    required: frozenset[str]
    answered: Callable[[Given], Answered]
    writes: bool = False
    checks: bool = False
    operation: OperationPlan | None = None


class StepDraft(msgspec.Struct, frozen=True):
    """A step before it has its place in the DAG.

    `uses` are all expressions in it; `target` is what it calls or publishes to, `rungs` what its ladder calls, by number.
    """

    id: str
    model: Step
    action: Action
    uses: tuple[Use, ...]
    target: Target | None = None
    rungs: Mapping[int, Target] = {}
    writes: bool = False
    checks: bool = False
    when: Compiled | None = None
    foreach: ForEach | None = None
    ladder: tuple[Rung, ...] = ()
    ensures: tuple[Check, ...] = ()
    output: Compiled | None = None
    transforms: tuple[Compiled, ...] = ()
    known: bool = True


UNKNOWN = Target(lambda _: Let(()), {"additionalProperties": True}, frozenset(), lambda _: Answered(ANY))
"""Stands for what a `call` doesn't lead to, so that the rest of the step is checked; its plan is never used."""


class StepPlanner:
    """Drafts the steps of one intent."""

    def __init__(self, compiler: Compiler, backends: Backends, intents: IntentsByName) -> None:
        self._compiler = compiler
        self._backends = backends
        self._intents = intents

    def draft(self, name: str, step: Step) -> StepDraft:
        """The draft of a step. An unknown target is reported."""
        self._compiler.uses = []
        path: Path = ("steps", name)
        if step.let is not None or step.join is not None:
            return self._pure(name, step, path)
        local = self._local_name(step, path)
        target = self._target(step, path) or UNKNOWN
        self._check_limits(step, target, path)
        arguments = self._arguments(step, target, path, local)
        ladder, rungs = self._ladder(step, path, local)
        ensures = plan_checks(step.ensure, self._compiler, (*path, "ensure"), roots.RESULT | local)
        output, transforms = self._reshape(step, path, roots.RESULT | local)
        each = self._foreach(step, path)
        return StepDraft(
            id=name,
            model=step,
            action=target.make(arguments),
            when=self._compiler.optional(step.when, (*path, "when"), roots.REQUEST),
            foreach=each,
            ladder=ladder,
            ensures=ensures,
            output=output,
            transforms=transforms,
            writes=target.writes or any(rung.writes for rung in rungs.values()),
            checks=bool(ensures) or target.checks or any(rung.checks for rung in rungs.values()),
            target=target,
            rungs=rungs,
            uses=tuple(self._compiler.uses),
            known=target is not UNKNOWN,
        )

    def _check_limits(self, step: Step, target: Target, path: Path) -> None:
        own = target.operation.timeout if target.operation is not None else None
        if step.timeout is not None and own is not None and step.timeout > own:
            self._compiler.findings.report(
                self._compiler.document, "GW304", f"`timeout` may only narrow the operation's, which is {own:g}s", (*path, "timeout"),
                hint="raise the operation's own, or take it out",
            )  # fmt: skip
        hidden = next((index for index, check in enumerate(step.ensure or ()) if check.deny == "not_found"), None)
        if hidden is not None and (step.fallback or not step.required):
            self._compiler.findings.report(
                self._compiler.document, "GW310", "callers can tell this denial from an absent thing, which is caught here",
                (*path, "ensure", hidden, "deny"), hint="take out `fallback` and `required: false`, or deny with `forbidden`",
                severity="warning",
            )  # fmt: skip

    def _pure(self, name: str, step: Step, path: Path) -> StepDraft:
        kind = "let" if step.let is not None else "join"
        if step.foreach is not None:
            self._compiler.findings.report(
                self._compiler.document, "GW233", f"`foreach` has no meaning beside `{kind}`", (*path, "foreach"), key=True,
                hint="take it out, or give it to the step that calls",
            )  # fmt: skip
        action: Action
        if step.let is not None:
            members = tuple((key, self._compiler.template(value, (*path, "let", key), roots.REQUEST)) for key, value in step.let.items())
            action = Let(members)
        else:
            action = self._join(step.join, (*path, "join"))
        ensures = plan_checks(step.ensure, self._compiler, (*path, "ensure"), roots.RESULT)
        output, transforms = self._reshape(step, path, roots.RESULT)
        return StepDraft(
            id=name,
            model=step,
            action=action,
            when=self._compiler.optional(step.when, (*path, "when"), roots.REQUEST),
            ensures=ensures,
            checks=bool(ensures),
            output=output,
            transforms=transforms,
            uses=tuple(self._compiler.uses),
        )

    def _join(self, model: JoinModel | None, path: Path) -> Join:
        assert model is not None  # noqa: S101 - `_pure` is called for join or let
        left, right = _key_fields(model)
        report = self._compiler.findings.report
        document = self._compiler.document
        if len(left) != len(right):
            report(document, "GW236", "`by` needs as many fields on the left as on the right", (*path, "by"))
        if model.merge and model.cardinality == "many":
            report(document, "GW236", "`merge` takes one match; with `cardinality: many` use `as`", (*path, "merge"), key=True)
        return Join(
            left=self._compiler.expression(model.left, (*path, "left"), roots.REQUEST),
            right=self._compiler.expression(model.right, (*path, "right"), roots.REQUEST),
            left_fields=left,
            right_fields=right,
            cardinality=model.cardinality,
            keep_unmatched=model.type == "left",
            attribute=model.as_,
            cast=model.cast,
        )

    def _local_name(self, step: Step, path: Path) -> frozenset[str]:
        if step.foreach is None:
            return frozenset()
        if step.as_ in roots.ALL:
            self._compiler.findings.report(
                self._compiler.document, "GW234", f"`as: {step.as_}` would hide the root `{step.as_}`", (*path, "as"),
                hint="take another name",
            )  # fmt: skip
        return frozenset({step.as_})

    def _target(self, step: Step, path: Path) -> Target | None:
        if step.emit is not None:
            at: Path = (*path, "emit", "to")
            if step.emit.to.startswith("intent."):
                self._compiler.findings.report(
                    self._compiler.document, "GW222", "`emit` publishes to a source's operation", at, hint="use `call` for an intent"
                )
                return None
            target = self.resolve(step.emit.to, at)
            return None if target is None else target._replace(writes=True)
        return self.resolve(step.call, (*path, "call")) if step.call is not None else None

    def resolve(self, called: str, path: Path) -> Target | None:
        """What `source.operation` or `intent.<name>` leads to; reports what doesn't exist."""
        owner, _, name = called.partition(".")
        if owner == "intent":
            return self._intent_target(name, path)
        backend = self._backends.get(owner)
        if backend is None and owner in self._backends.names():
            return None
        if backend is None:
            place = self._compiler.document.place_in_text(path, 0, len(owner))
            self._compiler.findings.unknown(
                self._compiler.document, "GW222", "source", owner, known=[*self._backends.names(), "intent"], path=path, place=place
            )
            return None
        before = len(self._compiler.findings.problems)
        operation = backend.operation(name)
        if operation is None:
            report_operation(backend, name, self._compiler, path, before)
            return None
        return Target(
            lambda arguments: CallOperation(operation, arguments),
            operation.params,
            operation.required,
            backend.answered(name),
            writes=operation.effect == "write",
            operation=operation,
        )

    def _intent_target(self, name: str, path: Path) -> Target | None:
        intent = self._intents.sub_intent(name, self._compiler, path)
        if intent is None:
            return None
        return Target(
            lambda arguments: CallIntent(intent, arguments),
            intent.input_schema,
            intent.required,
            lambda given: self._intents.answered(name, given),
            writes=intent.writes,
            checks=intent.checks,
        )

    def _arguments(self, step: Step, target: Target, path: Path, local: frozenset[str]) -> tuple[Argument, ...]:
        if step.emit is None:
            return self.arguments(step.with_, target, (*path, "with"), (*path, "call"), roots.REQUEST | local)
        if not isinstance(step.emit.data, dict):
            self._compiler.findings.report(
                self._compiler.document, "GW225", "`data` names the operation's arguments", (*path, "emit", "data"), hint="write a mapping"
            )
            return ()
        return self.arguments(step.emit.data, target, (*path, "emit", "data"), (*path, "emit", "to"), roots.REQUEST | local)

    def arguments(self, given: Mapping[str, Any], target: Target, path: Path, call: Path, visible: frozenset[str]) -> tuple[Argument, ...]:
        """Compiles arguments and holds their names against what the target declares."""
        findings, document = self._compiler.findings, self._compiler.document
        declared = target.params.get("properties") or {}
        if "additionalProperties" not in target.params or target.params["additionalProperties"] is False:
            for name in given:
                if name not in declared:
                    findings.unknown(document, "GW224", "argument", name, known=declared, path=(*path, name), key=True)
        misspelt = {closest(name, declared) for name in given if name not in declared}
        for name in target.params.get("required", ()):
            if name not in given and name not in misspelt and "default" not in _as_mapping(declared.get(name)):
                findings.report(document, "GW225", f"argument `{name}` is required", call, hint=f"add `{name}` to `with`")
        return tuple(
            Argument(name, self._compiler.template(value, (*path, name), visible), literal=value is None) for name, value in given.items()
        )

    def _ladder(self, step: Step, path: Path, local: frozenset[str]) -> tuple[tuple[Rung, ...], dict[int, Target]]:
        """The rungs, and what those that call lead to, by number."""
        rungs, targets = [], dict[int, Target]()
        for number, model in enumerate(step.fallback or ()):
            at: Path = (*path, "fallback", number)
            when = self._compiler.optional(model.when, (*at, "when"), roots.LADDER | local)
            if model.call is not None:
                target = targets[number] = self.resolve(model.call, (*at, "call")) or UNKNOWN
                call = target.make(self.arguments(model.with_, target, (*at, "with"), (*at, "call"), roots.LADDER | local))
                output, transforms = self._reshape(model, at, roots.RUNG_OUTPUT | local)
                rungs.append(Rung(number, when, call, output=output, transforms=transforms, timeout=model.timeout))
            elif model.stale is not None:
                rungs.append(Rung(number, when, stale=model.stale))
            elif model.return_ is not UNSET:
                rungs.append(Rung(number, when, value=self._compiler.template(model.return_, (*at, "return"), roots.LADDER | local)))
        return tuple(rungs), targets

    def _foreach(self, step: Step, path: Path) -> ForEach | None:
        if step.foreach is None:
            return None
        items = self._compiler.expression(step.foreach, (*path, "foreach"), roots.REQUEST)
        return ForEach(items, step.as_, step.concurrency, step.max_items, step.item_error)

    def _reshape(self, step: Step | RungModel, path: Path, visible: frozenset[str]) -> tuple[Compiled | None, tuple[Compiled, ...]]:
        output = None if step.output is UNSET else self._compiler.template(step.output, (*path, "output"), visible)
        if step.transform is None:
            return output, ()
        transform = self._transform(step.transform, (*path, "transform"))
        return output, () if transform is None else (transform,)

    def _transform(self, name: str, path: Path) -> Compiled | None:
        transform = self._compiler.transforms.get(name)
        if transform is None:
            self._compiler.findings.unknown(self._compiler.document, "GW232", "transform", name, known=self._compiler.transforms, path=path)
        return transform


def plan_checks(checks: list[CheckModel] | None, compiler: Compiler, path: Path, visible: frozenset[str]) -> tuple[Check, ...]:
    """`guard` and `ensure`."""
    planned = []
    for index, model in enumerate(checks or ()):
        at: Path = (*path, index, "check")
        place = compiler.document.place(at)
        condition = compiler.expression(model.check, at, visible, authorisation=True)
        planned.append(Check(condition, ERRORS_BY_CODE[model.deny], f"{place.file}:{place.line}"))
    return tuple(planned)


def _key_fields(model: JoinModel) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if isinstance(model.by, JoinKeys):
        return tuple(model.by.left), tuple(model.by.right)
    fields = (model.by,) if isinstance(model.by, str) else tuple(model.by)
    return fields, fields


def _as_mapping(schema: Any) -> Mapping[str, Any]:
    return schema if isinstance(schema, Mapping) else {}
