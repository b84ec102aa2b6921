"""Shapes: what is known of a value before there is one (language §2 "Static check"). What can't be known is `ANY`: never a false alarm.

A shape tells which kinds of value are possible, which members an object and what items a list has, and which classes of data
(`pii` …) are in it. Members and items may be computed when they are first asked for, so that shapes may be huge or contain themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

Kind = Literal["null", "boolean", "number", "text", "array", "object"]

EVERY: frozenset[Kind] = frozenset({"null", "boolean", "number", "text", "array", "object"})
NULL: frozenset[Kind] = frozenset({"null"})
CONTAINERS: frozenset[Kind] = frozenset({"array", "object"})

Constant = str | int | float | bool


class Label(NamedTuple):
    """A class of data, and the field that it comes from, such as `crm.customer: email`."""

    classification: str
    origin: str


NO_LABELS: frozenset[Label] = frozenset()


class Shape:
    """What is known of a value. Not to be changed once made; the slots with a `_` remember what was computed.

    `kinds`: what it may be. `names`: the members that an object is known to have. `listed`: an object's members are known by a list,
    so that reading another is a fault, though a backend may send more. `open`: other members are expected. `values`: the only constants
    it may be (null aside), or None. `whole`: its numbers are integers. `declared`: where it may be null, somebody said so; else
    something may turn out to be empty, or nobody said what is required. `labels`: the classes of the value itself, not those deeper
    in it. `key` tells equal shapes: those made from the same parts of schemas.
    """

    __slots__ = ("_fields", "_items", "_made", "_rest", "declared", "key", "kinds", "labels", "listed", "names", "values", "whole")

    def __init__(
        self,
        kinds: frozenset[Kind],
        *,
        names: tuple[str, ...] = (),
        fields: Callable[[str], Shape] | None = None,
        rest: Shape | Callable[[], Shape] | None = None,
        items: Shape | Callable[[], Shape] | None = None,
        listed: bool = False,
        values: frozenset[Constant] | None = None,
        whole: bool = False,
        declared: bool = True,
        labels: frozenset[Label] = NO_LABELS,
        key: frozenset[object] | None = None,
    ) -> None:
        self.kinds = kinds
        self.names = names
        self.listed = listed
        self.values = values
        self.whole = whole
        self.declared = declared
        self.labels = labels
        self.key = key or frozenset((object(),))
        self._fields = fields
        self._made: dict[str, Shape] = {}
        self._rest = rest
        self._items = items

    def __repr__(self) -> str:
        return f"<Shape {told(self)}>"

    @property
    def open(self) -> bool:
        """Whether an object may have members that aren't named."""
        return self._rest is not None

    @property
    def rest(self) -> Shape:
        """What members are that aren't named."""
        if self._rest is None:
            return ANY
        if not isinstance(self._rest, Shape):
            self._rest = self._rest()
        return self._rest

    @property
    def items(self) -> Shape:
        """What the items of a list are."""
        if self._items is None:
            return ANY
        if not isinstance(self._items, Shape):
            self._items = self._items()
        return self._items

    @property
    def known(self) -> bool:
        """Whether anything is known of its kind."""
        return len(self.kinds) < len(EVERY)

    def may_be(self, *kinds: Kind) -> bool:
        """Whether one of these kinds is possible."""
        return not self.kinds.isdisjoint(kinds)

    def only(self, *kinds: Kind) -> bool:
        """Whether nothing but these kinds, and null, is possible."""
        return self.kinds <= {*kinds, "null"}

    def member(self, name: str) -> Shape | None:
        """The shape of an object's member; None where there is none of this name."""
        if name in self._made:
            return self._made[name]
        if name in self.names and self._fields is not None:
            made = self._made[name] = self._fields(name)
            return made
        return self.rest if self.open else None

    def replaced(self, kinds: frozenset[Kind], *, declared: bool | None = None) -> Shape:
        """The same with other kinds; members and items are shared."""
        copy = Shape(
            kinds,
            names=self.names,
            fields=self._member_of,
            rest=self._rest,
            items=self._items,
            listed=self.listed,
            values=self.values,
            whole=self.whole,
            declared=self.declared if declared is None else declared,
            labels=self.labels,
            key=self.key,
        )
        copy._made = self._made
        return copy

    def _member_of(self, name: str) -> Shape:
        return self.member(name) or ANY


