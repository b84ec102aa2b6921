"""What a condition tells: the paths that are not null where it holds, or where it doesn't."""

from __future__ import annotations

from gateway.expressions.functions import BUILTINS
from gateway.expressions.syntax import Node
from gateway.sdk import Reference

Certain = frozenset[Reference]
NONE_CERTAIN: Certain = frozenset()
_RAN = frozenset({"ok", "fallback", "stale", "partial"})
"""Values of `status.<step>` that a step with a value of its own has."""


def path_of(node: Node) -> Reference | None:
    """The path that a node reads from the scope; None for anything else."""
    kind = node["type"]
    if kind == "field":
        return (node["value"],)
    if kind not in ("subexpression", "index_expression"):
        return None
    path = path_of(node["children"][0])
    for child in node["children"][1:]:
        if path is None or child["type"] not in ("field", "index"):
            return None
        path = (*path, child["value"])
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
    literal = next((child for child in (right, left) if child["type"] == "literal"), None)
    other = left if literal is right else right
    if operator in ("lt", "lte", "gt", "gte"):
        greater = left if operator in ("gt", "gte") else right
        return _of_operand(left) | _of_operand(right) | _of_length(greater) if holds else NONE_CERTAIN
    if literal is None:
        return NONE_CERTAIN
    same = (operator == "eq") == holds
    path = path_of(other)
    if literal["value"] is None:
        return NONE_CERTAIN if same else _with_prefixes(path)
    if path is not None and path[0] == "status" and len(path) == 2 and same == (literal["value"] in _RAN):
        return _with_prefixes(("steps", path[1]))
    return _of_operand(other) if same else NONE_CERTAIN


def _of_operand(node: Node) -> Certain:
    return _of_call(node) if node["type"] == "function_expression" else _with_prefixes(path_of(node))


def _of_call(node: Node) -> Certain:
    """A function that gives null, or false, for null: its arguments aren't null where it gives something."""
    builtin = BUILTINS.get(node["value"])
    if builtin is None or (builtin.nulls == "own" and builtin.name != "contains"):
        return NONE_CERTAIN
    return NONE_CERTAIN.union(*(_with_prefixes(path_of(child)) for child in node["children"]))


def _of_length(node: Node) -> Certain:
    """The greater side of a comparison: a length of null would be 0."""
    if node["type"] != "function_expression" or node["value"] != "length":
        return NONE_CERTAIN
    return _with_prefixes(path_of(node["children"][0]))


def _with_prefixes(path: Reference | None) -> Certain:
    return NONE_CERTAIN if path is None else frozenset(path[:length] for length in range(1, len(path) + 1))
