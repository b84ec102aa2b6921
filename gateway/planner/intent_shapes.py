"""The shapes of an intent: from its input over its steps to its output and reply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET

from gateway.config.models import Intent
from gateway.expressions import Label, SchemaShapes, Typing
from gateway.expressions.shape import ANY, NO_LABELS, NOTHING_BUT_NULL, Shape, labelled
from gateway.planner import root_shapes
from gateway.planner.compiler import Compiler
from gateway.planner.flows import Flow, flows_of
from gateway.planner.known import Known
from gateway.planner.step_shapes import StepShapes
from gateway.planner.steps import StepDraft
from gateway.planner.ways import Ways, with_ways
from gateway.sdk import Path

Labels = Mapping[str, frozenset[Label]]
"""The classes of data in members of an input."""


class IntentShapes:
    """Infers one version of an intent. `given` are the classes of data in its input, where a sub-intent gets such from its caller.

    Once it was checked, `flows` tell what leaves, `failure` the classes of what callers are told of failures, `sources` who is asked.
    """

    def __init__(self, model: Intent, schema: Mapping[str, Any], compiler: Compiler, known: Known, given: Labels | None = None) -> None:
        self._model = model
        self._check = known.check(compiler)
        self._known = known
        self._again = given is not None
        self._compiler = compiler
        self.flows: list[Flow] = []
        self.failure = NO_LABELS
        self.sources: frozenset[str] = frozenset()
        declared = SchemaShapes(schema, strict=True, origin="input").whole()
        self._roots = {**known.roots, "input": _with_labels(declared, given) if given else declared}

    def check(self, drafts: Sequence[StepDraft]) -> Shape:
        """The shape of `output`; reports whatever is wrong by the shapes of what is read."""
        steps = StepShapes(self._check, self._compiler, self._roots, drafts)
        typing = steps.run()
        output = NOTHING_BUT_NULL if self._model.output is UNSET else self._known.answer(self._check.template(("output",), typing))
        self.flows += [*steps.flows, *flows_of(output, ("output",))]
        self.failure, self.sources = steps.failure, steps.sources
        self._check_reply(typing.with_roots(output=output, error=root_shapes.error(self.failure)))
        self._check.rest(lambda _: Typing(self._roots))
        if not self._again:
            self.flows = with_ways(self.flows, Ways(self._compiler, steps.made))
        return output

    def _check_reply(self, typing: Typing) -> None:
        """Of several forms the first whose `when` holds is used, so that the later ones know that it didn't."""
        reply = self._model.reply
        if not isinstance(reply, list):
            self._check_texts(reply, ("reply",), typing)
            return
        for index, part in enumerate(reply):
            path: Path = ("reply", index)
            within = typing.knowing(self._check.condition((*path, "when"), typing))
            self._check_texts(part.text, (*path, "text"), within)
            for key in ("blocks", "actions", "suggestions"):
                if getattr(part, key) is not None:
                    self._show((*path, key), within)
            typing = typing.knowing(self._check.failing((*path, "when")))

    def _check_texts(self, text: str | Mapping[str, str] | None, path: Path, typing: Typing) -> None:
        if isinstance(text, str):
            self._show(path, typing)
        for locale in text if isinstance(text, Mapping) else ():
            self._show((*path, locale), typing)

    def _show(self, path: Path, typing: Typing) -> None:
        """A part of the reply."""
        self.flows += flows_of(self._check.template(path, typing), path)


def _with_labels(declared: Shape, given: Labels) -> Shape:
    """An input with further classes of data in some of its members."""

    def member(name: str) -> Shape:
        return labelled(declared.member(name) or ANY, given.get(name, NO_LABELS))

    names = tuple(dict.fromkeys((*declared.names, *given)))
    return Shape(declared.kinds, names=names, fields=member, rest=declared.rest if declared.open else None, listed=declared.listed)
