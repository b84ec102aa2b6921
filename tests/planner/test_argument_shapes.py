from __future__ import annotations

from typing import Any

import pytest

from gateway.expressions import SchemaShapes, Shape
from gateway.expressions.shape import ANY, BOOLEAN, INTEGER, LIST, NUMBER, OBJECT, TEXT, constant, list_of, nullable, of_data, united
from gateway.planner.argument_shapes import check_argument
from tests.planner.folders import compiler_of

STATES = {"enum": ["open", "paid"]}


def told(given: Shape, declared: Any) -> list[tuple[str, str, str | None]]:
    compiler = compiler_of("intent: a\nsteps:\n  s:\n    with:\n      state: x\n")
    shape = SchemaShapes(declared, strict=True).whole()
    check_argument(given, shape, "state", compiler, ("steps", "s", "with", "state"))
    assert all((each.place.line, each.place.column) == (5, 14) for each in compiler.findings.problems)
    return [(each.code, each.message, each.hint) for each in compiler.findings.problems]


@pytest.mark.parametrize(
    ("given", "declared"),
    [
        (TEXT, {"type": "string"}),
        *[(TEXT, {"type": kind}) for kind in ("string", "number", "boolean", "integer")],
        *[(scalar, {"type": "string"}) for scalar in (NUMBER, BOOLEAN, INTEGER)],
        *[(constant(text), {"type": "number"}) for text in ("7", " -7.5 ", "1e3")],
        (constant("True"), {"type": "boolean"}),
        (united([constant("fifty"), constant("50")]), {"type": "integer"}),
        (united([constant("fifty"), INTEGER]), {"type": "integer"}),
        (ANY, {"type": "array"}),
        (LIST, {}),
        (LIST, True),
        (nullable(LIST), {"type": "array"}),
        (of_data(None), {"type": "array"}),
        (LIST, {"type": "null"}),
        (united([TEXT, LIST]), {"type": ["object", "array"]}),
        (constant("open"), STATES),
        (united([constant("open"), constant("lost")]), STATES),
        (TEXT, STATES),
        (constant(1), {"enum": ["1"]}),
    ],
)
def test_what_may_fit_is_no_fault(given: Shape, declared: Any) -> None:
    assert told(given, declared) == []


@pytest.mark.parametrize(
    ("given", "declared", "message"),
    [
        (LIST, {"type": "string"}, "`state` takes a text, and this is a list"),
        (nullable(OBJECT), {"type": ["string", "null"]}, "`state` takes a text, and this is an object"),
        (TEXT, {"type": "array"}, "`state` takes a list, and this is a text"),
        (constant("fifty"), {"type": "integer"}, "`state` takes a number, and this is a text"),
        (constant("yes"), {"type": "boolean"}, "`state` takes a truth value, and this is a text"),
        (NUMBER, {"type": "boolean"}, "`state` takes a truth value, and this is a number"),
        (BOOLEAN, {"type": ["integer", "null"]}, "`state` takes a number, and this is a truth value"),
        (list_of(TEXT), {"type": "object"}, "`state` takes an object, and this is a list"),
    ],
)
def test_what_never_fits(given: Shape, declared: Any, message: str) -> None:
    assert told(given, declared) == [("GW267", message, None)]


def test_a_value_that_is_not_among_those_declared_has_a_suggestion() -> None:
    assert told(constant("opne"), STATES) == [("GW267", "unknown value `opne` of `state`", "did you mean `open`?")]
    assert told(united([constant("x"), constant("y")]), STATES) == [("GW267", "unknown value `this` of `state`", None)]
