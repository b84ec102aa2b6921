"""The largest and most tangled expressions that the parser accepts, over schemas that contain themselves: inference ends soon."""

from __future__ import annotations

import time
from typing import Any

import pytest

from gateway.expressions import Shape, Typing, compile_expression, infer, schema_of
from gateway.expressions.limits import MAX_LENGTH
from gateway.expressions.shape import every_label
from tests.expressions.inferring import lists, objects, shape_of

ROOTS = frozenset({"input", "big"})
LONGEST = 1.0
"""Seconds of work: what it takes is mostly a tenth of this, and a slow machine is no failure."""

NODE = {"$ref": "#/$defs/node"}
MIXED = {
    f"m{number}": objects(
        "", **{name: {"oneOf": [{"$ref": f"#/$defs/m{(number * 7 + step) % 40}"} for step in range(8)]} for name in "abcd"}
    )
    for number in range(40)
}
TANGLED: dict[str, Any] = {
    **objects("node mix", node=NODE, mix={"oneOf": [{"$ref": f"#/$defs/{name}"} for name in MIXED]}),
    "$defs": {"node": objects("a b", a=NODE, b=lists(NODE), c={"anyOf": [NODE, {"type": "string"}]}, v="string"), **MIXED},
}
WIDE = objects("", **{f"p{number}": objects("", a={"type": "string", "classification": "pii"}) for number in range(3_000)})


def many(unit: str, separator: str) -> str:
    """As often as fits, with room for what stands round it."""
    return separator.join([unit] * ((MAX_LENGTH - 100) // (len(unit) + len(separator))))


def nested(before: str, inner: str, behind: str, depth: int) -> str:
    return before * depth + inner + behind * depth


EXPRESSIONS = {
    "alternatives of alternatives": f"({' || '.join('input.mix' + '.a' * depth for depth in range(1, 60))}).a.b.c.d.a.b.c.d",
    "coalesce": f"coalesce({many('input.mix.a', ',')}).a.b.c",
    "merge of many": f"merge({many('input.mix', ',')}).a.b",
    "merge of merge": "input.mix" + ".merge(@,@)" * 800 + ".a.b",
    "merge of what is wide": f"merge({many('big', ',')}).p3.a",
    "merge of merge of what is wide": "big" + ".merge(@,@)" * 800 + ".p3.a",
    "keys of what is wide": f"[{many('keys(merge(big,{a:`1`}))', ',')}]",
    "text of what is tangled": f"concat({many('input.mix', ',')})",
    "pick and merge": "input.mix" + '.pick(@,`["a"]`).merge(@,{z:@})' * 250 + ".z.z",
    "omit and merge": "input.mix" + ".omit(@,input.z).merge(@,{z:@})" * 250 + ".z.a.z.a",
    "objects in objects": "input.mix" + ".{b:@}" * 1600,
    "lists in lists": "input.mix" + ".[@]" * 2400,
    "a long path": "input.node" + ".a" * 2400,
    "a long path of alternatives": "input.mix" + ".a.b" * 1200,
    "values of values": "input.mix" + ".a.values(@)[0]" * 600,
    "all of all": "input.mix" + ".*" * 95,
    "projections": "input.node" + ".b[*]" * 95,
    "filters": "input.node.b" + "[?a.b[?c]]" * 90,
    "filters in filters": nested("input.node.b[?", "a", "]", 48),
    "conditions": nested("if(input.mix.a, input.node.c, ", "input.mix", ")", 97),
    "index of index": nested("values(index_by(", "input.node.b", ",&v))", 47),
    "lookup in lookup": nested("lookup(", "input.mix", ", input.node.v)", 97),
    "lists of lists": nested("to_array(", "input.mix", ")", 97),
    "a deep literal": f"`{nested('[', '', ']', 400)}`",
    "a long literal": f"`[{many('{{}}', ',')}]`[*].a".replace("{{}}", "{}"),
}


DEEP = ("merge of merge", "pick and merge", "omit and merge", "lists in lists", "all of all", "filters in filters", "lists of lists")


@pytest.fixture(scope="module")
def shapes() -> dict[str, Shape]:
    return {"input": shape_of(TANGLED), "big": shape_of(WIDE)}


@pytest.mark.parametrize("text", EXPRESSIONS.values(), ids=EXPRESSIONS.keys())
def test_it_ends_soon(text: str, shapes: dict[str, Shape]) -> None:
    compiled, faults = compile_expression(text, roots=ROOTS)
    assert compiled is not None, faults
    start = time.process_time()
    found = infer(text, compiled.ast, Typing(shapes))  # type: ignore[attr-defined]
    every_label(found.shape)
    schema_of(found.shape)
    assert time.process_time() - start < LONGEST


def test_it_ends_where_the_stack_is_deep_already(shapes: dict[str, Shape]) -> None:
    def below(depth: int) -> None:
        if depth:
            below(depth - 1)
            return
        for name in DEEP:
            compiled, _ = compile_expression(text := EXPRESSIONS[name], roots=ROOTS)
            assert compiled is not None
            schema_of(infer(text, compiled.ast, Typing(shapes)).shape)  # type: ignore[attr-defined]

    below(150)
