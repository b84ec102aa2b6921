"""Shapes made of others: with further labels, one of several, or several at once."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from gateway.expressions.shape_part import (
    ANY,
    CONTAINERS,
    EVERY,
    NULL,
    Anything,
    Constant,
    Forwarding,
    Inside,
    Kind,
    Label,
    Member,
    Shape,
    member,
    null_declared,
    nullable,
)

_CONSTANTS: frozenset[Kind] = frozenset({"text", "number"})
NOTHING_BUT_NULL = Shape(NULL)


def labelled(shape: Shape, labels: frozenset[Label]) -> Shape:
    """The same with further classes of data, in it and in all that is in it."""
    inside = shape.inside
    if inside is None:
        return shape if labels <= shape.labels else _with(shape, shape.labels | labels, None)
    if not labels:
        return shape
    return _with(shape, shape.labels | labels, _labelled_inside(inside, labels))


def _with(shape: Shape, labels: frozenset[Label], inside: Inside | None) -> Shape:
    return Shape(shape.kinds, values=shape.values, whole=shape.whole, declared=shape.declared, labels=labels, inside=inside)


def _labelled_inside(inside: Inside, labels: frozenset[Label]) -> Inside:
    if isinstance(inside, Labelled):
        return inside if labels <= inside.labels else Labelled(inside.of, inside.labels | labels)
    if isinstance(inside, Union):
        return Union(tuple(labelled(shape, labels) for shape in inside.shapes))
    return Labelled(inside, labels)


class Labelled(Forwarding):
    """Another one, with further classes of data in all that is in it."""

    __slots__ = ("labels",)

    def __init__(self, of: Inside, labels: frozenset[Label]) -> None:
        super().__init__(of)
        self.labels = labels

    @property
    def key(self) -> Hashable:
        return (self.of.key, self.labels)

    def _found(self, name: str) -> Member | None:
        found = self.of.look(name)
        return None if found is None else member(labelled(found.shape, self.labels), found.absent)

    def _made_items(self) -> Shape:
        return labelled(self.of.items, self.labels)

    def _made_rest(self) -> Shape | None:
        rest = self.of.rest
        return None if rest is None else labelled(rest, self.labels)


def unlisted(shape: Shape) -> Shape | None:
    """What members of an object are that aren't named; None where there are none. Those that a list lacks are of the object's classes."""
    found = [*([shape.rest] if shape.open else []), *([labelled(ANY, shape.labels)] if shape.listed else [])]
    return united(found) if found else None


def united(shapes: Iterable[Shape]) -> Shape:
    """What is one of several: a member that any has is known, and may be null where another hasn't it."""
    found = list(shapes)
    if len(found) < 2:
        return found[0] if found else NOTHING_BUT_NULL
    first = found[0]
    if all(shape is first for shape in found):
        return first
    kinds = frozenset[Kind]().union(*(shape.kinds for shape in found))
    values, whole = _constants(found)
    return Shape(
        kinds,
        values=values,
        whole=whole,
        declared=any(map(null_declared, found)),
        labels=frozenset[Label]().union(*(shape.labels for shape in found if shape.kinds != NULL)),
        inside=None if kinds.isdisjoint(CONTAINERS) else _inside(found),
    )


def _constants(shapes: list[Shape]) -> tuple[frozenset[Constant] | None, bool]:
    values: set[Constant] | None = set()
    whole, numbers = True, False
    for shape in shapes:
        if "number" in shape.kinds:
            numbers = True
            whole = whole and shape.whole
        if values is not None and not shape.kinds.isdisjoint(_CONSTANTS):
            values = None if shape.values is None else values | shape.values
    return (frozenset(values) if values else None), whole and numbers


def part_key(shape: Shape) -> Hashable:
    """Equal for shapes whose members and items are the same."""
    return (shape.kinds & CONTAINERS, shape.labels, shape.inside.key if shape.inside is not None else None)


def _inside(shapes: list[Shape]) -> Inside:
    distinct: dict[Hashable, Shape] = {}
    seen: set[Shape] = set()
    for shape in shapes:
        for part in _parts(shape):
            if part not in seen:
                seen.add(part)
                distinct.setdefault(part_key(part), part)
    found = tuple(distinct.values())
    only = found[0].inside
    return only if len(found) == 1 and only is not None else Union(found)


def _parts(shape: Shape) -> Iterable[Shape]:
    """What a shape is one of, as far as its kinds allow."""
    inside, kinds = shape.inside, shape.kinds
    if inside is None or kinds.isdisjoint(CONTAINERS):
        return ()
    if not isinstance(inside, Union):
        return (shape,)
    if kinds >= inside.kinds:
        return inside.shapes
    return [part.replaced(part.kinds & kinds) for part in inside.shapes if not part.kinds.isdisjoint(kinds & CONTAINERS)]


