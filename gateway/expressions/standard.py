"""The language's own dialect: null-safe functions, comparisons that give null instead of failing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from gateway.expressions.builtin import Builtin, wrong
from gateway.expressions.compiler import Compiler
from gateway.expressions.functions import BUILTINS, LAZY
from gateway.expressions.limits import Budget, charged, measured, spend_steps
from gateway.expressions.plugin import guarded
from gateway.expressions.syntax import Node
from gateway.expressions.values import equals, field, less, less_or_equal
from gateway.expressions.writer import Writer
from gateway.sdk import Function

_ORDERS: Mapping[str, tuple[str, str, bool]] = MappingProxyType(
    {
        "lt": ("less", "<", False),
        "gt": ("less", "<", True),
        "lte": ("less_or_equal", "<=", False),
        "gte": ("less_or_equal", "<=", True),
    }
)
"""Function, operator, and whether the sides change places."""


def flat(items: list[Any], budget: Budget) -> list[Any]:
    """One level of lists dissolved."""
    spend_steps(budget, len(items))
    result: list[Any] = []
    for item in items:
        if isinstance(item, list):
            spend_steps(budget, len(item))
            result.extend(item)
        else:
            result.append(item)
    return result


def keys_of(name: str, items: Any, key: Callable[..., Any], scope: Any, budget: Budget) -> list[Any]:
    """What `&key` gives for each item."""
    if not isinstance(items, list):
        raise wrong(name, "a list")
    spend_steps(budget, len(items))
    return [key(item, scope, budget) for item in items]


def scanned(value: Any, budget: Budget) -> None:
    """Pays for a list that a function walks."""
    if isinstance(value, list):
        spend_steps(budget, len(value) // 8)


def locale_in(scope: Mapping[str, Any]) -> Any:
    """`ctx.locale`, where there is one."""
    return field(scope.get("ctx"), "locale")


def time_in(scope: Mapping[str, Any]) -> Any:
    """`ctx.time`."""
    return field(scope.get("ctx"), "time")


_WORDS: tuple[Callable[..., Any], ...] = (
    *(isinstance, len, list, dict, int, float, str, Mapping),
    *(field, flat, measured, charged, spend_steps, scanned, equals, less, less_or_equal, keys_of, locale_in, time_in),
)
NAMES: Mapping[str, Any] = MappingProxyType({word.__name__: word for word in _WORDS})
"""What generated code may call."""


class Standard:
    """Writes comparisons and calls as the language has them. The checks at load have passed: names and counts are right."""

    def __init__(self, functions: Mapping[str, Function]) -> None:
        self._functions = functions

    def root_field(self, writer: Writer, name: str) -> str:
        return writer.assign(f"s.get({name})")

    def reference(self, compiler: Compiler, node: Node) -> str:
        """A function of an item, for a function that takes `&expression`."""
        return compiler.writer.function(lambda: compiler.value(node["children"][0], "c"))

    def comparison(self, compiler: Compiler, node: Node, current: str) -> str:
        left, right = (compiler.value(child, current) for child in node["children"])
        return compiler.boolean(comparison_code(node, left, right))

    def call(self, compiler: Compiler, node: Node, current: str) -> str:
        name = node["value"]
        if name in LAZY:
            return self._conditional(compiler, node, current) if name == "if" else self._first_known(compiler, node, current)
        builtin = BUILTINS.get(name)
        return self._plugin(compiler, node, current) if builtin is None else self.builtin(compiler, node, current, builtin)

    def builtin(self, compiler: Compiler, node: Node, current: str, builtin: Builtin) -> str:
        """The call of a built-in function."""
        writer, name = compiler.writer, compiler.writer.constant(builtin.function)
        arguments = [self._argument(compiler, child, place, current, builtin) for place, child in enumerate(node["children"])]
        if builtin.scans is not None:
            writer.line(f"scanned({arguments[builtin.scans]}, b)")
        known = _null_test(arguments, node, builtin)
        if builtin.by is not None:
            items, key = arguments[1 - builtin.by], arguments[builtin.by]
            arguments = [items, f"keys_of({writer.constant(builtin.name)}, {items}, {key}, s, b)"]
        needed = [f"{builtin.needs}_in(s)"] if builtin.needs else []
        code = f"{name}({', '.join([*needed, *arguments])})"
        if builtin.builds:
            code = f"charged({code}, b)"
        if compiler.measuring:
            code = f"measured({code}, b)"
        return writer.assign(f"None if {known} else {code}" if known else code)

    def _argument(self, compiler: Compiler, node: Node, place: int, current: str, builtin: Builtin) -> str:
        if place in builtin.fixed:
            return compiler.writer.constant(builtin.fixed[place](node["value"]))
        return compiler.value(node, current)

    def _plugin(self, compiler: Compiler, node: Node, current: str) -> str:
        name = compiler.writer.constant(guarded(self._functions[node["value"]]))
        arguments = ", ".join(compiler.value(child, current) for child in node["children"])
        return compiler.writer.assign(f"measured({name}({arguments}), b)")

    def _conditional(self, compiler: Compiler, node: Node, current: str) -> str:
        condition, then, otherwise = node["children"]
        test, writer = compiler.test(compiler.value(condition, current)), compiler.writer
        result = writer.assign("None")
        with writer.block(f"if {test}"):
            writer.line(f"{result} = {compiler.value(then, current)}")
        with writer.block("else"):
            writer.line(f"{result} = {compiler.value(otherwise, current)}")
        return result

    def _first_known(self, compiler: Compiler, node: Node, current: str) -> str:
        first, *others = node["children"]
        result = compiler.writer.assign(compiler.value(first, current))
        for child in others:
            with compiler.writer.block(f"if {result} is None"):
                compiler.writer.line(f"{result} = {compiler.value(child, current)}")
        return result


def comparison_code(node: Node, left: str, right: str) -> str:
    """Code for a comparison; the plain operator where a literal makes it safe."""
    operator = node["value"]
    if operator in _ORDERS:
        function, sign, swapped = _ORDERS[operator]
        first, second = (right, left) if swapped else (left, right)
        whole = f"{left}.__class__ is int and {right}.__class__ is int"
        return f"({first} {sign} {second} if {whole} else {function}({first}, {second}))"
    same = operator == "eq"
    for child in node["children"]:
        if child["type"] == "literal" and (child["value"] is None or isinstance(child["value"], bool)):
            return f"{left} {'is' if same else 'is not'} {right}"
        if child["type"] == "literal" and isinstance(child["value"], str):
            return f"{left} {'==' if same else '!='} {right}"
    test = f"({left} == {right} if {left}.__class__ is str else equals({left}, {right}))"
    return test if same else f"not {test}"


def _null_test(arguments: list[str], node: Node, builtin: Builtin) -> str:
    """Code that is true where an argument is null."""
    if builtin.nulls == "own":
        return ""
    sure = {place for place, child in enumerate(node["children"]) if place == builtin.by or place in builtin.fixed or _never_null(child)}
    return " or ".join(f"{variable} is None" for place, variable in enumerate(arguments) if place not in sure)


def _never_null(node: Node) -> bool:
    return bool(node["type"] == "literal" and node["value"] is not None)
