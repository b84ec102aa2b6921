"""Classified data on its way: to callers in outputs and replies, to sources in arguments (language §6)."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from gateway.config.document import Document
from gateway.expressions import Label, Shape
from gateway.expressions.marked_shape import is_mark
from gateway.expressions.shape import ANY, CONTAINERS, LOST, MOST_LABELLED
from gateway.sdk import Path

DEEPEST = 100
"""How many objects and lists inside each other are followed."""


Ways = Mapping[str, tuple[str, ...]]
"""The way of each class of data: from the field that it comes from over steps to where it leaves."""
NO_WAYS: Ways = MappingProxyType({})

FOR_EVERYBODY = frozenset({"public", "internal"})
"""Classes that need no clearance: `internal` is for whoever the access rules let in."""


class Flow(NamedTuple):
    """Labels of a value that leaves: where it is written, which member of it has them, and the source it goes to (None: callers).

    `marks` stand for the patterns of masks that name it, or what it is made from. `failure`: it is what callers are told of a failure.
    `ways` tell for each class that needs clearance how it got there, as far as that is known.
    """

    path: Path
    member: tuple[str, ...]
    labels: frozenset[Label]
    source: str | None = None
    marks: frozenset[str] = frozenset()
    failure: bool = False
    ways: Ways = NO_WAYS


class Outflow(NamedTuple):
    """All that leaves by one document, and the roles of those who may use it: none where only other intents may.

    `intent` is the one whose answer a route passes on.
    """

    document: Document
    roles: frozenset[str]
    flows: tuple[Flow, ...]
    intent: str | None = None


def flows_of(shape: Shape, path: Path) -> Iterator[Flow]:
    """Each topmost member with labels that what holds it hasn't. What is too large to follow counts as of a class of its own.

    Equal parts are looked through once for each name that they have: masks go by names.
    """
    seen: set[Hashable] = set()
    waiting: list[tuple[Shape, tuple[str, ...], frozenset[Label]]] = [(shape, (), frozenset())]
    while waiting:
        at, member, above = waiting.pop()
        further = classes_of(at.labels - above)
        if further:
            yield Flow(path, member, further, marks=marks_of(at.labels))
        if at.inside is None or at is ANY:
            continue
        mark = (at.kinds & CONTAINERS, at.inside.key, above | at.labels, name_of(member))
        if mark in seen:
            continue
        seen.add(mark)
        if len(seen) > MOST_LABELLED or len(member) > DEEPEST:
            yield Flow(path, member, frozenset({LOST}))
            return
        waiting += [(below, (*member, name), above | at.labels) for name, below in _parts(at)]


def classes_of(labels: frozenset[Label]) -> frozenset[Label]:
    """Those that stand for classes of data."""
    return frozenset(label for label in labels if not is_mark(label.classification))


def marks_of(labels: frozenset[Label]) -> frozenset[str]:
    """The classes of those that stand for patterns."""
    return frozenset(label.classification for label in labels if is_mark(label.classification))


def name_of(member: tuple[str, ...]) -> str | None:
    """The last name on the way to a member; items have that of their list."""
    return next((part for part in reversed(member) if part not in ("[]", "*")), None)


def _parts(shape: Shape) -> Iterator[tuple[str, Shape]]:
    for name in shape.names:
        found = shape.look(name)
        if found is not None:
            yield name, found.shape
    if shape.open:
        yield "*", shape.rest
    if "array" in shape.kinds:
        yield "[]", shape.items
