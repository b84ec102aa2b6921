"""Plain JMESPath, exactly as the `jmespath` package has it: its functions, its types, its errors. For the compliance suite."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jmespath import exceptions
from jmespath.functions import Functions
from jmespath.visitor import TreeInterpreter

from gateway.expressions.compiler import Compiler
from gateway.expressions.limits import Budget, measured
from gateway.expressions.standard import NAMES as STANDARD_NAMES
from gateway.expressions.syntax import Node
from gateway.expressions.values import is_number
from gateway.expressions.writer import Writer
from gateway.sdk import ExpressionFault

_equal = TreeInterpreter.COMPARATOR_FUNC["eq"]
_OPERATORS: Mapping[str, str] = {"lt": "<", "gt": ">", "lte": "<=", "gte": ">="}


class _Expression:
    """What `&expression` is; jmespath's functions know it by the name of its class."""

    def __init__(self, expression: Callable[..., Any], scope: Any, budget: Budget) -> None:
        self.expression = expression
        self._scope = scope
        self._budget = budget

    def visit(self, expression: Callable[..., Any], value: Any) -> Any:
        return expression(value, self._scope, self._budget)


def call(functions: Functions, name: str, arguments: list[Any], budget: Budget) -> Any:
    """A function of jmespath. The message of a fault names the error as the specification does."""
    try:
        return measured_value(functions.call_function(name, arguments), budget)
    except exceptions.UnknownFunctionError as error:
        raise ExpressionFault(f"unknown-function: {name}()") from error
    except exceptions.ArityError as error:
        raise ExpressionFault(f"invalid-arity: {name}()") from error
    except exceptions.JMESPathTypeError as error:
        raise ExpressionFault(f"invalid-type: {name}()") from error


def measured_value(value: Any, budget: Budget) -> Any:
    """Like `measured`, and a reference to an expression is left alone."""
    return value if isinstance(value, _Expression) else measured(value, budget)


def comparable(value: Any) -> bool:
    """What jmespath orders."""
    return isinstance(value, str) or is_number(value)


class Strict:
    """Writes comparisons and calls as the specification has them."""

    def root_field(self, writer: Writer, name: str) -> str:
        return writer.assign(f"s.get({name}) if s.__class__ is dict else field(s, {name})")

    def reference(self, compiler: Compiler, node: Node) -> str:
        name = compiler.writer.function(lambda: compiler.value(node["children"][0], "c"))
        return compiler.writer.assign(f"expression({name}, s, b)")

    def comparison(self, compiler: Compiler, node: Node, current: str) -> str:
        left, right = (compiler.value(child, current) for child in node["children"])
        operator = node["value"]
        if operator in _OPERATORS:
            return compiler.boolean(f"{left} {_OPERATORS[operator]} {right} if comparable({left}) and comparable({right}) else None")
        return compiler.boolean(f"equal({left}, {right})" if operator == "eq" else f"not equal({left}, {right})")

    def call(self, compiler: Compiler, node: Node, current: str) -> str:
        name = compiler.writer.constant(node["value"])
        arguments = ", ".join(compiler.value(child, current) for child in node["children"])
        return compiler.writer.assign(f"call({name}, [{arguments}], b)")


def names() -> dict[str, Any]:
    """What generated code may call."""
    functions = Functions()

    def bound(name: str, arguments: list[Any], budget: Budget) -> Any:
        return call(functions, name, arguments, budget)

    return {
        **STANDARD_NAMES,
        "expression": _Expression,
        "comparable": comparable,
        "equal": _equal,
        "call": bound,
        "measured": measured_value,
    }