class Union(Inside):
    """One of several; each counts for the kinds of its own shape only."""

    __slots__ = ("_key", "_names", "depth", "kinds", "shapes")

    def __init__(self, shapes: tuple[Shape, ...]) -> None:
        super().__init__()
        self.shapes = shapes
        self.kinds = frozenset[Kind]().union(*(shape.kinds for shape in shapes)) & CONTAINERS
        self.depth = max(shape.inside.depth for shape in shapes if shape.inside is not None)
        self._key: Hashable | None = None
        self._names: tuple[str, ...] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        if self._names is None:
            self._names = tuple(dict.fromkeys(name for shape in self.shapes for name in shape.names))
        return self._names

    @property
    def listed(self) -> bool:
        return any(shape.listed for shape in self.shapes)

    @property
    def key(self) -> Hashable:
        if self._key is None:
            self._key = frozenset(map(part_key, self.shapes))
        return self._key

    def has(self, name: str) -> bool:
        return any(shape.has(name) for shape in self.shapes)

    def _found(self, name: str) -> Member | None:
        found: list[Shape] = []
        absent: bool | None = None
        labels = frozenset[Label]()
        for shape in self.shapes:
            if "object" not in shape.kinds:
                continue
            part = shape.look(name)
            if part is None:
                absent = True
                labels |= shape.labels if shape.listed else frozenset()
            else:
                found.append(part.shape)
                absent = absent if part.absent is None else absent or part.absent
        return member(labelled(united(found), labels), absent) if found else None

    def _made_items(self) -> Shape:
        return united(shape.items for shape in self.shapes if "array" in shape.kinds)

    def _made_rest(self) -> Shape | None:
        rests = [shape.rest for shape in self.shapes if shape.open]
        return united(rests) if rests else None


def bare(shape: Shape) -> bool:
    """Whether nothing is known of a value but its classes."""
    inside = shape.inside.of if isinstance(shape.inside, Labelled) else shape.inside
    return isinstance(inside, Anything) and not shape.known


def merged(one: Shape, other: Shape) -> Shape:
    """What is both at once (`allOf`): the members of either are known. Of what nothing is known, only new classes count."""
    if bare(other):
        one, other = other, one
    if bare(one):
        return other if one.labels <= other.labels else labelled(other, one.labels)
    kinds = (one.kinds & other.kinds) or EVERY
    values = one.values if other.values is None else other.values if one.values is None else (one.values & other.values) or None
    return Shape(
        kinds,
        values=values,
        whole=one.whole or other.whole,
        declared=one.declared and other.declared,
        labels=one.labels | other.labels,
        inside=None if kinds.isdisjoint(CONTAINERS) else _inside_of_both(one, other),
    )


def _inside_of_both(one: Shape, other: Shape) -> Inside:
    parts: dict[Hashable, Shape] = {}
    for shape in (one, other):
        for part in shape.inside.shapes if isinstance(shape.inside, Both) else (shape,):
            if part.inside is not None:
                parts.setdefault(part_key(part), part)
    found = tuple(parts.values())
    if not found:
        return Anything()
    only = found[0].inside
    return only if len(found) == 1 and only is not None else Both(found)


class Both(Inside):
    """Several at once."""

    __slots__ = ("_key", "depth", "shapes")

    def __init__(self, shapes: tuple[Shape, ...]) -> None:
        super().__init__()
        self.shapes = shapes
        self.depth = max(shape.inside.depth for shape in shapes if shape.inside is not None)
        self._key: Hashable | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for shape in self.shapes for name in shape.names))

    @property
    def listed(self) -> bool:
        return not self._refuses and any(shape.listed for shape in self._objects) and not any(map(_expects_more, self._objects))

    @property
    def key(self) -> Hashable:
        if self._key is None:
            self._key = ("all", frozenset(map(part_key, self.shapes)))
        return self._key

    def has(self, name: str) -> bool:
        return any(shape.has(name) for shape in self.shapes)

    @property
    def _objects(self) -> list[Shape]:
        return [shape for shape in self.shapes if "object" in shape.kinds]

    @property
    def _refuses(self) -> bool:
        """Whether one of them has its own members only."""
        return any(not shape.open and not shape.listed for shape in self._objects)

    def _found(self, name: str) -> Member | None:
        """One that refuses further members doesn't refuse those that another names: many a document has it so and means no harm."""
        if self._refuses and not self.has(name):
            return None
        found: Shape | None = None
        absences: list[bool | None] = []
        for shape in self._objects:
            part = shape.look(name)
            if part is None:
                continue
            absences.append(part.absent)
            if shape.has(name) or not _vague(part.shape, shape):
                found = part.shape if found is None else merged(found, part.shape)
        if found is None:
            rest = self.rest
            return None if rest is None else member(rest, None if None in absences else False)
        return member(found, None if None in absences else all(absences))

    def _made_items(self) -> Shape:
        return _all_of([shape.items for shape in self.shapes if "array" in shape.kinds])

    def _made_rest(self) -> Shape | None:
        if self._refuses:
            return None
        expecting = [shape for shape in self._objects if _expects_more(shape)]
        if not expecting and not all(shape.open for shape in self._objects):
            return None
        return _all_of([shape.rest for shape in expecting or self._objects])


def _expects_more(shape: Shape) -> bool:
    """Whether members that aren't named are expected in so many words."""
    return shape.open and not shape.listed


def _vague(further: Shape, shape: Shape) -> bool:
    """Whether of further members nothing is said but what holds for the whole object."""
    return bare(further) and further.labels <= shape.labels


def _all_of(shapes: list[Shape]) -> Shape:
    found = shapes[0] if shapes else ANY
    for shape in shapes[1:]:
        found = merged(found, shape)
    return found


__all__ = ["NOTHING_BUT_NULL", "bare", "labelled", "merged", "nullable", "united", "unlisted"]
