"""What is wrong with reading a field, an item or all items of a value of some shape."""

from __future__ import annotations

from typing import NamedTuple

from gateway.expressions.faults import Fault
from gateway.expressions.functions import NAMES
from gateway.expressions.shape import Kind, Shape, told
from gateway.expressions.syntax import Node
from gateway.sdk import Reference

STEP_ROOTS = frozenset({"steps", "status", "meta"})
"""Roots whose members are the steps."""

Span = tuple[int, int]


class Current(NamedTuple):
    """A current value: its shape, the path it was read by (`()` is the scope), and what to call it where there is no path."""

    shape: Shape
    path: Reference | None = None
    name: str = ""

    @property
    def called(self) -> str:
        """What to call it in a message."""
        return f"`{written(self.path)}`" if self.path else self.name or "what stands before it"


def written(reference: Reference) -> str:
    """A path as it is written in an expression."""
    first, *others = reference
    return str(first) + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in others)


def unknown(name: str, at: Current, span: Span) -> Fault:
    """A field that an object hasn't."""
    if at.path is not None and len(at.path) == 1 and at.path[0] in STEP_ROOTS:
        return Fault("GW220", f"unknown step `{name}`", None, *span, name=name, known=at.shape.names)
    of = f" of {at.called}" if at.path or at.name else ""
    return Fault("GW226", f"unknown field `{name}`{of}", None, *span, name=name, known=at.shape.names)


def no_field(name: str, at: Current, span: Span, *, root: bool) -> Fault:
    """A field of what is no object. `root`: a root is called so too."""
    hint = None
    if root and at.path is None:
        hint = f"behind `|` and inside brackets `{name}` is no root; put what stands before it in parentheses"
    elif name in NAMES:
        hint = f"a function is called with its arguments: {name}(…)"
    elif "array" in at.shape.kinds:
        hint = f"take one of its items (`[0].{name}`) or that of each (`[*].{name}`)"
    return Fault("GW262", f"{at.called} is {told(at.shape)} and has no field `{name}`", hint, *span)


def no_item(text: str, place: int, at: Current, start: int) -> Fault:
    """An item of what is no list; it stands somewhere behind `start`, the parser gives it no place."""
    hint = None
    if at.path is None and at.name:
        hint = f"to take one of all that were found, end them with a pipe: `… | [{place}]`"
    opening = max(text.find("[", start), 0)
    closing = text.find("]", opening)
    message = f"{at.called} is {told(at.shape)} and has no item {place}"
    return Fault("GW263", message, hint, opening, closing + 1 if closing >= 0 else len(text))


def wrong_projection(text: str, node: Node, left: Current, kind: Kind) -> Fault:
    """All items of what is no list, or all values of what is no object."""
    start = _operator(text, node)
    closing = text.find("]", start)
    whole = text[start] == "[" and closing > 0 and node["type"] != "filter_projection"
    what = "items are taken" if kind == "array" else "values are taken"
    hint = "take the field that holds the list" if kind == "array" and "object" in left.shape.kinds else None
    message = f"{what} of {left.called}, which is {told(left.shape)}"
    return Fault("GW261", message, hint, start, closing + 1 if whole else min(start + 2, len(text)))


def _operator(text: str, node: Node) -> int:
    """Where the projection's sign stands: behind what it projects."""
    left = node["children"][0]
    if left["type"] == "index_expression" and left["children"][-1]["type"] == "slice":
        left = left["children"][0]
    at: int = left.get("end") or node.get("start") or 0
    while at < len(text) - 1 and text[at] not in "[.*":
        at += 1
    return min(at, len(text) - 1)
