"""The shapes of what functions make of objects, or make objects of. Of large objects nothing is computed before it is asked for."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

from gateway.expressions.shape import ANY, LOST, OBJECT, Kind, Label, Shape, labelled, list_of, members_of, nullable, united
from gateway.expressions.shape_part import Inside, Member, member
from gateway.expressions.shape_union import part_key
from gateway.expressions.values import as_text

_OBJECT: frozenset[Kind] = frozenset({"object"})
DEEPEST = 24
"""How many objects may be made each of the one before, and still be followed."""


def _object(inside: _Made, of: Iterable[Shape] = ()) -> Shape:
    """An object with the classes that hold for what it is made of as a whole, unlisted members included."""
    if inside.depth > DEEPEST:
        return labelled(OBJECT, frozenset({LOST}))
    return Shape(_OBJECT, inside=inside, labels=frozenset[Label]().union(*(shape.labels for shape in of)))


class _Made(Inside):
    """An object that is made of others."""

    __slots__ = ("_how", "_of", "depth")

    def __init__(self, of: Sequence[Shape], how: Hashable = None) -> None:
        super().__init__()
        self._of = tuple(of)
        self._how = how
        self.depth = 1 + max((shape.inside.depth for shape in of if shape.inside is not None), default=0)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for shape in self._of for name in shape.names))

    def has(self, name: str) -> bool:
        return any(shape.has(name) for shape in self._of)

    @property
    def key(self) -> Hashable:
        return (type(self), self._how, tuple(map(part_key, self._of)))

    @property
    def listed(self) -> bool:
        return any(shape.listed for shape in self._of)

    def _made_items(self) -> Shape:
        return ANY

    def _made_rest(self) -> Shape | None:
        rests = [shape.rest for shape in self._of if shape.open]
        return united(rests) if rests else None


class _Merged(_Made):
    """Later ones win."""

    __slots__ = ()

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """What it is made of."""
        return self._of

    def _found(self, name: str) -> Member | None:
        found: list[Shape] = []
        absent: bool | None = True
        for shape in reversed(self._of):
            part = shape.look(name)
            if part is None:
                continue
            found.append(part.shape)
            absent = None if part.absent is None else absent and part.absent
            if absent is None:
                break
        return member(united(found), absent) if found else None


def merged_objects(given: Sequence[Shape]) -> Shape:
    """Of `merge`. Of parts that are known to have the same members the last is enough."""
    parts: dict[Hashable, Shape] = {}
    for shape in given:
        for part in shape.inside.shapes if isinstance(shape.inside, _Merged) else (shape,):
            key = part_key(part)
            parts.pop(key, None)
            parts[key] = part
    return _object(_Merged(tuple(parts.values())), given)


class _Picked(_Made):
    """Some members of an object: those of these names, or where they aren't certain any."""

    __slots__ = ("_certain", "_wanted")

    def __init__(self, of: Shape, wanted: frozenset[str] | None, *, certain: bool) -> None:
        super().__init__((of,), (wanted, certain))
        self._wanted = wanted
        self._certain = certain

    @property
    def names(self) -> tuple[str, ...]:
        if self._wanted is None:
            return self._of[0].names
        return tuple(name for name in sorted(self._wanted) if self.look(name) is not None)

    def has(self, name: str) -> bool:
        return self._of[0].has(name) if self._wanted is None else name in self._wanted

    @property
    def listed(self) -> bool:
        return self._wanted is None and self._of[0].listed

    def _found(self, name: str) -> Member | None:
        if self._wanted is not None and name not in self._wanted:
            return None
        found = self._of[0].look(name)
        if found is None and self._of[0].listed:
            return member(labelled(ANY, self._of[0].labels), False)
        return found if found is None or self._certain else member(found.shape, found.absent or False)

    def _made_rest(self) -> Shape | None:
        return None if self._wanted is not None else super()._made_rest()


def picked(given: Sequence[Shape]) -> Shape:
    """Of `pick`."""
    shape, names = given
    wanted = _texts(names)
    return _object(_Picked(shape, wanted, certain=names.texts is not None))


class _Omitted(_Made):
    """An object without members of these names, or where they aren't certain perhaps without any."""

    __slots__ = ("_certain", "_dropped")

    def __init__(self, of: Shape, dropped: frozenset[str] | None, *, certain: bool) -> None:
        super().__init__((of,), (dropped, certain))
        self._dropped = dropped
        self._certain = certain

    @property
    def names(self) -> tuple[str, ...]:
        dropped = self._dropped if self._certain and self._dropped is not None else frozenset()
        return tuple(name for name in self._of[0].names if name not in dropped)

    def _found(self, name: str) -> Member | None:
        found = self._of[0].look(name)
        if found is None or (self._dropped is not None and name not in self._dropped):
            return found
        return None if self._certain else member(found.shape, found.absent or False)


def omitted(given: Sequence[Shape]) -> Shape:
    """Of `omit`."""
    shape, names = given
    return _object(_Omitted(shape, _texts(names), certain=names.texts is not None), (shape,))


def _texts(names: Shape) -> frozenset[str] | None:
    """The only texts that a list may hold, as far as that is known."""
    if names.texts is not None:
        return frozenset(names.texts)
    items = names.items
    return frozenset(map(str, items.values)) if items.values is not None and items.only("text") else None


def looked_up(given: Sequence[Shape]) -> Shape:
    """Of `lookup`."""
    table, key = given
    if key.values is None or not key.only("text", "number"):
        return nullable(members_of(table), declared=False)
    return united(_read(table, as_text(value)) for value in sorted(key.values, key=str))


def _read(table: Shape, name: str) -> Shape:
    if "object" not in table.kinds:
        return ANY
    found = table.member(name)
    if found is not None:
        return found
    return labelled(ANY, table.labels) if table.listed else nullable(united([]), declared=False)


def values_of(given: Sequence[Shape]) -> Shape:
    """Of `values`."""
    return list_of(members_of(given[0]))


def indexed(given: Sequence[Shape]) -> Shape:
    """Of `index_by`."""
    items = given[0].items
    return Shape(_OBJECT, rest=items)


def grouped(given: Sequence[Shape]) -> Shape:
    """Of `group_by`."""
    return Shape(_OBJECT, rest=list_of(given[0].items))


def plural_form(given: Sequence[Shape]) -> Shape:
    """Of `plural`: one of the forms; null where even `other` is missing."""
    forms = given[1]
    found = members_of(forms)
    other = forms.look("other")
    return found if other is not None and other.absent is None else nullable(found, declared=False)
