"""The shapes of an intent's steps, one after the other, each from those that it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import UNSET

from gateway.config.models import Rung, Step
from gateway.expressions import Expression, Label, SchemaShapes, Typing, not_a_list
from gateway.expressions.marked_shape import is_mark
from gateway.expressions.shape import (
    ANY,
    NO_LABELS,
    Shape,
    every_label,
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
from gateway.planner.flows import Flow, classes_of, marks_of
from gateway.planner.join_shape import joined
from gateway.planner.reading import steps_read
from gateway.planner.shape_check import ShapeCheck
from gateway.planner.steps import StepDraft, Target
from gateway.runtime.plan import Join
from gateway.sdk import Path

_OWN_ERROR = frozenset({("error",)})
"""On the ladder there is one."""


class _Called(NamedTuple):
    """What an action gives; the classes of what is told of its failure; whether somebody said that it may be skipped (None: it can't)."""

    shape: Shape
    failure: frozenset[Label] = NO_LABELS
    skipped: bool | None = None


class StepShapes:
    """Infers the steps of one intent. `roots` are those of the request but for `steps status meta`.

    `made` are their shapes. `flows` tell what leaves, `failure` the classes of what callers are told of failures, `sources` who is asked.
    """

    def __init__(self, check: ShapeCheck, compiler: Compiler, roots: Mapping[str, Shape], drafts: Sequence[StepDraft]) -> None:
        self._check = check
        self._compiler = compiler
        self._roots = roots
        self._drafts = drafts
        self.made: dict[str, Shape] = {}
        self._arguments: dict[int, Shape] = {}
        self.flows: list[Flow] = []
        self.failure = NO_LABELS
        self.sources: frozenset[str] = frozenset()

    def run(self) -> Typing:
        """What is known once all steps are done."""
        for draft in _in_order(self._drafts):
            self.made[draft.id] = self._step(draft)
        return self._typing()

    def _typing(self) -> Typing:
        names = [draft.id for draft in self._drafts]
        steps = {
            "steps": object_of({name: self.made.get(name, ANY) for name in names}),
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
        result, failure, skipped = self._result(draft, inner, path)
        typing = inner.with_roots(result=result)
        for index in range(len(step.ensure or ())):
            self._check.expression((*path, "ensure", index, "check"), typing)
        value = self._ladder(draft, self._reshaped(step, result, typing, path), inner, failure, path)
        if draft.foreach is not None:  # items that are skipped are left out
            value = list_of(nullable(value, declared=False) if draft.foreach.item_error == "keep_null" else value)
        elif skipped is not None:
            value = nullable(value, declared=skipped)
        return nullable(value) if step.when is not None or not step.required else value

    def _with_item(self, draft: StepDraft, outer: Typing, path: Path) -> Typing:
        if draft.foreach is None:
            return outer
        listed = self._check.expression((*path, "foreach"), outer)
        if isinstance(draft.foreach.items, Expression) and (fault := not_a_list(listed, draft.foreach.items)) is not None:
            self._compiler.findings.faults(self._compiler.document, (*path, "foreach"), [fault])
        return outer.with_roots(**{draft.foreach.name: listed.items if "array" in listed.kinds else ANY})

    def _result(self, draft: StepDraft, typing: Typing, path: Path) -> _Called:
        """What the step's action gives."""
        step = draft.model
        if step.let is not None:
            return _Called(object_of({name: self._check.template((*path, "let", name), typing) for name in step.let}))
        if step.join is not None and isinstance(draft.action, Join):
            sides = [self._check.expression((*path, "join", side), typing) for side in ("left", "right")]
            return _Called(joined(draft.action, sides[0], sides[1], self._compiler, (*path, "join")))
        if draft.target is None:
            return _Called(ANY)
        if step.emit is None:
            return self._called(draft.target, step.with_, typing, (*path, "with"), (*path, "call"))
        data = step.emit.data if isinstance(step.emit.data, dict) else {}
        return self._called(draft.target, data, typing, (*path, "emit", "data"), (*path, "emit", "to"))

    def _called(self, target: Target, given: Mapping[str, Any], typing: Typing, path: Path, call: Path) -> _Called:
        """Checks the arguments at `path`; what of them goes on to sources, and what callers are told of a failure, leaves."""
        declared = self._declared(target.params)
        labels: dict[str, frozenset[Label]] = {}
        skipped: bool | None = None
        for name, written in given.items():
            shape = self._check.template((*path, name), typing)
            labels[name] = every_label(shape)
            wanted = declared.member(name) if declared.known else None
            if wanted is not None:
                check_argument(shape, wanted, name, self._compiler, (*path, name))
            if name in target.required and written is not None and "null" in shape.kinds and not target.writes:
                skipped = skipped or null_declared(shape)
        answered = target.answered({name: frozenset(each.classification for each in found) for name, found in labels.items() if found})
        for sent in sorted(sent for sent in answered.sent if not is_mark(sent.classification)):
            going = frozenset(label for label in labels[sent.argument] if label.classification == sent.classification)
            self.flows.append(Flow((*path, sent.argument), (), going, sent.source))
        if answered.failure:
            told = answered.failure
            self.flows.append(Flow(call, (), classes_of(told), marks=marks_of(told), failure=True))
        self.failure |= answered.failure
        self.sources |= answered.sources
        return _Called(answered.shape, answered.failure, skipped)

    def _declared(self, params: Mapping[str, Any]) -> Shape:
        if id(params) not in self._arguments:
            self._arguments[id(params)] = SchemaShapes(params, strict=True).whole()
        return self._arguments[id(params)]

    def _reshaped(self, step: Step | Rung, result: Shape, typing: Typing, path: Path) -> Shape:
        shape = result if step.output is UNSET else self._check.template((*path, "output"), typing)
        return shape if step.transform is None else self._check.transformed(step.transform, shape, (*path, "transform"))

    def _ladder(self, draft: StepDraft, value: Shape, typing: Typing, failure: frozenset[Label], path: Path) -> Shape:
        """Whatever a rung may give: the union of all (language §2). `error` is that of the step, or of a rung before."""
        shapes = [value]
        typing = typing.knowing(_OWN_ERROR)
        for number, rung in enumerate(draft.model.fallback or ()):
            at: Path = (*path, "fallback", number)
            within = typing.with_roots(error=root_shapes.error(failure))
            within = within.knowing(self._check.condition((*at, "when"), within))
            if rung.call is not None:
                called = self._called(draft.rungs[number], rung.with_, within, (*at, "with"), (*at, "call"))
                shapes.append(self._reshaped(rung, called.shape, within.with_roots(result=called.shape), at))
                failure |= called.failure
            elif rung.return_ is not UNSET:
                shapes.append(of_data(None) if rung.return_ is None else self._check.template((*at, "return"), within))
        return united(shapes)


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
