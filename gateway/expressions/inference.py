"""The shape of an expression, and what is wrong with it by the shapes of what it reads (language §2 "Static check").

Sound as far as the shapes are: a fault is told only where no value of the known shape could make sense. What is `any` is never a fault.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from gateway.expressions import inference_checks as checks
from gateway.expressions.builtin import Builtin
from gateway.expressions.faults import Fault
from gateway.expressions.functions import BUILTINS
from gateway.expressions.inference_checks import Complaint
from gateway.expressions.narrowing import LIKELY, NONE_CERTAIN, Certain, certain_where
from gateway.expressions.path_faults import Current, no_field, no_item, unknown, written, wrong_projection
from gateway.expressions.shape import (
    ANY,
    BOOLEAN,
    NULL,
    Kind,
    LabelReader,
    Shape,
    labelled,
    list_of,
    members_of,
    null_declared,
    nullable,
    object_of,
    of_data,
    united,
    without_null,
)
from gateway.expressions.shape_part import Inside
from gateway.expressions.shape_union import Union
from gateway.expressions.signatures import result_of
from gateway.expressions.syntax import Node
from gateway.sdk import Reference

_ARRAY: frozenset[Kind] = frozenset({"array"})
_TRUE: frozenset[Kind] = frozenset({"number"})
"""What is always true: 0 too."""


TransformShape = Callable[[Shape], tuple[Shape, list[Fault]]]


class Typing(msgspec.Struct, frozen=True):
    """What is known where an expression stands: the shape of each root, and the paths that can't be null there.

    `transforms` give the shape of what a named transform makes of a shape, and what is wrong with it then.
    """

    roots: Mapping[str, Shape]
    certain: Certain = NONE_CERTAIN
    transforms: Mapping[str, TransformShape] = MappingProxyType({})

    def with_roots(self, **roots: Shape) -> Typing:
        """The same with further roots."""
        return Typing({**self.roots, **roots}, self.certain, self.transforms)

    def knowing(self, certain: Certain) -> Typing:
        """The same where these paths aren't null either."""
        return Typing(self.roots, self.certain | certain, self.transforms) if certain else self


class Inferred(NamedTuple):
    """The shape of an expression, its faults, and where a name at the head of a path is a field that its element has."""

    shape: Shape
    faults: list[Fault]
    element_fields: frozenset[int]


_SCOPE = Current(ANY, ())


def infer(text: str, tree: Node, typing: Typing, *, authorisation: bool = False) -> Inferred:
    """The shape of a compiled expression's tree. Never raises."""
    run = _Inference(text, typing, authorisation=authorisation)
    shape = run.walk(tree, _SCOPE).shape
    return Inferred(shape, run.faults, frozenset(run.element_fields))