ANY = Shape(EVERY)
ANY._rest = ANY._items = ANY  # it contains itself
BOOLEAN = Shape(frozenset({"boolean"}))
NUMBER = Shape(frozenset({"number"}))
INTEGER = Shape(frozenset({"number"}), whole=True)
TEXT = Shape(frozenset({"text"}))
LIST = Shape(frozenset({"array"}), items=ANY)
OBJECT = Shape(frozenset({"object"}), rest=ANY)
NOTHING_BUT_NULL = Shape(NULL)


def object_of(members: Mapping[str, Shape]) -> Shape:
    """An object with exactly these members."""
    return Shape(frozenset({"object"}), names=tuple(members), fields=members.__getitem__)


def closed(names: Iterable[str]) -> Shape:
    """An object with exactly these members, of which nothing else is known."""
    return object_of(dict.fromkeys(sorted(names), ANY))


def list_of(items: Shape) -> Shape:
    """A list of such items."""
    return Shape(frozenset({"array"}), items=items)


def constant(value: Constant) -> Shape:
    """One value."""
    kind: Kind = "boolean" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
    return Shape(frozenset({kind}), values=frozenset({value}), whole=isinstance(value, int))


def of_data(value: object) -> Shape:
    """The shape of plain data that is known."""
    if value is None:
        return NOTHING_BUT_NULL
    if isinstance(value, dict):
        return Shape(frozenset({"object"}), names=tuple(value), fields=lambda name: of_data(value[name]))
    if isinstance(value, list):
        return Shape(frozenset({"array"}), items=lambda: united(map(of_data, value)) if value else ANY)
    return constant(value) if isinstance(value, str | int | float) else ANY


def nullable(shape: Shape, *, declared: bool = True) -> Shape:
    """The same, or null; `declared` where somebody said so. Of what nothing is known, nothing is known still."""
    if "null" in shape.kinds:
        return shape if shape.declared or not declared or not shape.known else shape.replaced(shape.kinds, declared=True)
    return shape.replaced(shape.kinds | NULL, declared=declared)


def null_declared(shape: Shape) -> bool:
    """Whether it may be null, and somebody said so."""
    return shape.known and "null" in shape.kinds and shape.declared


def without_null(shape: Shape) -> Shape:
    """The same where it isn't null. Of what nothing is known, nothing is known still."""
    return shape.replaced(shape.kinds - NULL) if shape.known and "null" in shape.kinds and shape.kinds != NULL else shape


def labelled(shape: Shape, labels: frozenset[Label]) -> Shape:
    """The same with further classes of data, in it and in all that is in it."""
    if labels <= shape.labels:
        return shape
    return Shape(
        shape.kinds,
        names=shape.names,
        fields=lambda name: labelled(shape.member(name) or ANY, labels),
        rest=(lambda: labelled(shape.rest, labels)) if shape.open else None,
        items=lambda: labelled(shape.items, labels),
        listed=shape.listed,
        values=shape.values,
        whole=shape.whole,
        declared=shape.declared,
        labels=shape.labels | labels,
        key=shape.key,
    )


def united(shapes: Iterable[Shape]) -> Shape:
    """What is one of several: a member that any has is known, and may be null where another hasn't it."""
    found = list(shapes)
    if not found:
        return NOTHING_BUT_NULL
    result = found[0]
    for shape in found[1:]:
        result = _union(result, shape)
    return result


