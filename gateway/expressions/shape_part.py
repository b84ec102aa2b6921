"""The class of shapes, and what is known of the inside of objects and lists. `shape` has the ways to make and combine them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from typing import Literal, NamedTuple

Kind = Literal["null", "boolean", "number", "text", "array", "object"]

EVERY: frozenset[Kind] = frozenset({"null", "boolean", "number", "text", "array", "object"})
NULL: frozenset[Kind] = frozenset({"null"})
CONTAINERS: frozenset[Kind] = frozenset({"array", "object"})

Constant = str | int | float


class Label(NamedTuple):
    """A class of data, and the field that it comes from, such as `crm.customer: email`."""

    classification: str
    origin: str


NO_LABELS: frozenset[Label] = frozenset()


class Shape:
    """What is known of a value. Not to be changed once made.

    `kinds`: what it may be. `names`: the members that an object is known to have. `listed`: an object's members are known by a list,
    so that reading another is a fault, though a backend may send more. `open`: other members are expected; with `listed`, because
    nothing was said of its members at all. `values`: the only texts and numbers it may be, or None. `whole`: its numbers are integers.
    `declared`: where it may be null, somebody said so; else something may turn out to be empty, or nobody said what is required.
    `labels`: the classes of the value itself, not those deeper in it. `inside`: what is known of members and items; for objects and
    lists only.

    `fields` gives the shape of a named member, where it is there; `needed` are those that always are (None: all), and `vague` tells
    that nobody said of the others that they may be missing. `fields`, `rest` and `items` may be computed when they are first asked
    for, so that shapes may be huge or contain themselves. `texts`: what a list of written texts holds.
    """

    __slots__ = ("declared", "inside", "kinds", "labels", "values", "whole")

    def __init__(
        self,
        kinds: frozenset[Kind],
        *,
        names: Collection[str] = (),
        fields: Callable[[str], Shape] | None = None,
        needed: Collection[str] | None = None,
        vague: bool = False,
        rest: Shape | Callable[[], Shape] | None = None,
        items: Shape | Callable[[], Shape] | None = None,
        texts: tuple[str, ...] | None = None,
        listed: bool = False,
        values: frozenset[Constant] | None = None,
        whole: bool = False,
        declared: bool = True,
        labels: frozenset[Label] = NO_LABELS,
        inside: Inside | None = None,
    ) -> None:
        self.kinds = kinds
        self.values = values
        self.whole = whole
        self.declared = declared
        self.labels = labels
        if inside is None and not kinds.isdisjoint(CONTAINERS):
            inside = Parts(names, fields, needed, rest, items, vague=vague, listed=listed, texts=texts)
        self.inside = inside

    def __repr__(self) -> str:
        return f"<Shape {' | '.join(sorted(self.kinds)) if self.known else 'any'}>"

    @property
    def names(self) -> tuple[str, ...]:
        """The members that an object is known to have."""
        return self.inside.names if self.inside is not None and "object" in self.kinds else ()

    @property
    def listed(self) -> bool:
        """Whether an object's members are known by a list that may lack some."""
        return self.inside is not None and self.inside.listed and "object" in self.kinds

    @property
    def open(self) -> bool:
        """Whether an object may have members that aren't named."""
        return self.inside is not None and "object" in self.kinds and self.inside.rest is not None

    @property
    def rest(self) -> Shape:
        """What members are that aren't named."""
        return (self.inside.rest if self.inside is not None and "object" in self.kinds else None) or ANY

    @property
    def items(self) -> Shape:
        """What the items of a list are."""
        return self.inside.items if self.inside is not None and "array" in self.kinds else ANY

    @property
    def texts(self) -> tuple[str, ...] | None:
        """The items of a list, where it is certain to be these texts."""
        return self.inside.texts if isinstance(self.inside, Parts) and "array" in self.kinds else None

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

    def has(self, name: str) -> bool:
        """Whether an object is known to have a member of this name."""
        return self.inside is not None and "object" in self.kinds and self.inside.has(name)

    def look(self, name: str) -> Member | None:
        """An object's member; None where there is none of this name."""
        return self.inside.look(name) if self.inside is not None and "object" in self.kinds else None

    def member(self, name: str) -> Shape | None:
        """The shape of reading an object's member; None where there is none of this name."""
        found = self.look(name)
        return None if found is None else found.read

    def replaced(self, kinds: frozenset[Kind], *, declared: bool | None = None, inside: Inside | None = None) -> Shape:
        """The same with other kinds; members and items are shared, unless an equal `inside` is given."""
        return Shape(
            kinds,
            values=self.values,
            whole=self.whole,
            declared=self.declared if declared is None else declared,
            labels=self.labels,
            inside=self.inside if inside is None else inside,
        )


class Member(NamedTuple):
    """A member of an object: its shape where it is there, and whether it may be missing: None where it can't, else as `declared`.

    `read` is what reading it gives: null where it is missing.
    """

    shape: Shape
    absent: bool | None
    read: Shape


