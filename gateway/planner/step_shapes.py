"""The shapes of an intent's steps, one after the other, each from those that it reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import UNSET

from gateway.config.models import Rung, Step
from gateway.expressions import Expression, SchemaShapes, Typing, not_a_list
from gateway.expressions.shape import (
    ANY,
    Shape,
    list_of,
    null_declared,
    nullable,
    object_of,
    of_data,
    united,
)
from gateway.planner import root_shapes
from gateway.planner.argument_shapes import check_argument
from gateway.planner.compiler import Compiler
from gateway.planner.flows import Flow, flows_of
from gateway.planner.join_shape import joined
from gateway.planner.reading import steps_read
from gateway.planner.shape_check import ShapeCheck
from gateway.planner.steps import StepDraft
from gateway.runtime.plan import CallOperation, Join, OperationPlan
from gateway.sdk import Path

_OWN_ERROR = frozenset({("error",)})
"""On the ladder there is one."""


class StepShapes:
    """Infers the steps of one intent. `roots` are those of the request but for `steps status meta`; `flows` tells what is sent where."""

    def __init__(self, check: ShapeCheck, compiler: Compiler, roots: Mapping[str, Shape], drafts: Sequence[StepDraft]) -> None:
        self._check = check
        self._compiler = compiler
        self._roots = roots
        self._drafts = drafts
        self._made: dict[str, Shape] = {}
        self._arguments: dict[int, Shape] = {}
        self.flows: list[Flow] = []

    def run(self) -> Typing:
        """What is known once all steps are done."""
        for draft in _in_order(self._drafts):
            self._made[draft.id] = self._step(draft)
        return self._typing()

    def _typing(self) -> Typing:
        names = [draft.id for draft in self._drafts]
        steps = {
            "steps": object_of({name: self._made.get(name, ANY) for name in names}),
            "status": object_of(dict.fromkeys(names, root_shapes.STATUS)),
            "meta": object_of(dict.fromkeys(names, root_shapes.META)),
        }
        return Typing({**self._roots, **steps})

    def _step(self, draft: StepDraft) -> Shape:
        path: Path = ("steps", draft.id)
        step = draft.model
        outer = self._typing()
        outer = outer.knowing(self._check.condition((*path, "when"), outer))
        inner = self._with_item(draft, outer, path)
        result, may_skip = self._result(draft, inner, path)
        typing = inner.with_roots(result=result)
        for index in range(len(step.ensure or ())):
            self._check.expression((*path, "ensure", index, "check"), typing)
        value = self._ladder(draft, self._reshaped(step, result, typing, path), inner, path)
        if draft.foreach is not None:
            items = nullable(value, declared=False) if may_skip or draft.foreach.item_error == "keep_null" else value
            value = list_of(items)
            may_skip = False
        if step.when is not None or not step.required or may_skip:
            return nullable(value)
        return value

    def _with_item(self, draft: StepDraft, outer: Typing, path: Path) -> Typing:
        if draft.foreach is None:
            return outer
        listed = self._check.expression((*path, "foreach"), outer)
        if isinstance(draft.foreach.items, Expression) and (fault := not_a_list(listed, draft.foreach.items)) is not None:
            self._compiler.findings.faults(self._compiler.document, (*path, "foreach"), [fault])
        return outer.with_roots(**{draft.foreach.name: listed.items if "array" in listed.kinds else ANY})

    def _result(self, draft: StepDraft, typing: Typing, path: Path) -> tuple[Shape, bool]:
        """What the step's action gives, and whether it is skipped where an argument is null."""
        step = draft.model
        if step.let is not None:
            return object_of({name: self._check.template((*path, "let", name), typing) for name in step.let}), False
        if step.join is not None and isinstance(draft.action, Join):
            sides = [self._check.expression((*path, "join", side), typing) for side in ("left", "right")]
            return joined(draft.action, sides[0], sides[1], self._compiler, (*path, "join")), False
        given = (*path, "emit", "data") if step.emit is not None else (*path, "with")
        operation = draft.action.operation if isinstance(draft.action, CallOperation) else None
        may_skip = self._given(_names(step), draft.params, typing, given, operation)
        return draft.result_shape, may_skip and not draft.writes

    def _given(self, names: Iterable[str], params: Mapping[str, Any], typing: Typing, path: Path, operation: OperationPlan | None) -> bool:
        """Checks arguments; tells whether a required one may be null."""
        declared = self._declared(params)
        may_skip = False
        for name in names:
            shape = self._check.template((*path, name), typing)
            if operation is not None:
                self.flows += flows_of(shape, (*path, name), operation.source)
            wanted = declared.member(name) if declared.known else None
            if wanted is not None:
                check_argument(shape, wanted, name, self._compiler, (*path, name))
            may_skip = may_skip or (name in params.get("required", ()) and null_declared(shape))
        return may_skip

    def _declared(self, params: Mapping[str, Any]) -> Shape:
        if id(params) not in self._arguments:
            self._arguments[id(params)] = SchemaShapes(params, strict=True).whole()
        return self._arguments[id(params)]

    def _reshaped(self, step: Step | Rung, result: Shape, typing: Typing, path: Path) -> Shape:
        shape = result if step.output is UNSET else self._check.template((*path, "output"), typing)
        return shape if step.transform is None else self._check.transformed(step.transform, shape, (*path, "transform"))

    def _ladder(self, draft: StepDraft, value: Shape, typing: Typing, path: Path) -> Shape:
        """Whatever a rung may give: the union of all (language §2)."""
        shapes = [value]
        typing = typing.with_roots(error=root_shapes.ERROR).knowing(_OWN_ERROR)
        for number, rung in enumerate(draft.model.fallback or ()):
            at: Path = (*path, "fallback", number)
            within = typing.knowing(self._check.condition((*at, "when"), typing))
            if rung.call is not None:
                target = draft.rungs[number]
                self._given(rung.with_, target.params, within, (*at, "with"), target.operation)
                shapes.append(self._reshaped(rung, target.shape, within.with_roots(result=target.shape), at))
            elif rung.return_ is not UNSET:
                shapes.append(of_data(None) if rung.return_ is None else self._check.template((*at, "return"), within))
        return united(shapes)


def _names(step: Step) -> Iterable[str]:
    if step.emit is not None:
        return step.emit.data if isinstance(step.emit.data, dict) else ()
    return step.with_


def _in_order(drafts: Sequence[StepDraft]) -> list[StepDraft]:
    """Each after those that it reads; those in a circle at the end, as they were written."""
    waits = {draft.id: {name for use in draft.uses for name in steps_read(use.compiled)} for draft in drafts}
    left, done, ordered = list(drafts), set[str](), list[StepDraft]()
    while left:
        ready = [draft for draft in left if waits[draft.id] & waits.keys() <= done] or left
        ordered += ready
        done |= {draft.id for draft in ready}
        left = [draft for draft in left if draft.id not in done]
    return ordered
