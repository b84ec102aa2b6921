from __future__ import annotations

from contextlib import suppress
from time import process_time
from typing import Any

import pytest
from hypothesis import given

from gateway.expressions import Expression, compile_expression
from gateway.sdk import ExpressionFault
from tests.expressions.evaluation import ROOTS, expression, fails, of
from tests.expressions.grammar import documents, expressions


def test_has_what_compiled_promises() -> None:
    compiled = expression("steps.a || 'x'")
    assert compiled.source == "steps.a || 'x'"
    assert compiled.references == {("steps", "a")}
    assert compiled.constant is False
    assert compiled.ast["type"] == "or_expression"
    assert repr(compiled) == "<Expression \"steps.a || 'x'\">"
    assert expression("'x'").constant is True


@pytest.mark.parametrize("scope", [{}, {"input": None}, {"input": 1}, {"input": "text"}, {"input": []}, {"input": {"a": [1]}}])
def test_a_path_that_is_not_there_is_null(scope: dict[str, Any]) -> None:
    assert expression("input.a.b.c")(scope) is None
    assert expression("input.a.b[0].c[*].d")(scope) is None
    assert expression("input.a.b[?x > `1`]")(scope) is None


def test_equal_shapes_share_code_but_not_their_words() -> None:
    first, second = expression("input.a == 'x'"), expression("input.b == 'y'")
    assert [first({"input": {"a": "x"}}), second({"input": {"b": "y"}}), first({"input": {"b": "y"}})] == [True, True, False]


@given(expressions)
def test_whatever_is_accepted_can_be_run(text: str) -> None:
    """The function is made long after the check said yes: making it must never fail."""
    roots = frozenset("abcd")
    for options in ({}, {"authorisation": True}, {"strict": True}):
        compiled, _ = compile_expression(text, roots=roots, **options)
        if isinstance(compiled, Expression):
            compiled.ready()


OPENINGS = [
    "(",
    "!(",
    "[",
    "{a: ",
    "abs(",
    "input[?",
    "if(input.a, input.b, ",
    "a.b || ",
    "sort_by(input.a, &",
    "input.[",
    "coalesce(",
    "input.b == ",
]


@pytest.mark.parametrize("opening", OPENINGS)
@pytest.mark.parametrize("authorisation", [False, True])
def test_the_deepest_that_is_accepted_can_be_run(opening: str, authorisation: bool) -> None:
    """As deep as the check allows, from a stack that is half used up already."""
    closing = "".join({"(": ")", "[": "]", "{": "}"}.get(sign, "") for sign in reversed(opening))
    texts = (f"{opening * depth}input.a{closing * depth}".replace("a.b", "input.b") for depth in (30, 47, 48, 49, 50, 96, 97, 98, 99, 100))
    accepted = [
        found for text in texts if isinstance(found := compile_expression(text, roots=ROOTS, authorisation=authorisation)[0], Expression)
    ]
    assert 3 <= len(accepted) < 10

    def at(depth: int) -> None:
        if depth:
            at(depth - 1)
        else:
            accepted[-1].ready()

    at(400)
    with suppress(ExpressionFault):
        accepted[-1]({"input": {"a": 1, "b": 2}})


@pytest.mark.parametrize("written", ["[{}]", "{{{}}}", "concat({})", "input | {}"])
def test_the_longest_that_is_accepted_can_be_run(written: str) -> None:
    parts = {"{{{}}}": "a: input.a", "input | {}": "@"}.get(written, "input.a")
    text = written.format((" | " if "|" in written else ", ").join([parts] * (90 if "|" in written else 600)))
    compiled, faults = compile_expression(text, roots=ROOTS)
    assert faults == []
    assert isinstance(compiled, Expression)
    compiled.ready()


def test_is_made_runnable_once_and_not_before_it_is_needed() -> None:
    compiled = expression("input.a")
    assert isinstance(compiled, Expression)
    made = compiled._make
    calls: list[int] = []
    compiled._make = lambda: (calls.append(1), made())[1]
    assert calls == []
    assert [compiled({"input": {"a": number}}) for number in (1, 2)] == [1, 2]
    compiled.ready()
    assert calls == [1]


def test_has_no_other_attributes_for_the_asking() -> None:
    with pytest.raises(AttributeError, match="ran"):
        _ = expression("input.a").ran  # type: ignore[attr-defined]


