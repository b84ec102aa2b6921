"""Shapes: what is known of a value before there is one (language §2 "Static check"). What can't be known is `ANY`: never a false alarm.

A shape tells which kinds of value are possible, which members an object and what items a list has, and which classes of data
(`pii` …) are in it. Members and items may be computed when they are first asked for, so that shapes may be huge or contain themselves.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from types import MappingProxyType

from gateway.expressions.shape_part import (
    ANY,
    CONTAINERS,
    EVERY,
    NO_LABELS,
    NULL,
    Constant,
    Kind,
    Label,
    Shape,
    null_declared,
    nullable,
    without_null,
)
from gateway.expressions.shape_union import NOTHING_BUT_NULL, labelled, merged, part_key, united, unlisted

__all__ = [
    "ANY",
    "BOOLEAN",
    "CONTAINERS",
    "EVERY",
    "INTEGER",
    "LIST",
    "LOST",
    "NOTHING_BUT_NULL",
    "NO_LABELS",
    "NULL",
    "NUMBER",
    "OBJECT",
    "TEXT",
    "Constant",
    "Kind",
    "Label",
    "LabelReader",
    "Shape",
    "below",
    "closed",
    "constant",
    "every_label",
    "labelled",
    "list_of",
    "members_of",
    "merged",
    "null_declared",
    "nullable",
    "object_of",
    "of_data",
    "told",
    "united",
    "unlisted",
    "without_null",
]

BOOLEAN = Shape(frozenset({"boolean"}))
NUMBER = Shape(frozenset({"number"}))
INTEGER = Shape(frozenset({"number"}), whole=True)
TEXT = Shape(frozenset({"text"}))
LIST = Shape(frozenset({"array"}), items=ANY)
OBJECT = Shape(frozenset({"object"}), rest=ANY)


def object_of(members: Mapping[str, Shape]) -> Shape:
    """An object with exactly these members."""
    return Shape(frozenset({"object"}), names=members, fields=members.__getitem__)


def closed(names: Iterable[str]) -> Shape:
    """An object with exactly these members, of which nothing else is known."""
    return object_of(dict.fromkeys(sorted(names), ANY))


def list_of(items: Shape) -> Shape:
    """A list of such items."""
    return Shape(frozenset({"array"}), items=items)


def constant(value: Constant) -> Shape:
    """One value."""
    if isinstance(value, bool):
        return BOOLEAN
    kind: Kind = "text" if isinstance(value, str) else "number"
    return Shape(frozenset({kind}), values=frozenset({value}), whole=isinstance(value, int))


def of_data(value: object, *, exact: bool = True) -> Shape:
    """The shape of plain data that is known. Without `exact` its members are, and their kinds, but no single text or number."""
    if value is None:
        return NOTHING_BUT_NULL
    if isinstance(value, dict):
        return Shape(frozenset({"object"}), names=value, fields=lambda name: of_data(value[name], exact=exact))
    if isinstance(value, list):
        return _of_list(value, exact=exact)
    if not isinstance(value, str | int | float):
        return ANY
    return constant(value) if exact else TEXT if isinstance(value, str) else BOOLEAN if isinstance(value, bool) else NUMBER


def _of_list(value: Sequence[object], *, exact: bool) -> Shape:
    texts = tuple(item for item in value if isinstance(item, str))
    return Shape(
        frozenset({"array"}),
        items=lambda: united(of_data(item, exact=exact) for item in value) if value else ANY,
        texts=texts if exact and len(texts) == len(value) else None,
    )


MOST_LABELLED = 10_000
"""How many shapes are looked through for labels."""
LOST = Label("unknown", "a shape too large to follow")


def every_label(shape: Shape) -> frozenset[Label]:
    """The classes of a value and of all that is in it. What is too large to follow counts as of a class that nobody is cleared for."""
    return LabelReader().of(shape)


class LabelReader:
    """Finds the classes of several shapes, and looks through `MOST_LABELLED` in all."""

    def __init__(self) -> None:
        self._left = MOST_LABELLED
        self._found: dict[Hashable, frozenset[Label]] = {}

    def of(self, shape: Shape) -> frozenset[Label]:
        """As `every_label`."""
        if shape.inside is None or shape is ANY:
            return shape.labels
        mark = part_key(shape)
        if mark not in self._found:
            self._found[mark] = self._below(shape)
        return self._found[mark]

    def _below(self, shape: Shape) -> frozenset[Label]:
        found: set[Label] = set()
        seen: set[Hashable] = set()
        waiting = [shape]
        while waiting:
            at = waiting.pop()
            found |= at.labels
            if at.inside is None or at is ANY:
                continue
            mark = (at.kinds & CONTAINERS, at.inside.key)
            if mark in seen:
                continue
            seen.add(mark)
            if self._left < 0:
                return frozenset(found | {LOST})
            inner = below(at)
            self._left -= len(inner)
            waiting += inner
        return frozenset(found)


def below(shape: Shape) -> list[Shape]:
    """The shapes of members and items."""
    found = [found.shape for name in shape.names if (found := shape.look(name)) is not None]
    if shape.open:
        found.append(shape.rest)
    if "array" in shape.kinds:
        found.append(shape.items)
    return found


def members_of(shape: Shape) -> Shape:
    """Any of the values of what may be an object, those among them that are there and not listed."""
    if "object" not in shape.kinds:
        return ANY
    named = [found.shape for name in shape.names if (found := shape.look(name)) is not None]
    further = unlisted(shape)
    return united(named if further is None else [*named, further])


_WORDS: Mapping[Kind, str] = MappingProxyType(
    {"null": "null", "boolean": "a truth value", "number": "a number", "text": "a text", "array": "a list", "object": "an object"}
)


def told(shape: Shape) -> str:
    """What a value is, in words: `a text or null`."""
    if not shape.known:
        return "anything"
    words = [_WORDS[kind] for kind in ("text", "number", "boolean", "array", "object", "null") if kind in shape.kinds]
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0] if words else "nothing"
