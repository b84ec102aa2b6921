"""What is wrong with a comparison or a call, told by the shapes of both sides or of the arguments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from gateway.expressions.builtin import Builtin
from gateway.expressions.faults import Fault
from gateway.expressions.shape import NULL, Shape, told, without_null
from gateway.expressions.signatures import SIGNATURES
from gateway.expressions.syntax import Node
from gateway.sdk import Severity


class Complaint(msgspec.Struct, frozen=True):
    """A fault, and the node it is about. `name` isn't among those that are `known`."""

    node: Node
    code: str
    message: str
    hint: str | None = None
    severity: Severity = "error"
    name: str | None = None
    known: tuple[str, ...] | None = None

    def fault(self, start: int, end: int) -> Fault:
        """It as a fault from `start` to `end` of the expression's text."""
        return Fault(self.code, self.message, self.hint, start, end, self.severity, self.name, self.known)


def comparison(node: Node, left: Shape, right: Shape) -> Iterator[Complaint]:
    """A comparison of what can't be equal, or has no order."""
    if _untold(left) or _untold(right):
        return
    ordered = node["value"] not in ("eq", "ne")
    common = (left.kinds & right.kinds) - NULL
    if ordered:
        common &= {"number", "text"}
    if not common:
        outcome = "is always true" if node["value"] == "ne" else "never holds"
        message = f"this compares {_told(left)} with {_told(right)} and {outcome}"
        yield Complaint(node, "GW264", message, _conversion(left, right, ordered=ordered))
    elif not ordered:
        first, second = node["children"]
        yield from _constant(first, left, right)
        yield from _constant(second, right, left)


def call(node: Node, given: Sequence[Shape], builtin: Builtin | None, *, authorisation: bool) -> Iterator[Complaint]:
    """Arguments that a function can't take."""
    name = node["value"]
    signature = SIGNATURES.get(name)
    if signature is None:
        return
    for position, (child, shape) in enumerate(zip(node["children"], given, strict=True)):
        takes = signature.taken(position)
        by_key = builtin is not None and position == builtin.by
        if by_key or _untold(shape):
            continue
        if not takes & shape.kinds:
            yield Complaint(child, "GW204", f"{name}() takes {told(Shape(takes))} here, and this is {_told(shape)}")
        elif shape.only("array") and not _untold(shape.items) and not signature.items & shape.items.kinds:
            message = f"{name}() takes a list of items that are {told(Shape(signature.items))}, and these are {_told(shape.items)}"
            yield Complaint(child, "GW204", message, _one_field(shape.items))
    if name == "contains" and len(given) == 2:
        yield from _contains(node, given[0], given[1], authorisation=authorisation)


def _contains(node: Node, within: Shape, sought: Shape, *, authorisation: bool) -> Iterator[Complaint]:
    if _untold(within):
        return
    if authorisation and within.only("text"):
        yield Complaint(
            node, "GW210", "`contains` on a text finds parts of words, which proves nothing", "use a list, or compare with `==`"
        )
    if not within.only("array") or _untold(within.items) or _untold(sought):
        return
    if not (within.items.kinds & sought.kinds) - NULL:
        message = f"this looks for {_told(sought)} among items that are {_told(within.items)} and never holds"
        yield Complaint(node, "GW264", message, _conversion(within.items, sought, ordered=False))
    else:
        yield from _constant(node["children"][1], sought, within.items)


def _constant(node: Node, literal: Shape, other: Shape) -> Iterator[Complaint]:
    """A constant that the other side is never declared to be. What backends declare lags behind, so that it is a warning."""
    if node["type"] != "literal" or literal.values is None or other.values is None or literal.values & other.values:
        return
    value = node["value"]
    known = tuple(sorted(each if isinstance(each, str) else msgspec.json.encode(each).decode() for each in other.values))
    name = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    yield Complaint(node, "GW265", "it is never this value, by its schema", None, "warning", name, known)


def _one_field(items: Shape) -> str | None:
    return "take one field of each item: `[*].<field>`" if items.may_be("object") else None


def _untold(shape: Shape) -> bool:
    """Whether nothing is known of a value, or nothing but that it is null."""
    return not shape.known or shape.kinds <= NULL


def _told(shape: Shape) -> str:
    return told(without_null(shape))


def _conversion(left: Shape, right: Shape, *, ordered: bool) -> str | None:
    kinds = (left.kinds | right.kinds) - NULL
    if kinds == {"number", "text"}:
        return "make a number of the text with number(…)" if ordered else "make a text of the number with to_string(…)"
    if kinds == {"boolean", "text"}:
        return "a truth value is written in backticks: `true`"
    return None
