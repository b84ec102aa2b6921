"""Policies `masking`, compiled: what is hidden of each intent's output and reply, and of each route's answer (language §6)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from gateway.config.document import Document
from gateway.config.loaded import Parsed
from gateway.config.models.policies import MaskingPolicy, MaskRule
from gateway.expressions import Label, Shape, Template, Typing
from gateway.expressions.field_patterns import FieldPatterns
from gateway.expressions.marked_shape import MARK, marked, marks_at
from gateway.expressions.shape import LOST, labelled
from gateway.expressions.template_reader import Spot
from gateway.planner import roots
from gateway.planner.compiler import Compiler
from gateway.planner.known import Known
from gateway.planner.mask_parts import hidden_parts
from gateway.planner.masked_shape import masked_shape
from gateway.planner.role_conditions import holds_for
from gateway.policies.free_text import FreeText
from gateway.runtime.hiding import EACH, NO_RULES, OTHER, Hidden, Walk
from gateway.runtime.masking import Masking, Rendered, Rules, around
from gateway.runtime.masking import MaskRule as Rule
from gateway.sdk import Compiled, Metrics, Path, Place, SecretText

METRIC = "gateway_masked_values_total"
OF_FIELDS = "fields"
"""What values are counted under that a rule names by their fields."""

MOST_TOLD = 1_000
"""Parts of a value that are looked through for the fields that may be hidden of it."""

_FORM_KEYS = frozenset({"$each", "$as", "$where", "$limit", "$do", "$if", "$then", "$else", "$use", "$literal"})


class WrittenMask(NamedTuple):
    """One rule, and where it is written."""

    model: MaskRule
    document: Document
    path: Path
    when: Compiled | None
    unless: Compiled | None

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.document.place(self.path)


class MaskPlanner:
    """All masks of a folder, rules by number in the order written. Without any, nothing is done.

    `fields` fill with what may be hidden of what each document shows, `names` with those of all that is shown, `matched` with the marks
    of the patterns that name something; `unnamed` tells whether data is shown of whose fields nothing is known.
    """

    def __init__(
        self,
        policies: Iterable[Parsed[MaskingPolicy]],
        compiler_for: Callable[[Parsed[Any]], Compiler],
        metrics: Metrics,
    ) -> None:
        found = list(policies)
        self._compilers = [compiler_for(policy) for policy in found]
        self.written: tuple[WrittenMask, ...] = tuple(
            rule for policy, compiler in zip(found, self._compilers, strict=True) for rule in _rules(policy, compiler)
        )
        self.patterns = FieldPatterns(dict.fromkeys(field for rule in self.written for field in rule.model.fields or ()))
        self.every: Rules = frozenset(range(len(self.written)))
        self._by_class = self._numbers()
        self.fields: dict[Document, dict[str, Rules]] = {}
        self.unnamed = False
        self.names: set[str] = set()
        self.matched: set[str] = set()
        self._marks = tuple(self._by_class.get(MARK + text, NO_RULES) for text in self.patterns.texts)
        self._texts = [policy.model.free_text for policy in found if policy.model.free_text is not None]
        self.masking = Masking([_rule(rule, metrics) for rule in self.written], _key(found, self._compilers))

    def _numbers(self) -> Mapping[str, Rules]:
        """The rules about each class of data, those about marks of patterns among them."""
        found: dict[str, Rules] = {}
        for number, rule in enumerate(self.written):
            named = [MARK + field for field in rule.model.fields or ()]
            for about in [*named, *([rule.model.classification] if rule.model.classification is not None else [])]:
                found[about] = found.get(about, NO_RULES) | {number}
        return found

    def check(self, known: Known) -> None:
        """Reports what conditions read and callers can't have."""
        for compiler in self._compilers:
            known.check(compiler).rest(lambda _: Typing(known.roots))

    def free_text(self, *, logs: bool) -> FreeText | None:
        """What hides personal data in log records, or else in the texts of replies; None where nobody asks for it."""
        kinds = {kind for each in self._texts if (each.logs if logs else each.replies) for kind in each.kinds}
        return FreeText(kinds) if kinds else None

    def rules_of(self, labels: Iterable[Label]) -> Rules:
        """The rules about values with these labels; about what was too large to follow, all of them."""
        found = NO_RULES
        for label in labels:
            self.matched.add(label.classification)
            found |= self.every if label == LOST else self._by_class.get(label.classification, NO_RULES)
        return found

    def about(self, labels: Iterable[Label], marks: Iterable[str]) -> Rules:
        """The rules about a value that leaves: by its classes, and by the marks of patterns."""
        return self.rules_of(labels).union(*(self._by_class.get(mark, NO_RULES) for mark in marks))

    def holds_for(self, number: int, role: str) -> bool:
        """Whether a rule masks for a role, whoever has it: an exception that can't be decided for the role counts as none, and a
        condition that can't as one that doesn't hold."""
        rule = self.written[number]
        return (rule.when is None or holds_for(rule.when, role) is True) and (
            rule.unless is None or holds_for(rule.unless, role) is not True
        )

    def note(self, document: Document, field: str, rules: Rules) -> None:
        """Remembers what is hidden of what a document shows."""
        known = self.fields.setdefault(document, {})
        known[field] = known.get(field, NO_RULES) | rules

    def marked(self, shape: Shape, names: Sequence[str] = ()) -> Shape:
        """A shape as patterns see it that stands where these names lead to from the top of an answer."""
        if not self.patterns.texts:
            return shape
        state = self.patterns.start
        for name in names:
            shape = labelled(shape, marks_at(self.patterns, state))  # what holds it is named, and so is all that is in it
            state = self.patterns.after(state, name)
        return marked(shape, self.patterns, state)

    def published(self, shape: Shape) -> Shape:
        """What an output may be, masked or not."""
        if not self.written:
            return shape
        return masked_shape(shape, lambda labels: frozenset(self.written[n].model.mask for n in self.rules_of(labels)))

    def template(
        self, compiler: Compiler, path: Path, plain: Compiled, allowed: frozenset[str], *, called: str, named: bool, locale: str = "en"
    ) -> Compiled:
        """What is compiled at `path`, with masks where rules are about what gets into it.

        `called` is its name in what is told of hidden fields. `named`: its keys are the names of an answer's fields.
        """
        if not self.written or not isinstance(plain, Template):
            return plain
        walks = self._walks(compiler, path, plain, called, named=named)
        if not walks:
            return plain
        about = NO_RULES.union(*(rules for _, rules in walks.values()))
        for walk, _ in walks.values():
            for field, rules in fields_of(walk.hidden, walk.path):
                self.note(compiler.document, field, rules)
        masked = compiler.masked(plain.source, allowed, {spot: around(walk.show) for spot, (walk, _) in walks.items()}, locale=locale)
        return Rendered(plain, masked, self.masking, about)

    def _walks(self, compiler: Compiler, path: Path, plain: Compiled, called: str, *, named: bool) -> dict[Spot, tuple[Walk, Rules]]:
        site = compiler.shown.get(path)
        if site is None:
            return {}
        self.names |= {part for reference in plain.references for part in reference if isinstance(part, str)}
        spots: dict[Spot, Shape] = dict(site.shown)
        covered: list[Path] = []
        for at in sorted(site.decided, key=len):
            classes, chosen = site.decided[at]
            if self.rules_of(classes) and not any(at[: len(above)] == above for above in covered):
                covered.append(at)
                spots = {spot: shape for spot, shape in spots.items() if spot[0][: len(at)] != at}
                spots[at, 0] = chosen
        walks = {}
        for spot, shape in spots.items():
            names = _names(spot[0]) if named else ()
            self.names.update(names)
            hidden = hidden_parts(self.marked(shape, names) if named else shape, self.rules_of, self.every, self.names)
            if hidden is not None:
                walks[spot] = Walk(hidden, ".".join([called, *names]), self.patterns, self._marks), self._about(hidden)
        return walks

    def _about(self, hidden: Hidden) -> Rules:
        """Every rule that may be about anything in a value."""
        found, seen, waiting = NO_RULES, set[int](), [hidden]
        while waiting:
            at = waiting.pop()
            if id(at) in seen:
                continue
            seen.add(id(at))
            found |= at.rules | at.names
            if at.state:
                self.unnamed = self.unnamed or at.rest is at
                found |= NO_RULES.union(*(self._marks[number] for number, _ in at.state))
            waiting += [each for each in (*at.members.values(), at.rest, at.items) if each is not None]
        return found


