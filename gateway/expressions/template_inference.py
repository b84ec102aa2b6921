"""The shape of a template's value, and what is wrong with it by the shapes of what it reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from gateway.expressions.expression import Expression
from gateway.expressions.faults import Fault
from gateway.expressions.inference import Inferred, Typing, infer
from gateway.expressions.narrowing import NONE_CERTAIN, certain_where
from gateway.expressions.scanner import Slot, holds_slot, only_slot, scan
from gateway.expressions.shape import (
    ANY,
    NULL,
    TEXT,
    Label,
    Shape,
    constant,
    every_label,
    labelled,
    list_of,
    null_declared,
    object_of,
    of_data,
    told,
    united,
)
from gateway.expressions.template import Template
from gateway.expressions.template_reader import Spot
from gateway.sdk import Path

MISFIT = "GW269"


class InferredTemplate(NamedTuple):
    """The shape of a template's value; faults by the path of their leaf; the heads of paths that are fields of their element.

    `shown` are the shapes of the values that get into it, by where they do; `decided`, by the path of each `$if` whose condition has
    classes of data, these classes and what is chosen.
    """

    shape: Shape
    faults: list[tuple[Path, Fault]]
    element_fields: frozenset[tuple[Path, int]]
    shown: Mapping[Spot, Shape]
    decided: Mapping[Path, tuple[frozenset[Label], Shape]]


def infer_template(template: Template, typing: Typing) -> InferredTemplate:
    """The shape of a compiled template's value. Offsets are those of the leaf's text, as in `compile_template`. Never raises."""
    run = _Inference(template)
    shape = run.of(template.source, (), typing)
    return InferredTemplate(shape, run.faults, frozenset(run.element_fields), run.shown, run.decided)


class _Inference:
    """One walk over one template."""

    def __init__(self, template: Template) -> None:
        self.faults: list[tuple[Path, Fault]] = []
        self.element_fields: set[tuple[Path, int]] = set()
        self.shown: dict[Spot, Shape] = {}
        self.decided: dict[Path, tuple[frozenset[Label], Shape]] = {}
        self._leaves = {(path, start): leaf for path, start, _, leaf in template.leaves}

    def of(self, value: Any, path: Path, typing: Typing) -> Shape:
        """The shape of one value of the template."""
        if isinstance(value, str):
            return self._text(value, path, typing)
        if isinstance(value, list):
            return list_of(united([self.of(item, (*path, place), typing) for place, item in enumerate(value)]) if value else ANY)
        return self._mapping(value, path, typing) if isinstance(value, dict) else of_data(value)

    def _text(self, value: str, path: Path, typing: Typing) -> Shape:
        if not holds_slot(value):
            return constant(value)
        pieces = scan(value)
        single = only_slot(pieces)
        if single is not None:
            return self._slot(path, single.start, typing)
        labels = frozenset[Label]()
        for slot in (piece for piece in pieces if isinstance(piece, Slot)):
            shape = self._slot(path, slot.start, typing)
            labels |= every_label(shape)
            if null_declared(shape):
                self._warn_of_null(value, slot, path)
        return labelled(TEXT, labels)

    def _warn_of_null(self, value: str, slot: Slot, path: Path) -> None:
        written = value[slot.start : slot.end]
        start = slot.start + len(written) - len(written.lstrip())
        hint = "say what to write then: `… || 'none'`, or choose by `when`"
        message = "this may be null, which writes nothing into the text"
        self.faults.append((path, Fault("GW266", message, hint, start, start + len(written.strip()), "warning")))

    def _slot(self, path: Path, start: int, typing: Typing) -> Shape:
        shape = self.shown[path, start] = self._expression(path, start, typing)
        return shape

    def _expression(self, path: Path, start: int, typing: Typing) -> Shape:
        """Of one with an error nothing is known but its classes of data, so that no other error follows."""
        leaf = self._leaves.get((path, start))
        if leaf is None:
            return ANY
        found = self._inferred(leaf, path, start, typing)
        wrong = any(fault.severity == "error" for fault in found.faults)
        return labelled(ANY, every_label(found.shape)) if wrong else found.shape

    def _inferred(self, leaf: Expression, path: Path, start: int, typing: Typing) -> Inferred:
        found = infer(leaf.source, leaf.ast, typing)
        self.faults += [(path, fault.moved(start)) for fault in found.faults]
        self.element_fields |= {(path, start + head) for head in found.element_fields}
        return found

    def _mapping(self, value: Mapping[str, Any], path: Path, typing: Typing) -> Shape:
        if "$literal" in value:
            return of_data(value["$literal"])
        if "$use" in value:
            return self._use(value, path, typing)
        if "$if" in value:
            return self._if(value, path, typing)
        if "$each" in value:
            return self._each(value, path, typing)
        return object_of({_key(key): self.of(member, (*path, key), typing) for key, member in value.items()})

    def _use(self, value: Mapping[str, Any], path: Path, typing: Typing) -> Shape:
        before, self.shown, self.decided = (self.shown, self.decided), {}, {}
        given = self.of(value.get("value"), (*path, "value"), typing)
        self.shown, self.decided = before  # what a transform is given is not shown, but what it makes of it
        transform = typing.transforms.get(value["$use"])
        if transform is None:
            return ANY
        shape, faults = transform(given)
        self.shown[path, 0] = shape
        self.faults += [((*path, "$use"), misfit(value["$use"], fault)) for fault in faults]
        return shape

    def _if(self, value: Mapping[str, Any], path: Path, typing: Typing) -> Shape:
        condition = self._leaves.get(((*path, "$if"), 0))
        holds = fails = NONE_CERTAIN
        labels = frozenset[Label]()
        if condition is not None:
            labels = every_label(self._inferred(condition, (*path, "$if"), 0, typing).shape)
            holds, fails = certain_where(condition.ast), certain_where(condition.ast, holds=False)
        then = self.of(value.get("$then"), (*path, "$then"), typing.knowing(holds))
        chosen = labelled(united([then, self.of(value.get("$else"), (*path, "$else"), typing.knowing(fails))]), labels)
        if labels:
            self.decided[path] = labels, chosen
        return chosen

    def _each(self, value: Mapping[str, Any], path: Path, typing: Typing) -> Shape:
        listed = self._expression((*path, "$each"), 0, typing)
        self._check_list(listed, path)
        self._expression((*path, "$limit"), 0, typing)
        within = typing.with_roots(**{value["$as"]: listed.items})
        condition = self._leaves.get(((*path, "$where"), 0))
        if condition is not None:
            self._inferred(condition, (*path, "$where"), 0, within)
            within = within.knowing(certain_where(condition.ast))
        return list_of(self.of(value.get("$do"), (*path, "$do"), within))

    def _check_list(self, listed: Shape, path: Path) -> None:
        leaf = self._leaves.get(((*path, "$each"), 0))
        complaint = None if leaf is None else not_a_list(listed, leaf)
        if complaint is not None:
            self.faults.append(((*path, "$each"), complaint))


def misfit(name: str, fault: Fault) -> Fault:
    """The fault of using a transform for what it doesn't fit, at its name."""
    message = fault.message if fault.code == MISFIT else f"transform `{name}` doesn't fit what it is given: {fault.message}"
    return Fault(MISFIT, message, fault.hint, 0, len(name))


def not_a_list(listed: Shape, expression: Expression) -> Fault | None:
    """The fault of an expression that has to give a list, and can't."""
    if not listed.known or "array" in listed.kinds or listed.kinds <= NULL:
        return None
    return Fault("GW261", f"a list is needed here, and this is {told(listed)}", None, 0, len(expression.source))


def _key(key: Any) -> str:
    return key.removeprefix("$") if isinstance(key, str) and key.startswith("$$") else str(key)
