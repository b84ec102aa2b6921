"""What each function takes and gives, as shapes (language §2.7). Null is always taken: functions are null-safe."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import msgspec

from gateway.expressions.builtin import Builtin
from gateway.expressions.functions import BUILTINS
from gateway.expressions.shape import (
    ANY,
    BOOLEAN,
    EVERY,
    INTEGER,
    NULL,
    OBJECT,
    TEXT,
    Kind,
    Label,
    Shape,
    every_label,
    labelled,
    list_of,
    null_declared,
    nullable,
    united,
    without_null,
)

Kinds = frozenset[Kind]
SCALAR: Kinds = frozenset({"text", "number", "boolean"})
NUMERIC: Kinds = frozenset({"number", "text"})
ARRAY: Kinds = frozenset({"array"})
MAP: Kinds = frozenset({"object"})
TEXTUAL: Kinds = frozenset({"text"})

UNLABELLED = frozenset({"contains", "length", "sha256", "mask"})
"""Functions whose result says too little of its argument to be of its class (language §6)."""

EXACT = Shape(NUMERIC)
"""What arithmetic gives: a number, or a text where a decimal has more digits than a JSON number keeps."""

Gives = Callable[[Sequence[Shape]], Shape]


class Signature(msgspec.Struct, frozen=True):
    """The kinds that each argument may be (the last for all further ones), and the shape of the result for shapes of arguments.

    `spreads`: the arguments whose classes of data are those of the whole result; None for all. The others' are where their values are.
    `items`: what the items of a list that it takes may be.
    """

    takes: tuple[Kinds, ...]
    gives: Gives
    spreads: tuple[int, ...] | None = None
    items: Kinds = EVERY

    def taken(self, position: int) -> Kinds:
        """What the argument at `position` may be."""
        return self.takes[min(position, len(self.takes) - 1)] if self.takes else EVERY


def _always(shape: Shape) -> Gives:
    return lambda _: shape


def _item(given: Sequence[Shape]) -> Shape:
    return nullable(given[0].items, declared=False)


def _same(given: Sequence[Shape]) -> Shape:
    return without_null(given[0])


def _list_of_items(given: Sequence[Shape]) -> Shape:
    return list_of(given[0].items)


def _as_list(given: Sequence[Shape]) -> Shape:
    shape = given[0]
    single = shape.replaced(shape.kinds - ARRAY) if shape.known else shape
    return list_of(united([shape.items, single] if shape.may_be("array") else [single]))


def members_of(shape: Shape) -> Shape:
    """Any of the values of what may be an object."""
    if "object" not in shape.kinds:
        return ANY
    named = [member for name in shape.names if (member := shape.member(name)) is not None]
    return united([*named, shape.rest] if shape.open or not named else named)


def _values(given: Sequence[Shape]) -> Shape:
    return list_of(members_of(given[0]))


def _merged(given: Sequence[Shape]) -> Shape:
    """A later one wins; what an open one may hold besides isn't known."""
    if not all(shape.only("object") for shape in given):
        return labelled(OBJECT, frozenset[Label]().union(*map(every_label, given)))
    members: dict[str, Shape] = {}
    for shape in given:
        for name in shape.names:
            later = shape.member(name) or ANY
            members[name] = united([members[name], without_null(later)]) if "null" in later.kinds and name in members else later
    rests = [shape for shape in given if shape.open]
    return Shape(
        MAP,
        names=tuple(members),
        fields=members.__getitem__,
        rest=(lambda: united(shape.rest for shape in rests)) if rests else None,
        listed=any(shape.listed for shape in given),
    )


def _looked_up(given: Sequence[Shape]) -> Shape:
    table, key = given[0], given[1]
    if key.values is not None and len(key.values) == 1 and table.only("object"):
        return nullable(table.member(str(*key.values)) or ANY)
    return nullable(members_of(table), declared=False)


def _zipped(given: Sequence[Shape]) -> Shape:
    return list_of(list_of(united(shape.items for shape in given)))


def _open_object(given: Sequence[Shape]) -> Shape:
    """Some of the fields of an object."""
    shape = given[0]
    return Shape(
        MAP,
        names=shape.names,
        fields=lambda name: nullable(shape.member(name) or ANY, declared=False),
        rest=shape.rest if shape.open else None,
        listed=True,
    )


def _by_key(given: Sequence[Shape]) -> Shape:
    return Shape(MAP, rest=lambda: nullable(given[0].items))


def _groups(given: Sequence[Shape]) -> Shape:
    return Shape(MAP, rest=lambda: nullable(list_of(given[0].items)))


def _first_known(given: Sequence[Shape]) -> Shape:
    *others, last = given
    return united([*map(without_null, others), last])


def _plural(given: Sequence[Shape]) -> Shape:
    forms = given[1] if len(given) > 1 else ANY
    members = [member for name in forms.names if (member := forms.member(name)) is not None]
    return united(members) if members else ANY


