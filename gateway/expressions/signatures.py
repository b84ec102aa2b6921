"""What each function takes and gives, as shapes (language §2.7). Null is always taken: functions are null-safe."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import msgspec

from gateway.expressions.builtin import Builtin
from gateway.expressions.functions import BUILTINS
from gateway.expressions.object_shapes import grouped, indexed, looked_up, merged_objects, omitted, picked, plural_form, values_of
from gateway.expressions.shape import (
    ANY,
    BOOLEAN,
    EVERY,
    INTEGER,
    NULL,
    TEXT,
    Kind,
    Label,
    LabelReader,
    Shape,
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
_MAYBE_EXACT = nullable(EXACT, declared=False)
_MAYBE_TEXT = nullable(TEXT, declared=False)

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


def _list_of_items(given: Sequence[Shape]) -> Shape:
    return list_of(given[0].items)


def _reversed(given: Sequence[Shape]) -> Shape:
    shape = given[0]
    kinds = shape.kinds & {"array", "text"}
    return Shape(kinds, items=shape.items) if kinds else ANY


def _as_list(given: Sequence[Shape]) -> Shape:
    shape = given[0]
    if not shape.known:
        return list_of(united([shape.items, shape]))
    single = shape.kinds - ARRAY - NULL
    return list_of(united([*([shape.items] if shape.may_be("array") else []), *([shape.replaced(single)] if single else [])]))


def _zipped(given: Sequence[Shape]) -> Shape:
    return list_of(list_of(united(shape.items for shape in given)))


def _joined(given: Sequence[Shape]) -> Shape:
    """Null where an item is null, so that a missing part never goes unnoticed."""
    items = given[1].items
    return nullable(TEXT, declared=null_declared(items)) if "null" in items.kinds else TEXT


def _number(given: Sequence[Shape]) -> Shape:
    if given[0].only("number"):
        return Shape(frozenset({"number"}), whole=given[0].whole)
    return _MAYBE_EXACT


def _masked(given: Sequence[Shape]) -> Shape:
    kinds = given[1].values
    return TEXT if kinds is not None and "remove" not in kinds else nullable(TEXT, declared=kinds is not None)


def first_known(given: Sequence[Shape]) -> Shape:
    """The first that isn't null."""
    *others, last = given
    return united([*(without_null(shape) for shape in others if shape.kinds != NULL), last])


def _mapped(given: Sequence[Shape]) -> Shape:
    return list_of(given[0])


_NUMBERS = (NUMERIC,)
_TEXTS = (SCALAR,)
_LIST = (ARRAY,)

_OWN: Mapping[str, Signature] = {
    **{name: Signature(_NUMBERS, _always(EXACT)) for name in ("add", "sub", "mul", "div", "mod", "round", "abs", "ceil", "floor")},
    **{name: Signature(_TEXTS, _always(TEXT)) for name in ("upper", "lower", "title", "trim", "replace", "sha256", "url_encode")},
    "concat": Signature((), _always(TEXT)),
    "substring": Signature((SCALAR, NUMERIC), _always(TEXT)),
    **{name: Signature(_LIST, _item, ()) for name in ("first", "last")},
    **{name: Signature(_LIST, _item, (), NUMERIC) for name in ("max", "min")},
    "sort": Signature(_LIST, _list_of_items, (), NUMERIC),
    "uniq": Signature(_LIST, _list_of_items, ()),
    **{name: Signature((ARRAY, EVERY), _list_of_items, ()) for name in ("sort_by", "uniq_by")},
    **{name: Signature((ARRAY, EVERY), _item, ()) for name in ("max_by", "min_by")},
    **{name: Signature((), first_known, ()) for name in ("default", "coalesce", "not_null")},
    "pick": Signature((MAP, ARRAY), picked, (1,)),
    "omit": Signature((MAP, ARRAY), omitted, (1,)),
    **{name: Signature((), _number) for name in ("number", "to_number")},
    **{name: Signature((), _always(TEXT)) for name in ("type", "to_json", "to_string", "now", "today")},
    **{name: Signature(_TEXTS, _always(BOOLEAN)) for name in ("starts_with", "ends_with", "matches")},
    "sum": Signature(_LIST, _always(EXACT), items=NUMERIC),
    "avg": Signature(_LIST, _always(_MAYBE_EXACT), items=NUMERIC),
    "pad": Signature((SCALAR, NUMERIC, SCALAR), _always(TEXT)),
    "split": Signature(_TEXTS, _always(list_of(TEXT))),
    "join": Signature((SCALAR, ARRAY), _joined, items=SCALAR),
    "mask": Signature(_TEXTS, _masked),
    "contains": Signature((frozenset({"array", "text"}), EVERY), _always(BOOLEAN)),
    "length": Signature((frozenset({"array", "text", "object"}),), _always(INTEGER)),
    "reverse": Signature((frozenset({"array", "text"}),), _reversed),
    "to_array": Signature((), _as_list, ()),
    "zip": Signature(_LIST, _zipped, ()),
    "range": Signature(_NUMBERS, _always(list_of(INTEGER))),
    "map": Signature((EVERY, ARRAY), _mapped, ()),
    "index_by": Signature((ARRAY, EVERY), indexed, (1,)),
    "group_by": Signature((ARRAY, EVERY), grouped, (1,)),
    "keys": Signature((MAP,), _always(list_of(TEXT))),
    "values": Signature((MAP,), values_of, ()),
    "merge": Signature((MAP,), merged_objects, ()),
    "lookup": Signature((MAP, SCALAR), looked_up, (1,)),
    "from_json": Signature((TEXTUAL,), _always(ANY)),
    "date": Signature((), _always(_MAYBE_TEXT)),
    "date_add": Signature((TEXTUAL, NUMERIC, TEXTUAL), _always(TEXT)),
    "date_diff": Signature((TEXTUAL,), _always(INTEGER)),
    "money": Signature((NUMERIC, TEXTUAL), _always(TEXT)),
    "format_date": Signature((TEXTUAL,), _always(TEXT)),
    "plural": Signature((NUMERIC, MAP), plural_form, (0,)),
    "if": Signature((), lambda given: united(given[1:]), (0,)),
}
SIGNATURES: Mapping[str, Signature] = MappingProxyType(_OWN)
"""Every function of the language by name; those of plugins take and give anything."""


def result_of(name: str, given: Sequence[Shape], reader: LabelReader) -> Shape:
    """The shape of a call. Its classes of data are those of all that it is made from, but for functions that tell too little."""
    signature = SIGNATURES.get(name)
    shape = ANY if signature is None else signature.gives(given)
    builtin = BUILTINS.get(name)
    if builtin is not None and builtin.nulls == "null":
        shape = _null_for_null(shape, given, builtin)
    if name in UNLABELLED:
        return shape
    spread = given if signature is None or signature.spreads is None else [given[position] for position in signature.spreads]
    labels = frozenset[Label]().union(*map(reader.of, spread))
    return labelled(shape, labels) if labels else shape


def _null_for_null(shape: Shape, given: Sequence[Shape], builtin: Builtin) -> Shape:
    """A null argument gives null."""
    if not shape.known:
        return shape
    nulls = [each for position, each in enumerate(given) if "null" in each.kinds and position != builtin.by]
    return nullable(shape, declared=any(map(null_declared, nulls))) if nulls else shape
