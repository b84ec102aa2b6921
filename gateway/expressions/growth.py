"""How often an expression can repeat the data it reads, told from its tree.

Lists and objects that an expression builds share their parts, so that `[@, @] | [@, @] | …` costs little until something walks or
writes the result. Where the answer is at most `MODEST`, the result is bounded by the data; else what is built gets measured.
"""

from __future__ import annotations

from typing import Any

from gateway.expressions.syntax import Node

MODEST = 16
_MOST = 1 << 20

_Uses = dict[Any, int]
"""How often each source occurs in a result: a field of the current value by name, `...` for the whole of it, a literal by its place."""


def repetition(tree: Node) -> int:
    """Upper bound of how often one piece of data occurs in the result."""
    return _most(_uses(tree))


def _most(uses: _Uses) -> int:
    """The whole current value holds each of its fields."""
    whole = uses.get(..., 0)
    return min(_MOST, whole + max((count for source, count in uses.items() if source is not ...), default=0))


def _scaled(uses: _Uses, factor: int) -> _Uses:
    return {source: min(_MOST, count * factor) for source, count in uses.items()}


def _together(parts: list[_Uses]) -> _Uses:
    joined: _Uses = {}
    for part in parts:
        for source, count in part.items():
            joined[source] = min(_MOST, joined.get(source, 0) + count)
    return joined


def _uses(node: Node) -> _Uses:
    kind, children = node["type"], node["children"]
    if kind == "field":
        return {node["value"]: 1}
    if kind == "literal":
        return {("literal", id(node)): 1}
    if kind in ("current", "identity", "index", "slice"):
        return {...: 1}
    if kind in ("subexpression", "index_expression", "pipe"):
        return _chained(children)
    if kind in ("projection", "value_projection", "filter_projection"):
        return _chained(children[:2])
    if kind in ("comparator", "not_expression"):
        return {}
    return _of_call(children) if kind == "function_expression" else _together([_uses(child) for child in children])


def _chained(nodes: list[Node]) -> _Uses:
    """Each works on what the one before gave; literals of a later one are its own."""
    uses: _Uses = {}
    for place, node in enumerate(nodes):
        later = _uses(node)
        literals = {source: count for source, count in later.items() if isinstance(source, tuple)}
        uses = later if place == 0 else _together([_scaled(uses, _most(later)), literals])
    return uses


def _of_call(arguments: list[Node]) -> _Uses:
    """Every argument may be in the result; what `&expression` makes of an item, as often as it repeats it."""
    factor = 1
    for argument in arguments:
        if argument["type"] == "expref":
            factor = min(_MOST, factor * max(1, _most(_uses(argument["children"][0]))))
    return _scaled(_together([_uses(argument) for argument in arguments if argument["type"] != "expref"]), factor)