def _mapped(given: Sequence[Shape]) -> Shape:
    return list_of(given[0])


_NUMBERS = (NUMERIC,)
_TEXTS = (SCALAR,)
_LIST = (ARRAY,)

_OWN: Mapping[str, Signature] = {
    **{name: Signature(_NUMBERS, _always(EXACT)) for name in ("add", "sub", "mul", "div", "mod", "round", "abs", "ceil", "floor")},
    **{name: Signature(_TEXTS, _always(TEXT)) for name in ("upper", "lower", "title", "trim", "replace", "concat", "sha256", "url_encode")},
    **{name: Signature((SCALAR, NUMERIC), _always(TEXT)) for name in ("substring",)},
    **{name: Signature(_LIST, _item, ()) for name in ("first", "last")},
    **{name: Signature(_LIST, _item, (), NUMERIC) for name in ("max", "min")},
    "sort": Signature(_LIST, _list_of_items, (), NUMERIC),
    "uniq": Signature(_LIST, _list_of_items, ()),
    **{name: Signature((ARRAY, EVERY), _list_of_items, ()) for name in ("sort_by", "uniq_by")},
    **{name: Signature((ARRAY, EVERY), _item, ()) for name in ("max_by", "min_by")},
    **{name: Signature((), _first_known, ()) for name in ("default", "coalesce", "not_null")},
    **{name: Signature((MAP, ARRAY), _open_object, ()) for name in ("pick", "omit")},
    **{name: Signature((), _always(nullable(EXACT, declared=False))) for name in ("number", "to_number")},
    **{name: Signature((), _always(TEXT)) for name in ("type", "to_json", "to_string", "now", "today")},
    **{name: Signature(_TEXTS, _always(BOOLEAN)) for name in ("starts_with", "ends_with", "matches")},
    "sum": Signature(_LIST, _always(EXACT), items=NUMERIC),
    "avg": Signature(_LIST, _always(nullable(EXACT, declared=False)), items=NUMERIC),
    "pad": Signature((SCALAR, NUMERIC, SCALAR), _always(TEXT)),
    "split": Signature(_TEXTS, _always(list_of(TEXT))),
    "join": Signature((SCALAR, ARRAY), _always(nullable(TEXT, declared=False)), items=SCALAR),
    "mask": Signature(_TEXTS, _always(nullable(TEXT, declared=False))),
    "contains": Signature((frozenset({"array", "text"}), EVERY), _always(BOOLEAN)),
    "length": Signature((frozenset({"array", "text", "object"}),), _always(INTEGER)),
    "reverse": Signature((frozenset({"array", "text"}),), _same, ()),
    "to_array": Signature((), _as_list, ()),
    "zip": Signature(_LIST, _zipped, ()),
    "range": Signature(_NUMBERS, _always(list_of(INTEGER))),
    "map": Signature((EVERY, ARRAY), _mapped, ()),
    "index_by": Signature((ARRAY, EVERY), _by_key, (1,)),
    "group_by": Signature((ARRAY, EVERY), _groups, (1,)),
    "keys": Signature((MAP,), _always(list_of(TEXT))),
    "values": Signature((MAP,), _values, ()),
    "merge": Signature((MAP,), _merged, ()),
    "lookup": Signature((MAP, SCALAR), _looked_up, (1,)),
    "from_json": Signature((TEXTUAL,), _always(ANY)),
    "date": Signature((), _always(nullable(TEXT, declared=False))),
    "date_add": Signature((TEXTUAL, NUMERIC, TEXTUAL), _always(TEXT)),
    "date_diff": Signature((TEXTUAL,), _always(INTEGER)),
    "money": Signature((NUMERIC, TEXTUAL), _always(TEXT)),
    "format_date": Signature((TEXTUAL,), _always(TEXT)),
    "plural": Signature((NUMERIC, MAP), _plural),
    "if": Signature((EVERY,), lambda given: united(given[1:]), (0,)),
}
SIGNATURES: Mapping[str, Signature] = MappingProxyType(_OWN)
"""Every function of the language by name; those of plugins take and give anything."""


def result_of(name: str, given: Sequence[Shape]) -> Shape:
    """The shape of a call. Its classes of data are those of all that it is made from, but for functions that tell too little."""
    signature = SIGNATURES.get(name)
    shape = ANY if signature is None else signature.gives(given)
    builtin = BUILTINS.get(name)
    if builtin is not None and _null_gives_null(builtin, given):
        declared = any(map(null_declared, given))
        shape = nullable(shape, declared=declared) if shape.known else shape
    if name in UNLABELLED:
        return shape
    spread = given if signature is None or signature.spreads is None else [given[position] for position in signature.spreads]
    return labelled(shape, frozenset[Label]().union(*map(every_label, spread)))


def _null_gives_null(builtin: Builtin, given: Sequence[Shape]) -> bool:
    return builtin.nulls == "null" and any(shape.known and shape.kinds >= NULL for shape in given)