def _union(one: Shape, other: Shape) -> Shape:
    if one is other or (one.key == other.key and one.kinds == other.kinds and one.labels == other.labels and one.values == other.values):
        return one
    labels = one.labels | other.labels
    if not one.known or not other.known:
        return labelled(ANY, labels)
    if one.kinds <= NULL or other.kinds <= NULL:
        some, null = (other, one) if one.kinds <= NULL else (one, other)
        return labelled(nullable(some, declared=null.declared), labels)
    return Shape(
        one.kinds | other.kinds,
        names=tuple(dict.fromkeys((*one.names, *other.names))),
        fields=lambda name: _either(one, other, name),
        rest=_united_rest(one, other),
        items=lambda: united(shape.items for shape in (one, other) if "array" in shape.kinds),
        listed=one.listed or other.listed,
        values=None if one.values is None or other.values is None else one.values | other.values,
        whole=one.whole and other.whole,
        declared=null_declared(one) or null_declared(other),
        labels=labels,
        key=one.key | other.key,
    )


def _either(one: Shape, other: Shape, name: str) -> Shape:
    members = [shape.member(name) for shape in (one, other) if "object" in shape.kinds]
    found = united(member for member in members if member is not None)
    return nullable(found) if None in members else found


def _united_rest(one: Shape, other: Shape) -> Shape | Callable[[], Shape] | None:
    rests = [shape for shape in (one, other) if "object" in shape.kinds and shape.open]
    return (lambda: united(shape.rest for shape in rests)) if rests else None


def merged(one: Shape, other: Shape) -> Shape:
    """What is both at once (`allOf`): the members of either are known."""
    labels = one.labels | other.labels
    if not one.known and not one.names:
        return labelled(other, labels)
    if not other.known and not other.names:
        return labelled(one, labels)
    kinds = one.kinds & other.kinds
    return Shape(
        kinds or EVERY,
        names=tuple(dict.fromkeys((*one.names, *other.names))),
        fields=lambda name: _both(one, other, name),
        rest=(lambda: merged(one.rest, other.rest)) if one.open and other.open else None,
        items=lambda: merged(one.items, other.items),
        listed=one.listed or other.listed,
        values=one.values if other.values is None else other.values if one.values is None else one.values & other.values,
        whole=one.whole or other.whole,
        declared=one.declared and other.declared,
        labels=labels,
        key=one.key | other.key,
    )


def _both(one: Shape, other: Shape, name: str) -> Shape:
    members = [shape.member(name) for shape in (one, other) if name in shape.names]
    found = members[0] or ANY
    return merged(found, members[1] or ANY) if len(members) > 1 else found


MOST_LABELLED = 20_000
"""How many shapes are looked through for labels."""
LOST = Label("unknown", "a shape too large to follow")


def every_label(shape: Shape) -> frozenset[Label]:
    """The classes of a value and of all that is in it. What is too large to follow counts as of a class that nobody is cleared for."""
    found: set[Label] = set()
    seen: set[tuple[frozenset[object], frozenset[Label]]] = set()
    waiting = [shape]
    while waiting:
        at = waiting.pop()
        if (at.key, at.labels) in seen:
            continue
        seen.add((at.key, at.labels))
        found |= at.labels
        if len(seen) > MOST_LABELLED:
            return frozenset(found | {LOST})
        if at is not ANY:
            waiting += below(at)
    return frozenset(found)


def below(shape: Shape) -> list[Shape]:
    """The shapes of members and items."""
    found = [member for name in shape.names if (member := shape.member(name)) is not None] if "object" in shape.kinds else []
    if "object" in shape.kinds and shape.open:
        found.append(shape.rest)
    if "array" in shape.kinds:
        found.append(shape.items)
    return found


_WORDS: Mapping[Kind, str] = MappingProxyType(
    {"null": "null", "boolean": "a truth value", "number": "a number", "text": "a text", "array": "a list", "object": "an object"}
)


def told(shape: Shape) -> str:
    """What a value is, in words: `a text or null`."""
    if not shape.known:
        return "anything"
    words = [_WORDS[kind] for kind in ("text", "number", "boolean", "array", "object", "null") if kind in shape.kinds]
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0] if words else "nothing"
