"""What of an answer is hidden, and by which line: from whom the rule says, or from the caller who is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gateway.config.document import Document
from gateway.planner.explain.account import Answer, HiddenField, Line
from gateway.planner.explain.asker import Asker
from gateway.planner.explain.lines import spot
from gateway.planner.masking import MaskPlanner, WrittenMask
from gateway.sdk import Assignment, Compiled, ExpressionFault

ORDER: Sequence[Answer] = ("no", "depends", "yes")


class Viewer:
    """The caller who is asked for; without one, every rule is told of with its conditions."""

    def __init__(self, asker: Asker | None, config: Mapping[str, Any], assignments: Sequence[Assignment]) -> None:
        self._config = config
        self._askers = () if asker is None else _variants(asker, assignments)

    def masks(self, rule: WrittenMask) -> Answer:
        """Whether a rule masks for this caller. What is unknown of a caller masks; what isn't said of them depends."""
        if not self._askers:
            return "yes" if rule.when is None and rule.unless is None else "depends"
        answers = {min(self._sides(rule, asker), key=ORDER.index) for asker in self._askers}
        return answers.pop() if len(answers) == 1 else "depends"

    def _sides(self, rule: WrittenMask, asker: Asker) -> Iterator[Answer]:
        yield "yes"
        if rule.when is not None:
            yield self._side(rule.when, asker, against=False)
        if rule.unless is not None:
            yield self._side(rule.unless, asker, against=True)

    def _side(self, condition: Compiled, asker: Asker, *, against: bool) -> Answer:
        if not all(asker.knows(reference) for reference in condition.references):
            return "depends"
        try:
            return "no" if condition(asker.scope(self._config)) is against else "yes"
        except ExpressionFault:  # the time of the request decides it, or data that nobody foresaw
            return "depends"


def _variants(asker: Asker, assignments: Sequence[Assignment]) -> tuple[Asker, ...]:
    """The caller as told, and with all roles that a condition may give besides."""
    further = [role for each in assignments for role in each.roles]
    return (asker, asker.with_roles(further)) if asker.roles is not None and further else (asker,)


def hidden_fields(masks: MaskPlanner | None, documents: Sequence[Document], viewer: Viewer) -> Iterator[HiddenField]:
    """What may be hidden of what these documents show, in order of path. A rule that can't apply is left out."""
    found = {} if masks is None else {field: rules for document in documents for field, rules in masks.fields.get(document, {}).items()}
    for field, rules in sorted(found.items()):
        for number in sorted(rules):
            rule = masks.written[number] if masks is not None else None
            answer = "no" if rule is None else viewer.masks(rule)
            if rule is not None and answer != "no":
                yield HiddenField(field, rule.model.mask, answer, Line(_told(rule), spot(rule.place)))


def _told(rule: WrittenMask) -> str:
    about = rule.model.classification or f"fields {', '.join(rule.model.fields or ())}"
    when = "" if rule.model.when is None else f" when {rule.model.when}"
    return about + when + ("" if rule.model.unless is None else f" unless {rule.model.unless}")