def _rules(policy: Parsed[MaskingPolicy], compiler: Compiler) -> Iterable[WrittenMask]:
    for index, rule in enumerate(policy.model.rules):
        at: Path = ("rules", index)
        yield WrittenMask(
            rule,
            policy.document,
            at,
            compiler.optional(rule.when, (*at, "when"), roots.POLICY, authorisation=True),
            compiler.optional(rule.unless, (*at, "unless"), roots.POLICY, authorisation=True),
        )


def _rule(written: WrittenMask, metrics: Metrics) -> Rule:
    about = written.model.classification or OF_FIELDS
    counted = metrics.counter(METRIC, "Values that were masked in answers.", classification=about)
    place = written.place
    return Rule(written.model.mask, about, counted, f"{place.file}:{place.line}", written.when, written.unless)


def _key(policies: Sequence[Parsed[MaskingPolicy]], compilers: Sequence[Compiler]) -> SecretText:
    """The key that is written, else one for as long as this plan is there."""
    for policy, compiler in zip(policies, compilers, strict=True):
        if policy.model.key is not None:
            return compiler.document.secrets.get(("key",)) or SecretText(policy.model.key)
    return SecretText(os.urandom(32).hex())


def _names(path: Path) -> tuple[str, ...]:
    """The names of fields on the way to a value of a template."""
    return tuple(part.removeprefix("$") for part in path if isinstance(part, str) and part not in _FORM_KEYS)


def fields_of(hidden: Hidden, path: str) -> Iterable[tuple[str, Rules]]:
    """The paths of what may be hidden of a value, and the rules about each. Of what leads back to itself, and of what is in a great
    many parts, only the beginning is told."""
    seen: set[int] = set()
    waiting = [(hidden, path)]
    while waiting and len(seen) < MOST_TOLD:
        at, where = waiting.pop(0)
        if id(at) in seen:
            continue
        seen.add(id(at))
        if at.rules | at.names:
            yield where, at.rules | at.names
        waiting += [(member, f"{where}.{name}") for name, member in at.members.items() if member is not None]
        beside = ((at.items, EACH), (at.rest, f".{OTHER}"))
        waiting += [(each, where + sign) for each, sign in beside if each is not None and at.rules.isdisjoint(each.rules)]
