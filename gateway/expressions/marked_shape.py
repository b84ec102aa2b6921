"""Shapes whose members are marked by their names: a member that a pattern names gets a label, which then travels like a class of data."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping

from gateway.expressions.field_patterns import NOWHERE, FieldPatterns, State
from gateway.expressions.shape import Label, Shape, labelled
from gateway.expressions.shape_part import Forwarding, Inside, Member, member
from gateway.expressions.shape_union import Labelled, Union

MARK = "fields "
"""Begins the class of a label that stands for a pattern: no rule asks for clearance of it."""


def is_mark(classification: str) -> bool:
    """Whether a class stands for a pattern on names."""
    return classification.startswith(MARK)


def mark_of(pattern: str) -> str:
    """The class that stands for a pattern."""
    return MARK + pattern


def marked(shape: Shape, patterns: FieldPatterns, state: State) -> Shape:
    """The same at a place that `state` leads to: with the marks of the patterns that match it, and of those that match in it."""
    inside = shape.inside
    made = shape if inside is None or not state else shape.replaced(shape.kinds, inside=_inside(inside, patterns, state))
    return labelled(made, marks_at(patterns, state))


def marks_at(patterns: FieldPatterns, state: State) -> frozenset[Label]:
    """The marks of the patterns that match a place."""
    return frozenset(Label(mark_of(patterns.texts[number]), "") for number in patterns.matched(state))


def _inside(inside: Inside, patterns: FieldPatterns, state: State) -> Inside:
    if isinstance(inside, Marked):
        return inside if state <= inside.state else Marked(inside.of, patterns, inside.state | state)
    if isinstance(inside, Labelled):
        return Labelled(_inside(inside.of, patterns, state), inside.labels)
    if isinstance(inside, Union):
        return Union(tuple(_part(part, patterns, state) for part in inside.shapes))
    return Marked(inside, patterns, state)


def _part(shape: Shape, patterns: FieldPatterns, state: State) -> Shape:
    return shape if shape.inside is None else shape.replaced(shape.kinds, inside=_inside(shape.inside, patterns, state))


def state_of(inside: Inside | None) -> State:
    """Where the members of a shape are, as far as that is known: its parts may come from several places."""
    if isinstance(inside, Marked):
        return inside.state
    if isinstance(inside, Labelled):
        return state_of(inside.of)
    if isinstance(inside, Union):
        return frozenset[tuple[int, int]]().union(*(state_of(part.inside) for part in inside.shapes))
    return NOWHERE


class Marked(Forwarding):
    """Another one, at a place that patterns may lead on from. Members that aren't named are marked below, never by themselves."""

    __slots__ = ("patterns", "state")

    def __init__(self, of: Inside, patterns: FieldPatterns, state: State) -> None:
        super().__init__(of)
        self.patterns = patterns
        self.state = state

    @property
    def key(self) -> Hashable:
        return (self.of.key, self.state)

    def _found(self, name: str) -> Member | None:
        found = self.of.look(name)
        return None if found is None else member(marked(found.shape, self.patterns, self.patterns.after(self.state, name)), found.absent)

    def _made_items(self) -> Shape:
        items = self.of.items
        return items if items.inside is None else items.replaced(items.kinds, inside=_inside(items.inside, self.patterns, self.state))

    def _made_rest(self) -> Shape | None:
        rest = self.of.rest
        if rest is None or rest.inside is None:
            return rest
        return rest.replaced(rest.kinds, inside=_inside(rest.inside, self.patterns, self.patterns.anywhere(self.state)))


class MarkedRoots(Mapping[str, Shape]):
    """The roots of a scope, each marked when it is first read."""

    def __init__(self, roots: Mapping[str, Shape], patterns: FieldPatterns) -> None:
        self._roots = roots
        self._patterns = patterns
        self._made: dict[str, Shape] = {}

    def __getitem__(self, name: str) -> Shape:
        if name not in self._made:
            self._made[name] = marked(self._roots[name], self._patterns, self._patterns.after(self._patterns.start, name))
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._roots)

    def __len__(self) -> int:
        return len(self._roots)
