"""What intents answer to intents that call them, and where classified data goes that these give them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

from gateway.config.models import Intent
from gateway.expressions import Label, Shape
from gateway.expressions.shape import ANY, LOST, labelled
from gateway.planner.answered import NOTHING, Answered, Given, Sent
from gateway.planner.compiler import Compiler
from gateway.planner.flows import Flow
from gateway.planner.intent_shapes import IntentShapes, Labels
from gateway.planner.known import Known
from gateway.planner.steps import StepDraft

MOST = 1_000
"""How often intents are inferred again for what others give them. Beyond that, all that goes in may come out anywhere."""


class _Document(NamedTuple):
    """What an intent is inferred from."""

    model: Intent
    schema: Mapping[str, Any]
    compiler: Compiler
    drafts: Sequence[StepDraft]


class SubIntents:
    """The intents that were checked. For other classes of data in its input an intent is inferred again, without reporting."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._documents: dict[str, _Document] = {}
        self._answered: dict[str, Answered] = {}
        self._again: dict[Hashable, Answered] = {}

    def check(self, model: Intent, schema: Mapping[str, Any], compiler: Compiler, drafts: Sequence[StepDraft]) -> tuple[Shape, list[Flow]]:
        """Checks one version of an intent: the shape of its output, and what leaves. The first that is checked is the one called."""
        shapes = IntentShapes(model, schema, compiler, self._known)
        output = shapes.check(drafts)
        self._documents.setdefault(model.intent, _Document(model, schema, compiler, drafts))
        self._answered.setdefault(model.intent, Answered(output, shapes.failure, shapes.sources))
        return output, shapes.flows

    def answered(self, name: str, given: Given = NOTHING) -> Answered:
        """What an intent answers, by the classes of its arguments."""
        mark = (name, frozenset(given.items()))
        plain = self._answered.get(name, Answered(ANY))
        if not given or name not in self._documents:
            return plain
        if mark not in self._again:
            self._again[mark] = self._inferred(name, given) if len(self._again) < MOST else _anything(plain, given)
        return self._again[mark]

    def _inferred(self, name: str, given: Given) -> Answered:
        """Each class of each argument gets a label of its own, by which it is known again wherever it comes out."""
        labels: Labels = {
            argument: frozenset(Label(each, f"intent.{name}: {argument}") for each in classes) for argument, classes in given.items()
        }
        origins = {label: argument for argument, found in labels.items() for label in found}
        document = self._documents[name]
        shapes = IntentShapes(document.model, document.schema, document.compiler.silent(), self._known, labels)
        output = shapes.check(document.drafts)
        sent = frozenset(
            Sent(origins[label], label.classification, flow.source)
            for flow in shapes.flows
            for label in flow.labels
            if flow.source is not None and label in origins
        )
        return Answered(output, shapes.failure, shapes.sources, sent)


def _anything(plain: Answered, given: Given) -> Answered:
    return plain._replace(shape=labelled(plain.shape, frozenset({LOST}))).to_backend(given)
