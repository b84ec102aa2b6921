"""What a condition says of callers of whom nothing is known but their role (language §6).

contains(user.roles, 'agent')    true for `agent`, false for a caller with any other role alone
a && b, a || b, !(a)             as usual, where a part may be unknown
`true`, `false`                  themselves
all else                         unknown
"""

from __future__ import annotations

from gateway.expressions import Expression
from gateway.expressions.syntax import Node
from gateway.sdk import EVERYBODY, Compiled

_ROLES = ("user", "roles")


def holds_for(condition: Compiled, role: str) -> bool | None:
    """Whether a condition holds for a caller who has this role and no other; None where that can't be told.

    `EVERYBODY` stands for a caller of whom no role is known at all.
    """
    return _holds(condition.ast, role) if isinstance(condition, Expression) else None


def _holds(node: Node, role: str) -> bool | None:
    kind, children = node["type"], node.get("children") or []
    if kind == "and_expression":
        return _all([_holds(child, role) for child in children])
    if kind == "or_expression":
        return _opposite(_all([_opposite(_holds(child, role)) for child in children]))
    if kind == "not_expression":
        return _opposite(_holds(children[0], role))
    if kind == "literal" and isinstance(node["value"], bool):
        return bool(node["value"])
    if kind == "function_expression" and node["value"] == "contains" and len(children) == 2:
        wanted = children[1]
        if _path(children[0]) == _ROLES and wanted["type"] == "literal" and isinstance(wanted["value"], str) and role != EVERYBODY:
            return bool(wanted["value"] == role)
    return None


def _path(node: Node) -> tuple[str, ...] | None:
    """The names of a plain path."""
    children = node.get("children") or []
    if node["type"] == "field":
        return (node["value"],)
    if node["type"] == "subexpression" and all(child["type"] == "field" for child in children):
        return tuple(child["value"] for child in children)
    return None


def _all(verdicts: list[bool | None]) -> bool | None:
    if False in verdicts:
        return False
    return None if None in verdicts else True


def _opposite(verdict: bool | None) -> bool | None:
    return None if verdict is None else not verdict