BOMBS = [
    "input | " + " | ".join(["[@,@,@,@,@,@,@,@]"] * 24) + " | to_string(@)",
    ("input | " + " | ".join(["{a:@,b:@}"] * 60))[:447].rsplit(" | ", 1)[0],
    "input|" + "|".join(["[@,@][]"] * 40),
    "input|" + "|".join(["join('',[@,@])"] * 31),
    "input|" + "|".join(["concat(@,@)"] * 40),
    "input|" + "|".join(["replace(@,'x',concat(@,@))"] * 9),
    "input|" + "|".join(["map(&[@,@], [@,@])"] * 30) + "|to_json(@)",
    "input|" + "|".join(["merge({a:@},{b:@})"] * 40) + "|sha256(to_json(@))",
    "input|" + "|".join(["zip([@,@],[@,@])"] * 25) + "|to_string(@)",
    "input|" + "|".join(["values({a:@,b:@})"] * 30) + "|[@,@]",
    "pad(input, `99999999`)",
    "range(`999999999`)",
    "range(`0`, `4000000000000000000`, `1`)",
    "range(`200000`)[*].pad('x', `1000`)",
    "range(`200000`)|map(&range(`200000`), @)",
    "[range(`200000`), range(`200000`)] | @[*][?contains(`[1]`, @)] | [*][*].range(`100`)",
]


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_a_fault_quickly(bomb: str) -> None:
    compiled, faults = compile_expression(bomb, roots=ROOTS)
    assert compiled is not None, faults
    started = process_time()
    with pytest.raises(ExpressionFault, match=r"more work|at most") as caught:
        compiled({"input": "x" * 300})
    assert process_time() - started < 2
    assert caught.value.code == "expression_error"


def test_a_number_that_grows_is_a_fault() -> None:
    assert "number" in fails("input.a|" + "|".join(["mul(@,@)"] * 40), a=12345)


def test_ordinary_large_data_is_no_bomb() -> None:
    rows = [{"id": place, "state": "open", "amount": "1.10", "text": "x" * 50} for place in range(5_000)]
    assert of("sum(input.rows[?state == 'open'].amount)", rows=rows) == 5500
    assert len(of("input.rows[*].{id: id, a: amount, t: text, s: state}", rows=rows)) == 5_000
    assert len(of("to_json(input.rows)", rows=rows)) > 400_000
    assert len(of("sort_by(input.rows, &id)", rows=rows)) == 5_000


DEEP: list[Any] = []
for _ in range(5_000):
    DEEP = [DEEP]


@pytest.mark.parametrize("text", ["to_json(input.deep)", "input.deep == input.other", "uniq([input.deep])", "[input.deep] | to_string(@)"])
def test_deep_data_is_a_fault(text: str) -> None:
    other: list[Any] = []
    for _ in range(5_000):
        other = [other]
    assert "nested too deeply" in fails(text, deep=DEEP, other=other)


@pytest.mark.parametrize("data", [{1: "a"}, [object()], {"a": {1, 2}}, [float("nan")], object()])
def test_what_json_can_not_hold_never_gets_into_text(data: Any) -> None:
    fails("to_json(input.x)", x=data)
    fails("concat('a', input.x)", x=data)


def test_a_fault_names_the_expression_in_its_notes_only() -> None:
    with pytest.raises(ExpressionFault) as caught:
        of("upper(input.secret)", secret=["hunter2"])
    assert caught.value.message == "upper() needs a text."
    assert caught.value.__notes__ == ["in the expression upper(input.secret)"]


def test_a_raw_error_becomes_a_fault_without_data() -> None:
    class Odd:
        def __eq__(self, other: object) -> bool:
            raise ValueError("hunter2")

        __hash__ = None  # type: ignore[assignment]

    message = fails("input.a == input.b", a=Odd(), b=1)
    assert message == "An expression could not be evaluated: a value of the wrong kind."


@given(expressions, documents)
def test_never_raises_anything_else(text: str, document: Any) -> None:
    """Also where the text is no expression of the language, and whatever the data."""
    compiled, faults = compile_expression(text, roots=frozenset({"a", "b", "c", "d"}))
    assert all(0 <= fault.start <= fault.end <= len(text) for fault in faults)
    assert (compiled is None) <= bool(faults)
    if compiled is not None:
        with suppress(ExpressionFault):
            compiled(document if isinstance(document, dict) else {"a": document})


@given(expressions, documents)
def test_an_authorisation_is_always_three_valued(text: str, document: Any) -> None:
    compiled, _ = compile_expression(text, roots=frozenset({"a", "b", "c", "d"}), authorisation=True)
    if compiled is not None:
        with suppress(ExpressionFault):
            answer = compiled(document if isinstance(document, dict) else {"a": document})
            assert answer is None or isinstance(answer, bool)


@pytest.mark.parametrize("text", ["'\x00'", "'\ud800'", 'input."\ud800"', "'\n'", '\'"""\'', "'\\\\'", "'{}'"])
def test_odd_characters_are_only_data(text: str) -> None:
    compiled = expression(text)
    assert compiled({}) in ("\x00", "\ud800", None, "\n", '"""', "\\\\", "{}")
