from __future__ import annotations

import pytest

from gateway.expressions import Fault, Shape, Typing, schema_of
from gateway.expressions.shape import ANY, INTEGER, TEXT, list_of, nullable, object_of
from gateway.planner.compiler import Compiler
from gateway.planner.shape_check import ShapeCheck
from gateway.sdk import Path
from tests.planner.folders import compiler_of

ROOTS = frozenset({"input", "steps"})
ORDER = object_of({"id": TEXT, "lines": list_of(object_of({"sku": TEXT, "input": TEXT})), "note": nullable(TEXT)})
TYPING = Typing({"input": ORDER, "steps": ANY})
OUTPUT: Path = ("output",)


def told(compiler: Compiler, written: str) -> list[tuple[str, str]]:
    """Code and marked text of each problem."""
    line = f"output: {written}"
    return [(problem.code, line[problem.place.column - 1 : problem.place.end - 1]) for problem in compiler.findings.problems]


def templated(written: str) -> tuple[ShapeCheck, Compiler]:
    compiler = compiler_of(f"intent: a\noutput: {written}\n")
    compiler.template(compiler.document.data["output"], OUTPUT, ROOTS)
    return ShapeCheck(compiler, {}), compiler


def expressed(written: str) -> tuple[ShapeCheck, Compiler]:
    compiler = compiler_of(f"intent: a\noutput: {written}\n")
    compiler.expression(compiler.document.data["output"], OUTPUT, ROOTS)
    return ShapeCheck(compiler, {}), compiler


@pytest.mark.parametrize(
    ("written", "schema", "faults"),
    [
        ("input.id", {"type": "string"}, []),
        ("input.lines[*].sku", {"type": "array", "items": {"type": "string"}}, []),
        ("input.lines[*].skuu", {}, [("GW226", "skuu")]),
        ("input.lines[?input == 'a'].sku", {"type": "array", "items": {"type": "string"}}, []),
        ("input.lines[?steps.x == 'a']", None, [("GW208", "steps")]),
    ],
)
def test_an_expression(written: str, schema: object, faults: list[tuple[str, str]]) -> None:
    check, compiler = expressed(f'"{written}"')
    shape = check.expression(OUTPUT, TYPING)
    assert schema is None or schema_of(shape) == schema
    assert told(compiler, f'"{written}"') == faults


def test_where_nothing_was_compiled_nothing_is_known() -> None:
    check, compiler = expressed('"input."')
    assert compiler.findings.problems != []
    assert check.expression(OUTPUT, TYPING) is ANY
    assert check.expression(("steps", "a", "when"), TYPING) is ANY
    assert check.condition(("steps", "a", "when"), TYPING) == check.failing(("steps", "a", "when")) == frozenset()


def test_a_condition_tells_what_is_there_where_it_holds_and_where_not() -> None:
    check, _ = expressed("input.note")
    assert ("input", "note") in check.condition(OUTPUT, TYPING)
    assert check.failing(OUTPUT) == frozenset()
    check, _ = expressed('"input.note == `null`"')
    assert check.condition(OUTPUT, TYPING) == frozenset()
    assert ("input", "note") in check.failing(OUTPUT)


def test_a_template_s_members() -> None:
    written = '{id: "${ input.id }", n: "${ length(input.lines) }", text: "of ${ input.idd }"}'
    check, compiler = templated(written)
    assert {name: schema_of(shape) for name, shape in check.members(OUTPUT, TYPING).items()} == {
        "id": {"type": "string"},
        "n": {"type": "integer"},
        "text": {"type": "string"},
    }
    assert told(compiler, written) == [("GW226", "idd")]


def test_of_a_broken_template_the_sound_parts_are_looked_at() -> None:
    written = '{good: "${ input.idd }", bad: "${ input. }", more: ["${ input.lin }", "${ inputt }"]}'
    check, compiler = templated(written)
    broken = told(compiler, written)
    assert check.template(OUTPUT, TYPING) is ANY
    assert told(compiler, written)[len(broken) :] == [("GW226", "idd"), ("GW226", "lin")]


def test_each_place_is_looked_at_once() -> None:
    check, compiler = templated('"${ input.idd }"')
    check.template(OUTPUT, TYPING)
    check.rest(lambda _: Typing({"input": INTEGER}))
    assert told(compiler, '"${ input.idd }"') == [("GW226", "idd")]


def test_the_rest_is_looked_at_with_what_is_known_at_its_place() -> None:
    check, compiler = templated('"${ input.idd }"')
    asked: list[Path] = []

    def typing(path: Path) -> Typing:
        asked.append(path)
        return TYPING

    check.rest(typing)
    check.rest(typing)
    assert asked == [OUTPUT]
    assert told(compiler, '"${ input.idd }"') == [("GW226", "idd")]


def test_a_transform_that_does_not_fit_is_told_at_its_name() -> None:
    compiler = compiler_of("intent: a\ntransform: card\n")

    def card(given: Shape) -> tuple[Shape, list[Fault]]:
        return given, [Fault("GW226", "unknown field `x`", None, 3, 4)]

    assert ShapeCheck(compiler, {"card": card}).transformed("card", TEXT, ("transform",)) is TEXT
    [problem] = compiler.findings.problems
    assert (problem.code, problem.place.line, problem.place.column) == ("GW269", 2, 12)
    assert "unknown field `x`" in problem.message
