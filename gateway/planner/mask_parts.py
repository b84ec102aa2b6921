"""From the shape of a value to the parts of it that rules of masks are about."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import NamedTuple

from gateway.expressions import Label, Shape
from gateway.expressions.field_patterns import NOWHERE
from gateway.expressions.marked_shape import Marked, state_of
from gateway.expressions.shape import CONTAINERS, MOST_LABELLED, unlisted
from gateway.expressions.shape_part import Anything, Inside, Kind, Parts
from gateway.expressions.shape_union import Labelled, Union
from gateway.runtime.hiding import NO_RULES, Hidden
from gateway.runtime.masking import Rules

RulesOf = Callable[[frozenset[Label]], Rules]
"""The rules about values with these labels."""

_OBJECTS: frozenset[Kind] = frozenset({"object", "null"})
_SCALARS: frozenset[Kind] = frozenset({"boolean", "number", "text"})


class _Draft(NamedTuple):
    """A part whose neighbours may not be made yet: they are told by their marks."""

    hidden: Hidden
    shape: Shape
    members: dict[str, Hashable]
    rest: Hashable | None
    items: Hashable | None

    @property
    def next(self) -> tuple[Hashable, ...]:
        """The marks of all parts that it leads to."""
        return (*self.members.values(), *(mark for mark in (self.rest, self.items) if mark is not None))


def everything(rules: Rules) -> Hidden:
    """A value of which nothing is known but the rules about it and all that is in it."""
    hidden = Hidden(rules)
    hidden.rest = hidden.items = hidden
    return hidden


def hidden_parts(shape: Shape, rules_of: RulesOf, every: Rules, names: set[str]) -> Hidden | None:
    """The parts of a value that a rule may be about, None where there are none. Of what is too large to follow all is hidden.

    A value of another kind than its shape expects is hidden like all that the shape knows to be in it. `names` get all names of members.
    """
    builder = _Builder(rules_of)
    top = builder.draft(shape)
    names |= builder.names
    return builder.finished(top) if builder.complete else everything(every)


class _Builder:
    def __init__(self, rules_of: RulesOf) -> None:
        self._rules_of = rules_of
        self._drafts: dict[Hashable, _Draft] = {}
        self.names: set[str] = set()
        self.complete = True

    def draft(self, shape: Shape) -> Hashable:
        """Drafts a part and all that are in it."""
        top = _mark(shape)
        waiting = [shape]
        while waiting and self.complete:
            at = waiting.pop()
            if _mark(at) not in self._drafts:
                self._drafts[_mark(at)] = self._drafted(at, waiting)
                self.complete = len(self._drafts) <= MOST_LABELLED
        return top

    def _drafted(self, shape: Shape, waiting: list[Shape]) -> _Draft:
        hidden = Hidden(self._rules_of(shape.labels))
        members = {name: found.shape for name in shape.names if (found := shape.look(name)) is not None}
        self.names.update(members)
        rest = unlisted(shape)
        items = shape.items if "array" in shape.kinds else None
        waiting += [*members.values(), *(each for each in (rest, items) if each is not None)]
        if rest is not None:
            hidden.state = state_of(shape.inside)
            hidden.names = self._names(shape)
        return _Draft(
            hidden,
            shape,
            {name: _mark(member) for name, member in members.items()},
            None if rest is None else _mark(rest),
            None if items is None else _mark(items),
        )

    def _names(self, shape: Shape) -> Rules:
        """The rules about the names of an object that is known to hold what it holds by names that come with the data."""
        found = NO_RULES
        for part in shape.inside.shapes if isinstance(shape.inside, Union) else (shape,):
            if part.kinds <= _OBJECTS and part.open and not part.listed:
                found |= self._rules_of(part.labels)
                if not isinstance(_plain(part.inside), Parts | Anything):  # made of others, which may be such
                    found |= self._rules_of(part.rest.labels)
        return found

    def finished(self, top: Hashable) -> Hidden | None:
        """The part at the top, with all that rules are about."""
        below = self._below()
        alive = self._alive(below)
        for mark, draft in self._drafts.items():
            hidden, beside = draft.hidden, everything(below[mark]) if below[mark] else None
            if draft.shape.kinds.isdisjoint(_SCALARS):
                hidden.rules = below[mark]
            hidden.members = {name: self._drafts[member].hidden if member in alive else None for name, member in draft.members.items()}
            hidden.rest = beside if draft.rest is None else self._drafts[draft.rest].hidden if draft.rest in alive else None
            hidden.items = beside if draft.items is None else self._drafts[draft.items].hidden if draft.items in alive else None
        return self._drafts[top].hidden if top in alive else None

    def _below(self) -> dict[Hashable, Rules]:
        """The rules about anything in each part, itself included."""
        found = {mark: draft.hidden.rules for mark, draft in self._drafts.items()}
        above = self._above()
        waiting = [mark for mark, rules in found.items() if rules]
        while waiting:
            mark = waiting.pop()
            for other in above.get(mark, ()):
                if not found[mark] <= found[other]:
                    found[other] |= found[mark]
                    waiting.append(other)
        return found

    def _alive(self, below: dict[Hashable, Rules]) -> set[Hashable]:
        """The parts in which anything may be hidden."""
        above = self._above()
        waiting = [mark for mark, draft in self._drafts.items() if below[mark] or draft.hidden.state != NOWHERE or draft.hidden.names]
        alive = set(waiting)
        while waiting:
            further = [other for other in above.get(waiting.pop(), ()) if other not in alive]
            alive.update(further)
            waiting += further
        return alive

    def _above(self) -> dict[Hashable, list[Hashable]]:
        above: dict[Hashable, list[Hashable]] = {}
        for mark, draft in self._drafts.items():
            for other in draft.next:
                above.setdefault(other, []).append(mark)
        return above


def _mark(shape: Shape) -> Hashable:
    """Equal for values in which the same is hidden."""
    scalar = not shape.kinds.isdisjoint(_SCALARS)
    return (shape.kinds & CONTAINERS, scalar, shape.labels, shape.inside.key if shape.inside is not None else None)


def _plain(inside: Inside | None) -> Inside | None:
    while isinstance(inside, Labelled | Marked):
        inside = inside.of
    return inside
