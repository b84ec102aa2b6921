"""`fields` of a request: which members of the answer's `data` the caller wants (interfaces §1).

A name is a member of `data`, or a path of members joined by dots; in a list it applies to each element.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gateway.sdk import Malformed

Selection = dict[str, "Selection | None"]
"""Members by name; None takes all of a member."""

UNIONS = ("anyOf", "oneOf", "allOf")
SCALARS = ("null", "string", "number", "integer", "boolean")


def selection(names: Iterable[str]) -> Selection:
    """`["id", "order.eta"]` as a tree. Where both a member and a part of it are named, the member is taken whole."""
    root: Selection = {}
    for name in names:
        _add(root, name.split("."))
    return root


def check(wanted: Selection, schema: Any) -> None:
    """Raises `Malformed` for members that an answer of `schema` can't have, every one of them."""
    unknown = list(_unknown(wanted, schema, ""))
    if unknown:
        raise Malformed(
            "`fields` names what the answer does not have.",
            details=[{"pointer": "/fields", "message": f"unknown field `{name}`"} for name in unknown],
        )


def narrow(value: Any, wanted: Selection) -> Any:
    """`value` with the wanted members only, in its own order."""
    if isinstance(value, list):
        return [narrow(item, wanted) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: member if (inner := wanted[name]) is None else narrow(member, inner) for name, member in value.items() if name in wanted}


def _add(node: Selection, parts: list[str]) -> None:
    head, rest = parts[0], parts[1:]
    if not rest:
        node[head] = None
        return
    inner = node.setdefault(head, {})
    if inner is not None:
        _add(inner, rest)


def _unknown(wanted: Selection, schema: Any, prefix: str) -> Iterable[str]:
    for name, inner in wanted.items():
        found, known = _member(schema, name)
        if not known:
            yield prefix + name
        elif inner is not None and found is not None:
            yield from _unknown(inner, found, f"{prefix}{name}.")


def _member(schema: Any, name: str) -> tuple[Any, bool]:
    """The member's schema (None: anything), and whether there can be such a member."""
    if not isinstance(schema, dict):
        return None, True
    if isinstance(schema.get("items"), dict):
        return _member(schema["items"], name)
    properties = schema.get("properties")
    if isinstance(properties, dict) and name in properties:
        return properties[name], True
    branches = [branch for union in UNIONS for branch in schema.get(union, ())]
    if branches:
        known = [found for found, there in (_member(branch, name) for branch in branches) if there]
        return (known[0] if len(known) == 1 else None), bool(known)
    if schema.get("type") in SCALARS:
        return None, False
    if not isinstance(properties, dict):
        return None, True
    others = schema.get("additionalProperties", False)
    return (others if isinstance(others, dict) else None), others is not False