def member(shape: Shape, absent: bool | None) -> Member:
    """A member, and what reading it gives."""
    return Member(shape, absent, shape if absent is None else nullable(shape, declared=absent))


class Inside:
    """What is known of members and items. `key` is equal where they are made of the same parts; `depth` counts what forwards to what."""

    __slots__ = ("_items", "_looked", "_rest", "_settled")

    depth = 0

    def __init__(self) -> None:
        self._looked: dict[str, Member] = {}
        self._items: Shape | None = None
        self._rest: Shape | None = None
        self._settled = False

    @property
    def names(self) -> tuple[str, ...]:
        """As `Shape.names`."""
        raise NotImplementedError

    @property
    def listed(self) -> bool:
        """As `Shape.listed`."""
        raise NotImplementedError

    @property
    def key(self) -> Hashable:
        """The parts it is made of."""
        return self

    def has(self, name: str) -> bool:
        """Whether it names this member."""
        return name in self.names

    def look(self, name: str) -> Member | None:
        """As `Shape.look`."""
        if name in self._looked:
            return self._looked[name]
        found = self._found(name)
        if found is not None and self.has(name):
            self._looked[name] = found
        return found

    @property
    def items(self) -> Shape:
        """As `Shape.items`."""
        if self._items is None:
            self._items = self._made_items()
        return self._items

    @property
    def rest(self) -> Shape | None:
        """What members are that aren't named; None where no others are expected."""
        if not self._settled:
            self._rest, self._settled = self._made_rest(), True
        return self._rest

    def _found(self, name: str) -> Member | None:
        raise NotImplementedError

    def _made_items(self) -> Shape:
        raise NotImplementedError

    def _made_rest(self) -> Shape | None:
        raise NotImplementedError


class Parts(Inside):
    """Members and items as they were declared, or written down."""

    __slots__ = ("_fields", "_given_items", "_given_rest", "_listed", "_names", "_needed", "_vague", "texts")

    def __init__(
        self,
        names: Collection[str],
        fields: Callable[[str], Shape] | None,
        needed: Collection[str] | None,
        rest: Shape | Callable[[], Shape] | None,
        items: Shape | Callable[[], Shape] | None,
        *,
        vague: bool,
        listed: bool,
        texts: tuple[str, ...] | None,
    ) -> None:
        super().__init__()
        self._names = names
        self._fields = fields
        self._needed = needed
        self._given_rest = rest
        self._given_items = items
        self._vague = vague
        self._listed = listed
        self.texts = texts

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._names)

    @property
    def listed(self) -> bool:
        return self._listed

    def has(self, name: str) -> bool:
        return name in self._names

    def _found(self, name: str) -> Member | None:
        needed = self._needed
        if name in self._names and self._fields is not None:
            return member(self._fields(name), None if needed is None or name in needed else not self._vague)
        rest = self.rest
        if rest is None:
            return None
        return member(rest, None if needed is not None and name in needed else False)

    def _made_rest(self) -> Shape | None:
        given = self._given_rest
        return given if given is None or isinstance(given, Shape) else given()

    def _made_items(self) -> Shape:
        given = self._given_items
        return ANY if given is None else given if isinstance(given, Shape) else given()


class Anything(Inside):
    """Of what nothing is known: members and items may be there, and nothing is known of them."""

    __slots__ = ()

    @property
    def names(self) -> tuple[str, ...]:
        return ()

    @property
    def listed(self) -> bool:
        return False

    @property
    def key(self) -> Hashable:
        return "anything"

    def _found(self, _: str) -> Member | None:
        return member(ANY, False)

    def _made_rest(self) -> Shape | None:
        return ANY

    def _made_items(self) -> Shape:
        return ANY


ANY = Shape(EVERY, inside=Anything())


def nullable(shape: Shape, *, declared: bool = True) -> Shape:
    """The same, or null; `declared` where somebody said so. Of what nothing is known, nothing is known still."""
    if "null" in shape.kinds:
        return shape if shape.declared or not declared or not shape.known else shape.replaced(shape.kinds, declared=True)
    return shape.replaced(shape.kinds | NULL, declared=declared)


def null_declared(shape: Shape) -> bool:
    """Whether it may be null, and somebody said so."""
    return shape.declared and "null" in shape.kinds and shape.known


def without_null(shape: Shape) -> Shape:
    """The same where it isn't null. Of what nothing is known, nothing is known still."""
    return shape.replaced(shape.kinds - NULL) if "null" in shape.kinds and shape.known and shape.kinds != NULL else shape


class Forwarding(Inside):
    """Another one, of which every part is seen in another way."""

    __slots__ = ("depth", "of")

    def __init__(self, of: Inside) -> None:
        super().__init__()
        self.of = of
        self.depth = of.depth

    @property
    def names(self) -> tuple[str, ...]:
        return self.of.names

    @property
    def listed(self) -> bool:
        return self.of.listed

    def has(self, name: str) -> bool:
        return self.of.has(name)