class _Inference:
    """One walk over one tree."""

    def __init__(self, text: str, typing: Typing, *, authorisation: bool) -> None:
        self.faults: list[Fault] = []
        self.element_fields: set[int] = set()
        self._text = text
        self._roots = typing.roots
        self._certain = typing.certain
        self._authorisation = authorisation
        self._labels = LabelReader()
        self._alternatives: dict[Hashable, Inside] = {}

    def walk(self, node: Node, at: Current) -> Current:
        """What a node gives for a current value."""
        found = _METHODS[node["type"]](self, node, at)
        inside = found.shape.inside
        return found if inside.__class__ is not Union else self._shared(found, inside)

    def _shared(self, found: Current, inside: Inside | None) -> Current:
        """Of equal alternatives always the same, so that what is in them is looked up once."""
        known = None if inside is None else self._alternatives.setdefault(inside.key, inside)
        return found if known is inside else found._replace(shape=found.shape.replaced(found.shape.kinds, inside=known))

    def _shape(self, node: Node, at: Current) -> Shape:
        return self.walk(node, at).shape

    def _tell(self, complaints: Iterable[Complaint]) -> None:
        self.faults += [complaint.fault(*self._span(complaint.node)) for complaint in complaints]

    def _span(self, node: Node) -> tuple[int, int]:
        return node.get("start") or 0, node.get("end") or len(self._text)

    def _written(self, node: Node) -> str:
        start, end = self._span(node)
        return self._text[start:end]

    # Paths

    def _field(self, node: Node, at: Current) -> Current:
        name = node["value"]
        path: Reference | None
        if at.path == ():
            shape, path = self._roots.get(name, ANY), (name,)
        else:
            if at.path is None and at.shape.known and at.shape.has(name):
                self.element_fields.add(node.get("start", -1))
            shape, path = self._member(node, at), None if at.path is None else (*at.path, name)
        if path is not None:
            return Current(self._narrowed(shape, path), path)
        return Current(shape, None, f"`{name}` of {at.name}" if at.name else "")

    def _narrowed(self, shape: Shape, path: Reference | None) -> Shape:
        """What is certain here not to be null, or likely not to."""
        if path is None or not self._certain:
            return shape
        if path in self._certain:
            return without_null(shape)
        likely = (LIKELY, *path) in self._certain and shape.known and "null" in shape.kinds
        return shape.replaced(shape.kinds, declared=False) if likely else shape

    def _member(self, node: Node, at: Current) -> Shape:
        shape, name = at.shape, node["value"]
        if "object" not in shape.kinds:
            if not shape.kinds <= NULL:
                self.faults.append(no_field(name, at, self._span(node), root=name in self._roots))
            return ANY
        found = shape.look(name)
        if found is None:
            if shape.known:
                self.faults.append(unknown(name, at, self._span(node)))
            return labelled(ANY, shape.labels)
        if len(shape.kinds) == 1:
            return found.read
        return nullable(found.read, declared=null_declared(shape) and shape.only("object"))

    def _subexpression(self, node: Node, at: Current) -> Current:
        start = self._span(node)[0]
        for child in node["children"]:
            at = self._index(child, at, start) if child["type"] == "index" else self.walk(child, at)
            start = child.get("end") or start
        return at

    _index_expression = _subexpression

    def _index(self, node: Node, at: Current, start: int) -> Current:
        """`start` is where it is looked for in the text: the parser gives it no place."""
        shape = at.shape
        if shape.known and "array" not in shape.kinds and not shape.kinds <= NULL:
            self.faults.append(no_item(self._text, node["value"], at, start))
            return Current(ANY)
        path = (*at.path, node["value"]) if at.path else None
        found = nullable(shape.items, declared=null_declared(shape))
        return Current(self._narrowed(found, path), path, at.name)

    def _pipe(self, node: Node, at: Current) -> Current:
        left = self.walk(node["children"][0], at)
        name = left.name or ("" if left.path else "what stands before `|`")
        return self.walk(node["children"][1], left if left.path else Current(left.shape, None, name))

    def _current(self, _node: Node, at: Current) -> Current:
        return at

    _identity = _current

    def _slice(self, _node: Node, at: Current) -> Current:
        return Current(at.shape)

    def _literal(self, node: Node, _: Current) -> Current:
        return Current(of_data(node["value"]))

    # Projections

    def _projection(self, node: Node, at: Current) -> Current:
        left = self.walk(node["children"][0], at)
        if node["children"][0]["type"] != "flatten":
            self._needs(left, "array", node)
        return self._projected(node, left, left.shape.items)

    def _value_projection(self, node: Node, at: Current) -> Current:
        left = self.walk(node["children"][0], at)
        self._needs(left, "object", node)
        return self._projected(node, left, members_of(left.shape), "object")

    def _filter_projection(self, node: Node, at: Current) -> Current:
        left = self.walk(node["children"][0], at)
        self._needs(left, "array", node)
        self.walk(node["children"][2], self._element(node, left, left.shape.items))
        return self._projected(node, left, left.shape.items)

    def _projected(self, node: Node, left: Current, items: Shape, kind: Kind = "array") -> Current:
        """A list of what the right side gives for each item; nulls drop out of it."""
        each = self._shape(node["children"][1], self._element(node, left, items))
        return Current(_null_unless(kind, list_of(without_null(each)), left.shape))

    def _element(self, node: Node, left: Current, items: Shape) -> Current:
        end = node["children"][0].get("end")
        start = node["children"][0].get("start")
        over = written(left.path) if left.path else self._text[start:end] if start is not None and end is not None else ""
        return Current(items, None, f"an item of `{over}`" if over else "an item")

    def _flatten(self, node: Node, at: Current) -> Current:
        left = self.walk(node["children"][0], at)
        self._needs(left, "array", node)
        items = left.shape.items
        if "array" in items.kinds:
            rest = items.kinds - {"array"}
            items = united([items.items, items.replaced(rest)]) if rest else items.items
        return Current(_null_unless("array", list_of(items), left.shape))

    def _needs(self, left: Current, kind: Kind, node: Node) -> None:
        if left.shape.known and kind not in left.shape.kinds and not left.shape.kinds <= NULL:
            self.faults.append(wrong_projection(self._text, node, left, kind))

    # Building and deciding

    def _multi_select_dict(self, node: Node, at: Current) -> Current:
        made = object_of({child["value"]: self._shape(child["children"][0], at) for child in node["children"]})
        return Current(_null_with(made, at))

    def _multi_select_list(self, node: Node, at: Current) -> Current:
        children = node["children"]
        texts = tuple(child["value"] for child in children if child["type"] == "literal" and isinstance(child["value"], str))
        items = united([self._shape(child, at) for child in children])
        made = Shape(_ARRAY, items=items, texts=texts if len(texts) == len(children) else None)
        return Current(_null_with(made, at))

    def _or_expression(self, node: Node, at: Current) -> Current:
        left, right = node["children"]
        first = self._shape(left, at)
        with_facts = self._knowing(certain_where(left, holds=False), right, at)
        return Current(united([without_null(first), with_facts]) if first.kinds != NULL else with_facts)

    def _and_expression(self, node: Node, at: Current) -> Current:
        left, right = node["children"]
        first = self._shape(left, at)
        second = self._knowing(certain_where(left), right, at)
        falsy = first.kinds - _TRUE if first.known else first.kinds
        return Current(united([first.replaced(falsy), second]) if falsy else second)

    def _knowing(self, certain: Certain, node: Node, at: Current) -> Shape:
        """The shape of a part that is evaluated only where these paths aren't null."""
        if not certain or at.path != ():
            return self._shape(node, at)
        before, self._certain = self._certain, self._certain | certain
        shape = self._shape(node, at)
        self._certain = before
        return shape

    def _not_expression(self, node: Node, at: Current) -> Current:
        self.walk(node["children"][0], at)
        return Current(BOOLEAN)

    def _comparator(self, node: Node, at: Current) -> Current:
        left, right = (self._shape(child, at) for child in node["children"])
        self._tell(checks.comparison(node, left, right))
        ordered = node["value"] not in ("eq", "ne")
        return Current(nullable(BOOLEAN, declared=False) if ordered else BOOLEAN)

    def _expref(self, node: Node, at: Current) -> Current:
        return Current(self._shape(node["children"][0], at))

    # Calls

    def _function_expression(self, node: Node, at: Current) -> Current:
        name, children = node["value"], node["children"]
        if name == "if" and len(children) == 3:
            return Current(result_of(name, self._branches(children, at), self._labels))
        builtin = BUILTINS.get(name)
        given = self._arguments(children, builtin, at)
        self._tell(checks.call(node, given, builtin, authorisation=self._authorisation))
        return Current(result_of(name, given, self._labels))

    def _branches(self, children: list[Node], at: Current) -> list[Shape]:
        condition, then, otherwise = children
        tested = self._shape(condition, at)
        one = self._knowing(certain_where(condition), then, at)
        return [tested, one, self._knowing(certain_where(condition, holds=False), otherwise, at)]

    def _arguments(self, children: list[Node], builtin: Builtin | None, at: Current) -> list[Shape]:
        if builtin is None or builtin.by is None or len(children) != 2:
            return [self._shape(child, at) for child in children]
        items = children[1 - builtin.by]
        shapes = {1 - builtin.by: self._shape(items, at)}
        within = shapes[1 - builtin.by]
        element = Current(within.items, None, f"an item of `{self._written(items)}`")
        shapes[builtin.by] = self._shape(children[builtin.by], element)
        return [shapes[0], shapes[1]]


