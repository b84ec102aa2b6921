from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from gateway.expressions import compile_expression
from gateway.expressions.growth import repetition
from gateway.expressions.syntax import parse
from gateway.sdk import ExpressionFault
from tests.expressions.grammar import expressions


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("a", 1),
        ("a.b[0].c", 1),
        ("'x'", 1),
        ("a == b", 0),
        ("{x: a, y: b, z: c}", 1),
        ("[a, a]", 2),
        ("[@, @]", 2),
        ("[@, a]", 2),
        ("[@, @] | [@, @]", 4),
        ("{x: @, y: @}.{x: @, y: @}", 4),
        ("a[*].{x: @, y: @}", 2),
        ("rows[*].{x: a, y: b}", 1),
        ("rows[?a == b].{x: a}", 1),
        ("map(&[@, @], a)", 2),
        ("concat(a, b, a)", 2),
        ("['x', 'y', 'z']", 1),
        ("'x' | [@, @, @]", 3),
        ("a | ['x', 'y'] | [@, @]", 2),
        ("!a", 0),
        (" | ".join(["[@, @]"] * 64), 1 << 20),
    ],
)
def test_repetition(text: str, times: int) -> None:
    assert repetition(parse(text)) == times


@given(expressions)
def test_is_an_upper_bound(text: str) -> None:
    """A mark in the data occurs in the result at most as often as foretold."""
    compiled, _ = compile_expression(text, roots=frozenset({"a", "b", "c", "d"}))
    if compiled is None:
        return
    mark = "MARK"
    document: dict[str, Any] = {"a": mark, "b": [{"a": 1}], "c": {"b": [1]}, "d": 1}
    try:
        result = compiled(document)
    except ExpressionFault:
        return
    assert json.dumps(result).count(mark) <= max(1, repetition(parse(text)))
