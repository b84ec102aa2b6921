"""Expressions that decide access (language §2.8): true, false, or null for *unknown*.

Unknown is: comparing two things that are no literals where one is null or holds a null (or where their order has no meaning);
a test function that gives null; `contains` on a text or with a null. `!`, `&&` and `||` follow Kleene's logic. An unknown
comparison further inside (in a filter, an argument) makes the part of the logic it stands in unknown. The caller lets unknown pass
no check and no allow, and lets it trigger every deny and mask.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from gateway.expressions import functions_list
from gateway.expressions.builtin import Builtin
from gateway.expressions.compiler import ROOT, Compiler
from gateway.expressions.functions import BUILTINS
from gateway.expressions.standard import NAMES as STANDARD_NAMES
from gateway.expressions.standard import Standard, comparison_code
from gateway.expressions.syntax import Node
from gateway.expressions.values import Unknown, certain, known_equals
from gateway.expressions.writer import Writer


def contains(subject: Any, search: Any) -> bool:
    """Like the plain `contains`, but a part of a text proves nothing, and of what isn't there nothing is known."""
    if isinstance(subject, str) or subject is None or search is None:
        raise Unknown
    return functions_list.contains(subject, search)


_CONTAINS = Builtin(name="contains", function=contains, minimum=2, maximum=2, nulls="own", scans=0, summary="Whether a list holds a value.")


class Authorisation(Standard):
    """Writes comparisons that know the unknown."""

    def comparison(self, compiler: Compiler, node: Node, current: str) -> str:
        left, right = (compiler.value(child, current) for child in node["children"])
        if is_literal_comparison(node):
            return compiler.boolean(comparison_code(node, left, right))
        return compiler.boolean(f"certain({verdict_code(node, left, right)})")

    def builtin(self, compiler: Compiler, node: Node, current: str, builtin: Builtin) -> str:
        return super().builtin(compiler, node, current, _CONTAINS if builtin is BUILTINS["contains"] else builtin)


def is_literal_comparison(node: Node) -> bool:
    """Whether one side is written down, which makes null on the other side meant."""
    return any(child["type"] == "literal" for child in node["children"])


def verdict_code(node: Node, left: str, right: str) -> str:
    """Code for true, false or null."""
    if node["value"] == "eq":
        return f"known_equals({left}, {right})"
    if node["value"] == "ne":
        return f"opposite(known_equals({left}, {right}))"
    return comparison_code(node, left, right)


def opposite(verdict: bool | None) -> bool | None:
    """Kleene's not."""
    return None if verdict is None else not verdict


NAMES: Mapping[str, Any] = MappingProxyType(
    {**STANDARD_NAMES, **{word.__name__: word for word in (known_equals, opposite, certain, Unknown, bool)}}
)
"""What generated code may call."""


class Condition:
    """Writes the logic at the top of an authorisation expression; every variable it gives holds true, false or null."""

    def __init__(self, compiler: Compiler) -> None:
        self._compiler = compiler
        self._writer = compiler.writer

    def verdict(self, node: Node) -> str:
        """Writes what decides a node."""
        if self._writer.deep and node["children"]:
            return self._compiler.apart(lambda _: self._written(node), ROOT)
        return self._written(node)

    def _written(self, node: Node) -> str:
        kind = node["type"]
        if kind == "or_expression":
            return self._either(node, "is not True", "{0} is False or {1}")
        if kind == "and_expression":
            return self._either(node, "is not False", "{0} is True or {1} is False")
        if kind == "not_expression":
            return self._writer.assign(f"opposite({self.verdict(node['children'][0])})")
        return self._leaf(node)

    def _either(self, node: Node, undecided: str, takes_second: str) -> str:
        left, right = node["children"]
        result = self._writer.assign(self.verdict(left))
        with self._writer.block(f"if {result} {undecided}"):
            second = self.verdict(right)
            with self._writer.block(f"if {takes_second.format(result, second)}"):
                self._writer.line(f"{result} = {second}")
        return result

    def _leaf(self, node: Node) -> str:
        result = self._writer.assign("None")
        with self._writer.block("try"):
            self._writer.line(f"{result} = {self._leaf_code(node)}")
        with self._writer.block("except Unknown"):
            pass
        return result

    def _leaf_code(self, node: Node) -> str:
        if node["type"] == "comparator":
            left, right = (self._compiler.value(child, ROOT) for child in node["children"])
            return comparison_code(node, left, right) if is_literal_comparison(node) else verdict_code(node, left, right)
        variable = self._compiler.value(node, ROOT)
        test = f"bool({self._compiler.test(variable)})"
        return f"None if {variable} is None else {test}" if node["type"] == "function_expression" else test


def decision(text: str, tree: Node, functions: Mapping[str, Any], *, measuring: bool) -> Any:
    """The function of a tree: `(scope, budget) -> true, false or null`."""
    writer = Writer(NAMES)
    condition = Condition(Compiler(writer, Authorisation(functions), measuring=measuring))
    return writer.finish(writer.function(lambda: condition.verdict(tree), "s, b"), text)
