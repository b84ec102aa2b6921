"""`join`: two lists brought together by key (language §4)."""

from __future__ import annotations

import re
from typing import Any

from gateway.runtime.plan import Join
from gateway.sdk import BadResponse, Scope
from gateway.sdk.sharing import canonical

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
Key = tuple[bytes, ...]

MOST_SURPLUS = 100_000
"""Matches beyond the first of each row that one join may give: with `cardinality: many` two lists can give their product."""


def join(plan: Join, scope: Scope) -> list[Any] | None:
    """The joined rows, in the order of the left ones. A left side that is null gives null, a right side that is null no matches.

    Raises `BadResponse` for sides that are no lists of objects, a second match under `cardinality: one`, colliding fields, and too
    many matches.
    """
    left = plan.left(scope)
    if left is None:
        return None
    index = _index(plan, _rows(plan.right(scope) or [], "right"))
    joined = []
    surplus = 0
    for row in _rows(left, "left"):
        key = _key(row, plan.left_fields, plan.cast) if row is not None else None
        matches = index.get(key, []) if key is not None else []
        if len(matches) > 1 and plan.cardinality == "one":
            raise BadResponse("The right side of a join has two rows for one key.")
        surplus += max(0, len(matches) - 1)
        if surplus > MOST_SURPLUS:
            raise BadResponse("The two sides of a join give too many rows together.")
        if row is not None and (matches or plan.keep_unmatched):
            joined += _combine(plan, row, matches)
    return joined


def _rows(side: Any, name: str) -> list[Any]:
    if not isinstance(side, list) or any(row is not None and not isinstance(row, dict) for row in side):
        raise BadResponse(f"The {name} side of a join is no list of objects.")
    return side


def _index(plan: Join, rows: list[Any]) -> dict[Key, list[Any]]:
    index: dict[Key, list[Any]] = {}
    for row in rows:
        key = _key(row, plan.right_fields, plan.cast) if row is not None else None
        if key is None:
            continue
        index.setdefault(key, []).append(row)
    return index


def _combine(plan: Join, row: dict[str, Any], matches: list[Any]) -> list[dict[str, Any]]:
    if plan.attribute is not None:
        if plan.attribute in row:
            raise BadResponse(f"The left side of a join has a field `{plan.attribute}` already.")
        found = matches if plan.cardinality == "many" else (matches[0] if matches else None)
        return [{**row, plan.attribute: found}]
    if not matches:
        return [row]
    return [_merge(plan, row, match) for match in matches]


def _merge(plan: Join, row: dict[str, Any], match: dict[str, Any]) -> dict[str, Any]:
    keys = set(plan.right_fields) & set(plan.left_fields)
    colliding = sorted((row.keys() & match.keys()) - keys)
    if colliding:
        raise BadResponse(f"Both sides of a join have a field `{colliding[0]}`.")
    return {**row, **{name: value for name, value in match.items() if name not in keys}}


def _key(row: dict[str, Any], fields: tuple[str, ...], cast: str | None) -> Key | None:
    """None where a part is null: it never matches."""
    parts = []
    for field in fields:
        part = _cast(row.get(field), cast)
        if part is None:
            return None
        parts.append(canonical(int(part) if isinstance(part, float) and part.is_integer() else part))
    return tuple(parts)


def _cast(value: Any, cast: str | None) -> Any:
    if value is None or cast is None:
        return value
    text = value if isinstance(value, str) else canonical(value).decode()
    if cast == "string":
        return text
    if cast == "lower":
        return text.lower()
    return int(text) if _INTEGER.fullmatch(text) else None
