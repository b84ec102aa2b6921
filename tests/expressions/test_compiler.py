"""What the code of each kind of node gives, in the language's own dialect."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest

from tests.expressions.evaluation import expression, of

DATA: dict[str, Any] = {
    "list": [1, None, "a", [2, 3]],
    "rows": [{"k": "a", "n": 1}, {"k": "b"}, "odd", {"k": "a", "n": 3}],
    "table": {"x": {"v": 1}, "y": {"v": None}, "z": {"v": 3}},
    "empty": [],
    "zero": 0,
    "text": "abc",
    "odd name": 1,
}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ('input."odd name"', 1),
        ("input.list[0]", 1),
        ("input.list[-1][1]", 3),
        ("input.list[9]", None),
        ("input.list[-9]", None),
        ("input.text[0]", None),
        ("input.list[1:3]", ["a"]),
        ("input.list[::-1][0]", [2]),
        ("input.list[::-1] | [0]", [2, 3]),
        ("input.text[0:1]", None),
        ("input.list[]", [1, "a", 2, 3]),
        ("input.text[]", None),
        ("input.rows[*].n", [1, 3]),
        ("input.rows[*].k", ["a", "b", "a"]),
        ("input.text[*].k", None),
        ("input.table.*.v", [1, 3]),
        ("input.list.*.v", None),
        ("input.rows[?n].k", ["a", "a"]),
        ("input.rows[?k == 'a' && n > `1`].n | [0]", 3),
        ("input.rows[?k == 'zz']", []),
        ("input.zero[?a]", None),
        ("input.zero || 'x'", 0),
        ("input.empty || 'x'", "x"),
        ("input.empty && 'x'", []),
        ("input.zero && 'x'", "x"),
        ("!input", False),
        ("!(input.zero)", False),
        ("!(input.empty)", True),
        ("[input.zero, input.text]", [0, "abc"]),
        ("input.none.[a, b]", None),
        ("input.none.{a: b}", None),
        ("input.table.{p: x.v, q: w}", {"p": 1, "q": None}),
        ("input.rows[*].[k, n]", [["a", 1], ["b", None], [None, None], ["a", 3]]),
        ("input.rows[*].{k: k} | [0]", {"k": "a"}),
        ('`{"a": [1, 2]}`.a[1]', 2),
        ("input.text | length(@)", 3),
    ],
)
def test_nodes(text: str, result: Any) -> None:
    assert of(text, **DATA) == result


def test_other_mappings_are_read_too() -> None:
    frozen = MappingProxyType({"a": MappingProxyType({"b": 1})})
    assert expression("input.a.b")({"input": frozen}) == 1
    assert expression("input.*.b")({"input": frozen}) == [1]


@pytest.mark.parametrize(
    "text",
    [
        "input.r" + "[*].r" * 60,
        "input.r" + "[?r" * 30 + "]" * 30,
        "input.r" + "[*].[r" * 40 + "]" * 40,
        "(" * 60 + "input.r" + " || 'x')" * 60,
        "if(input.r, " * 40 + "'x'" + ", 'y')" * 40,
        "default(" * 40 + "input.q" + ", 'y')" * 40,
        "map(&map(&map(&@, @), @), [[[input.r]]])",
        "[" * 90 + "input.r" + "]" * 90,
        " && ".join(["input.r"] * 95),
        "!(" * 45 + "input.r" + ")" * 45,
    ],
)
def test_deep_expressions_compile_and_run(text: str) -> None:
    """Python has limits on nested loops, indentation and parentheses; generated code must not meet them."""
    data: Any = [1]
    for _ in range(70):
        data = [{"r": data}]
    expression(text)({"input": {"r": data}})
    expression(text)({})


def test_values_are_given_not_copied() -> None:
    rows = [{"a": 1}]
    assert expression("input.rows")({"input": {"rows": rows}}) is rows