def _null_with(made: Shape, at: Current) -> Shape:
    """Of null nothing is selected."""
    if at.path == () or "null" not in at.shape.kinds:
        return made
    return nullable(made, declared=null_declared(at.shape))


def _null_unless(kind: Kind, found: Shape, shape: Shape) -> Shape:
    """What is found in a value of one kind; null for all others."""
    return found if shape.kinds == {kind} else nullable(found, declared=null_declared(shape))


_METHODS: Mapping[str, Callable[[_Inference, Node, Current], Current]] = MappingProxyType(
    {
        "field": _Inference._field,
        "subexpression": _Inference._subexpression,
        "index_expression": _Inference._index_expression,
        "pipe": _Inference._pipe,
        "current": _Inference._current,
        "identity": _Inference._identity,
        "slice": _Inference._slice,
        "literal": _Inference._literal,
        "projection": _Inference._projection,
        "value_projection": _Inference._value_projection,
        "filter_projection": _Inference._filter_projection,
        "flatten": _Inference._flatten,
        "multi_select_dict": _Inference._multi_select_dict,
        "multi_select_list": _Inference._multi_select_list,
        "or_expression": _Inference._or_expression,
        "and_expression": _Inference._and_expression,
        "not_expression": _Inference._not_expression,
        "comparator": _Inference._comparator,
        "expref": _Inference._expref,
        "function_expression": _Inference._function_expression,
    }
)
"""By type of node; an `index` stands only inside an `index_expression`."""
