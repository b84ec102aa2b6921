"""What a condition tells: the paths that are not null where it holds, or where it doesn't."""

from __future__ import annotations

from gateway.expressions.functions import BUILTINS
from gateway.expressions.syntax import Node
from gateway.sdk import Reference

Certain = frozenset[Reference]
NONE_CERTAIN: Certain = frozenset()
LIKELY = "?"
"""Before a path that is null only where nobody declared that it may be: a step that ran has a value, unless a rung returns null."""

_RAN = frozenset({"ok", "fallback", "stale", "partial"})
"""Values of `status.<step>` that a step with a value of its own has."""
_ORDERS = frozenset({"lt", "lte", "gt", "gte"})


def path_of(node: Node) -> Reference | None:
    """The path that a node reads from the scope; None for anything else."""
    return _followed((), node)


def _followed(path: Reference | None, node: Node) -> Reference | None:
    if path is None:
        return None
    kind = node["type"]
    if kind == "field" or (kind == "index" and path):
        return (*path, node["value"])
    if kind not in ("subexpression", "index_expression"):
        return None
    for child in node["children"]:
        path = _followed(path, child)
    return path


def certain_where(node: Node, *, holds: bool = True) -> Certain:
    """The paths, each with those on the way to it, that can't be null where the condition is true (or, without `holds`, isn't)."""
    kind = node["type"]
    if kind == "not_expression":
        return certain_where(node["children"][0], holds=not holds)
    if kind in ("and_expression", "or_expression"):
        left, right = (certain_where(child, holds=holds) for child in node["children"])
        return left | right if (kind == "and_expression") == holds else left & right
    if kind == "comparator":
        return _of_comparison(node, holds=holds)
    if not holds:
        return NONE_CERTAIN
    if kind == "function_expression":
        return _of_call(node)
    return _with_prefixes(path_of(node))


def _of_comparison(node: Node, *, holds: bool) -> Certain:
    left, right = node["children"]
    operator = node["value"]
    if operator in _ORDERS:
        return _of_order(operator, left, right) if holds else NONE_CERTAIN
    literal = next((child for child in (right, left) if child["type"] == "literal"), None)
    if literal is None:
        return NONE_CERTAIN
    value, other = literal["value"], left if literal is right else right
    same = (operator == "eq") == holds
    path = path_of(other)
    if value is None:
        return NONE_CERTAIN if same else _with_prefixes(path)
    if path is not None and path[0] == "status" and len(path) == 2 and isinstance(value, str) and same == (value in _RAN):
        return frozenset({(LIKELY, "steps", path[1])})
    return _of_operand(other, value) if same else NONE_CERTAIN


def _of_order(operator: str, left: Node, right: Node) -> Certain:
    """Both sides of `<` are a number or a text each; of a length that is above 0 there is something."""
    greater, less = (left, right) if operator in ("gt", "gte") else (right, left)
    certain = _of_operand(left) | _of_operand(right)
    least = less["value"] if less["type"] == "literal" else None
    if isinstance(least, int | float) and (least > 0 or (least == 0 and operator in ("gt", "lt"))):
        certain |= _of_length(greater)
    return certain


def _of_operand(node: Node, value: object = None) -> Certain:
    """An operand that isn't null; `value` where it is known."""
    if node["type"] != "function_expression":
        return _with_prefixes(path_of(node))
    if node["value"] == "length" and isinstance(value, int | float) and value > 0:
        return _of_length(node)
    return _of_call(node, holds=value is True)


def _of_call(node: Node, *, holds: bool = True) -> Certain:
    """A function that gives null for null: its arguments aren't null where it gives something; of `contains`, where it holds."""
    builtin = BUILTINS.get(node["value"])
    if builtin is None or (builtin.nulls == "own" and not (builtin.name == "contains" and holds)):
        return NONE_CERTAIN
    return NONE_CERTAIN.union(*(_with_prefixes(path_of(child)) for child in node["children"]))


def _of_length(node: Node) -> Certain:
    """Of null the length would be 0."""
    if node["type"] != "function_expression" or node["value"] != "length":
        return NONE_CERTAIN
    return _with_prefixes(path_of(node["children"][0]))


def _with_prefixes(path: Reference | None) -> Certain:
    return NONE_CERTAIN if path is None else frozenset(path[:length] for length in range(1, len(path) + 1))
