"""Functions on lists. The `*_by` ones get their keys computed: `keys[i]` belongs to `items[i]`, and a null key comes last."""

from __future__ import annotations

from typing import Any

from gateway.expressions.builtin import Builtin, a_list, wrong
from gateway.expressions.functions_number import comparable, whole
from gateway.expressions.limits import STEP, WORK
from gateway.expressions.values import as_text, equals
from gateway.sdk import ExpressionFault

MAX_RANGE = WORK // STEP


def contains(subject: Any, search: Any) -> bool:
    """Whether a list holds a value, or a text another; false where either is null."""
    if subject is None or search is None:
        return False
    if isinstance(subject, str):
        return isinstance(search, str) and search in subject
    items = a_list("contains", subject)
    return search in items if isinstance(search, str) else any(equals(item, search) for item in items)


def first(items: Any) -> Any:
    return a_list("first", items)[0] if items else None


def last(items: Any) -> Any:
    return a_list("last", items)[-1] if items else None


def sort(items: Any) -> list[Any]:
    """Numbers, or texts by code point, ascending; nulls last."""
    found = sorted(comparable("sort", items))
    return found + [None] * (len(items) - len(found))


def to_array(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def zip_lists(*lists: Any) -> list[list[Any]]:
    """The first of each, then the second of each …, as far as the shortest goes."""
    return [list(group) for group in zip(*(a_list("zip", items) for items in lists), strict=False)]


def number_range(start: Any, end: Any = None, step: Any = 1) -> list[int]:
    """Whole numbers from `start` up to and without `end`; with one argument from 0 up to it."""
    low, high = (0, whole("range", start)) if end is None else (whole("range", start), whole("range", end))
    stride = whole("range", step)
    if stride == 0:
        raise wrong("range", "a step other than 0")
    numbers = range(low, high, stride)
    if abs(high - low) // abs(stride) > MAX_RANGE:
        raise ExpressionFault(f"range() gives {MAX_RANGE:,} numbers at most.")
    return list(numbers)


def identity_of(value: Any) -> Any:
    """Something hashable that is equal for equal values; a boolean never equals a number."""
    if isinstance(value, bool):
        return (bool, value)
    if isinstance(value, list):
        return (list, *map(identity_of, value))
    if isinstance(value, dict):
        return (dict, frozenset((key, identity_of(item)) for key, item in value.items()))
    return value


def uniq(items: Any) -> list[Any]:
    """Each value once, where it occurs first; null at the end."""
    return uniq_by(items, a_list("uniq", items))


def uniq_by(items: Any, keys: list[Any]) -> list[Any]:
    """The first item of each key; of those without one the first, at the end."""
    seen: dict[Any, Any] = {}
    for item, key in zip(items, keys, strict=True):
        seen.setdefault(identity_of(key), item)
    nameless = [seen.pop(None)] if None in seen else []
    return [*seen.values(), *nameless]


def sort_by(items: Any, keys: list[Any]) -> list[Any]:
    """Ascending by key; items without one stay in their order at the end."""
    comparable("sort_by", keys)
    pairs = sorted(((key, place) for place, key in enumerate(keys) if key is not None))
    return [items[place] for _, place in pairs] + [item for item, key in zip(items, keys, strict=True) if key is None]


def max_by(items: Any, keys: list[Any]) -> Any:
    """The first item of the greatest key; one without a key only where none has any."""
    return _pick(items, keys, max(comparable("max_by", keys), default=None))


def min_by(items: Any, keys: list[Any]) -> Any:
    """The first item of the least key; one without a key only where none has any."""
    return _pick(items, keys, min(comparable("min_by", keys), default=None))


def _pick(items: Any, keys: list[Any], key: Any) -> Any:
    return items[keys.index(key)] if keys else None


def mapped(items: Any, keys: list[Any]) -> list[Any]:
    """What the expression gives for each item, nulls kept."""
    del items
    return keys


def index_by(items: Any, keys: list[Any]) -> dict[str, Any]:
    """An object from key to item. Items without a key are left out; of several with one key the last stays."""
    return {_name("index_by", key): item for item, key in zip(items, keys, strict=True) if key is not None}


def group_by(items: Any, keys: list[Any]) -> dict[str, list[Any]]:
    """An object from key to the list of its items. Items without a key are left out."""
    groups: dict[str, list[Any]] = {}
    for item, key in zip(items, keys, strict=True):
        if key is not None:
            groups.setdefault(_name("group_by", key), []).append(item)
    return groups


def _name(function: str, key: Any) -> str:
    if not isinstance(key, str | int | float):
        raise wrong(function, "keys that are texts, numbers or booleans")
    return as_text(key)


BUILTINS = (
    Builtin(
        name="contains",
        function=contains,
        minimum=2,
        maximum=2,
        scans=0,
        returns="boolean",
        nulls="own",
        summary="Whether a list holds a value.",
    ),
    Builtin(name="first", function=first, minimum=1, maximum=1, summary="The first item."),
    Builtin(name="last", function=last, minimum=1, maximum=1, summary="The last item."),
    Builtin(name="sort", function=sort, minimum=1, maximum=1, returns="list", builds=True, summary="In ascending order."),
    Builtin(name="to_array", function=to_array, minimum=1, maximum=1, returns="list", builds=True, summary="A list of what is none."),
    Builtin(
        name="zip", function=zip_lists, minimum=1, maximum=None, returns="list", builds=True, summary="Items of several lists together."
    ),
    Builtin(name="range", function=number_range, minimum=1, maximum=3, returns="list", builds=True, summary="Whole numbers in a row."),
    Builtin(name="uniq", function=uniq, minimum=1, maximum=1, returns="list", builds=True, summary="Each value once."),
    Builtin(name="uniq_by", function=uniq_by, minimum=2, maximum=2, returns="list", by=1, builds=True, summary="One item for each key."),
    Builtin(
        name="sort_by", function=sort_by, minimum=2, maximum=2, returns="list", by=1, builds=True, summary="In ascending order of a key."
    ),
    Builtin(name="max_by", function=max_by, minimum=2, maximum=2, by=1, summary="The item of the greatest key."),
    Builtin(name="min_by", function=min_by, minimum=2, maximum=2, by=1, summary="The item of the least key."),
    Builtin(name="map", function=mapped, minimum=2, maximum=2, returns="list", by=0, builds=True, summary="An expression of each item."),
    Builtin(name="index_by", function=index_by, minimum=2, maximum=2, returns="object", by=1, builds=True, summary="Items by their key."),
    Builtin(
        name="group_by", function=group_by, minimum=2, maximum=2, returns="object", by=1, builds=True, summary="Lists of items by key."
    ),
)
