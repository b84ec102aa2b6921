"""How a value of the wrong type is mended."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.config.advice import advice_for
from gateway.config.shape import Schema, Shapes

LIST: Schema = {"type": "array", "items": {"type": "string"}}
OBJECTS: Schema = {"type": "array", "items": {"type": "object"}}


@pytest.mark.parametrize(
    ("choices", "value", "hint", "fix"),
    [
        ([LIST], None, "write a value, or remove the key", None),
        ([LIST], "a", "write it as a list: `[a]`", None),
        ([LIST], "a" * 60, "write it as a list: `[…]`", None),
        ([LIST], 5, "write a list: `- ` before each entry", None),
        ([LIST], "-a", "put a space behind each `-`", None),
        ([{"type": "object"}], "call:a.b", "put a space behind `call:`", None),
        ([{"type": "object"}], "http://a", None, None),
        ([OBJECTS], {"a": 1}, "put `- ` before each entry", None),
        ([{"type": "object"}], [1], "write each entry as `name: …`, without `- `", None),
        ([{"type": "object"}], "a", None, None),
        ([{"type": "array", "items": {"type": "object", "required": ["check"]}}], "a", "write it as a list: `[{check: …}]`", None),
        ([{"type": "object", "properties": {"roles": {}}}], ["a"], "write `roles: …`", None),
        (
            [{"type": "object", "properties": {key: {} for key in "abcd"}}],
            ["a"],
            "write a mapping, with keys such as `a`, `b` or `c`",
            None,
        ),
        ([{"x-gateway-kind": "json_schema"}], ["a"], "write a mapping, with keys such as `type` or `properties`", None),
        ([{"type": "string"}], ["a"], "write one text, without `[ ]` or `- `", None),
        ([{"type": "boolean"}], "yes", "write `true`", "true"),
        ([{"type": "boolean"}], "Off", "write `false`", "false"),
        ([{"type": "boolean"}], "maybe", None, None),
        ([{"type": "integer"}], "5", "write it without quotes: `5`", "5"),
        ([{"type": "integer"}], "five", "write a whole number", None),
        ([{"type": "number"}], "1.5x", "write a number", None),
        ([{"type": "string"}], 5, "put it in quotes", None),
        ([{"type": "string", "x-gateway-kind": "expression"}], 5, 'a constant is written between back-ticks: "`5`"', None),
        ([{"type": "string", "x-gateway-kind": "expression"}], [], "write it as one text", None),
    ],
)
def test_advice(choices: list[Schema], value: Any, hint: str | None, fix: str | None) -> None:
    assert advice_for(Shapes({}), choices, value) == (hint, fix)
