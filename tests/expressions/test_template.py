"""Language §2.1–§2.5, from outside."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.expressions import compile_template
from gateway.expressions.limits import MAX_NESTING
from gateway.sdk import ExpressionFault
from tests.expressions.evaluation import ROOTS, rendered, template
from tests.expressions.grammar import documents

INPUT: dict[str, Any] = {"n": 5, "f": 1.5, "t": True, "s": "text", "null": None, "list": [1, "a", None], "object": {"b": 1, "a": "é"}}


@pytest.mark.parametrize(
    ("written", "result"),
    [
        ("${ input.n }", 5),
        ("  ${ input.n }\n", 5),
        ("${ input.list }", [1, "a", None]),
        ("${ input.null }", None),
        ("${ input.missing.deep }", None),
        ("n=${ input.n }", "n=5"),
        ("${ input.n } ", 5),
        ("${ input.n }.", "5."),
        ("${ input.n }${ input.f }", "51.5"),
        ("${ input.t } ${ input.s } ${ input.null }|", "true text |"),
        ("x${ input.list }", 'x[1,"a",null]'),
        ("x${ input.object }", 'x{"b":1,"a":"é"}'),
        ("plain $ { } text", "plain $ { } text"),
        ("$${ name }x", "${ name }x"),
        ("a $${b} ${ input.n }", "a ${b} 5"),
        ("", ""),
        (5, 5),
        (None, None),
        (True, True),
        ([1, "${ input.n }", ["${ input.s }"]], [1, 5, ["text"]]),
        ({"a": {"b": "${ input.n }"}, "c": 1}, {"a": {"b": 5}, "c": 1}),
        ({"$$each": 1, "$$$x": 2, "a$b": 3}, {"$each": 1, "$$x": 2, "a$b": 3}),
        ({"$literal": "${ input.n }"}, "${ input.n }"),
        ({"$literal": {"$each": 1, "$x": "${"}}, {"$each": 1, "$x": "${"}),
        ({"$if": "input.t", "$then": "${ input.n }", "$else": "no"}, 5),
        ({"$if": "input.null", "$then": "yes"}, None),
        ({"$if": True, "$then": "yes"}, "yes"),
        ({"$if": "input.null", "$then": 1, "$else": {"$if": "input.t", "$then": [2]}}, [2]),
    ],
)
def test_values(written: Any, result: Any) -> None:
    answer = rendered(written, input=INPUT)
    assert answer == result
    assert type(answer) is type(result)


def test_fields_keep_their_order() -> None:
    written = {"z": 1, "a": "${ input.n }", "m": [2], "b": "${ input.s }"}
    assert list(rendered(written, input=INPUT)) == ["z", "a", "m", "b"]


ROWS = [{"n": place, "state": "open" if place % 2 else "paid"} for place in range(6)]


@pytest.mark.parametrize(
    ("keys", "result"),
    [
        ({"$do": "${ row.n }"}, [0, 1, 2, 3, 4, 5]),
        ({"$where": "row.state == 'open'", "$do": "${ row.n }"}, [1, 3, 5]),
        ({"$limit": 2, "$do": "${ row.n }"}, [0, 1]),
        ({"$limit": "input.limit", "$where": "row.n > `0`", "$do": "${ row.n }"}, [1]),
        ({"$limit": "input.missing", "$do": "x"}, ["x"] * 6),
        ({"$limit": 0, "$do": "x"}, []),
        ({"$where": False, "$do": "x"}, []),
        ({"$where": "row.n < input.limit", "$do": {"n": "${ row.n }", "limit": "${ input.limit }"}}, [{"n": 0, "limit": 1}]),
        ({"$do": None, "$limit": 1}, [None]),
    ],
)
def test_each(keys: dict[str, Any], result: Any) -> None:
    assert rendered({"$each": "input.rows", "$as": "row", **keys}, input={"rows": ROWS, "limit": 1}) == result


def test_each_in_each() -> None:
    inner = {"$each": "group.items", "$as": "item", "$do": "${ group.name }${ item }"}
    written = {"$each": "input.groups", "$as": "group", "$do": inner}
    groups = [{"name": "a", "items": [1, 2]}, {"name": "b", "items": None}, {"name": "c", "items": []}]
    assert rendered(written, input={"groups": groups}) == [["a1", "a2"], [], []]


def test_each_of_null_is_empty_and_of_anything_else_a_fault() -> None:
    written = {"$each": "input.rows", "$as": "row", "$do": 1}
    assert rendered(written, input={}) == []
    for wrong in ("text", {"a": 1}, 5, True):
        with pytest.raises(ExpressionFault, match=r"\$each needs a list"):
            rendered(written, input={"rows": wrong})


@pytest.mark.parametrize(("limit", "message"), [(-1, "negative"), (1.5, "whole number"), ("x", "numbers"), (True, "numbers")])
def test_limit_must_count(limit: Any, message: str) -> None:
    written = {"$each": "input.rows", "$as": "row", "$limit": "input.limit", "$do": 1}
    with pytest.raises(ExpressionFault, match=message):
        rendered(written, input={"rows": [1], "limit": limit})


def test_a_name_does_not_leak_out_of_its_list() -> None:
    scope: dict[str, Any] = {"input": {"rows": [1]}}
    template({"$each": "input.rows", "$as": "row", "$do": "${ row }"})(scope)
    assert scope == {"input": {"rows": [1]}}


def test_only_the_chosen_branch_is_evaluated() -> None:
    bad = "${ div(`1`, `0`) }"
    assert rendered({"$if": "input.t", "$then": 1, "$else": bad}, input=INPUT) == 1
    assert rendered({"$if": "input.null", "$then": bad, "$else": 2}, input=INPUT) == 2


def test_use() -> None:
    transform = template({"id": "${ value.id }", "state": "${ lookup(config.states, value.code) }"}, roots=frozenset({"value", "config"}))
    written = {"$each": "input.rows", "$as": "row", "$do": {"$use": "shipment", "value": "${ row }"}}
    compiled, faults = compile_template(written, roots=ROOTS, transforms={"shipment": transform})
    assert compiled is not None
    assert faults == []
    assert compiled.references == {("input", "rows"), ("config", "states")}
    scope = {"input": {"rows": [{"id": 1, "code": "A"}, {"id": 2}]}, "config": {"states": {"A": "open"}}}
    assert compiled(scope) == [{"id": 1, "state": "open"}, {"id": 2, "state": None}]


def test_use_takes_any_compiled_thing() -> None:
    class Doubled:
        references: frozenset[Any] = frozenset()
        constant = False
        source = None

        def __call__(self, scope: dict[str, Any], /) -> Any:
            return [scope["value"], scope["value"], scope["config"]]

    compiled, _ = compile_template({"$use": "twice", "value": "${ input.n }"}, roots=ROOTS, transforms={"twice": Doubled()})
    assert compiled is not None
    assert compiled({"input": INPUT, "config": None}) == [5, 5, None]


@pytest.mark.parametrize(
    "hostile", ["${ user.id }", "$${ x }", "${", "{$each: x}", "' || user.id || '", "`1`", "}} ${ user.id } {{", "\\${user.id}"]
)
def test_what_an_expression_returns_is_never_read_again(hostile: str) -> None:
    scope = {"input": {"x": hostile, "o": {"$literal": hostile, "$if": "user.id"}}, "user": {"id": "secret"}}
    assert template("${ input.x }")(scope) == hostile
    assert template("a ${ input.x } b")(scope) == f"a {hostile} b"
    assert template({"a": "${ concat(input.x, input.x) }"})(scope) == {"a": hostile * 2}
    assert template("${ input.o }")(scope) == {"$literal": hostile, "$if": "user.id"}
    assert template({"$each": "[input.x]", "$as": "e", "$do": "${ e }"})(scope) == [hostile]


@given(documents)
def test_a_value_without_expressions_is_itself(document: Any) -> None:
    compiled = template(document)
    assert compiled.constant
    assert compiled.leaves == ()
    assert compiled({}) == document


@given(documents, st.text(max_size=10))
def test_text_is_made_of_parts(document: Any, around: str) -> None:
    around = around.replace("$", "")
    shown = rendered(f"{around}|${{ to_string(input.x) }}|{around}", input={"x": document})
    inside = rendered(f"{around}|${{ input.x }}|{around}", input={"x": document})
    assert shown == inside


def test_tells_what_it_reads() -> None:
    written = {
        "a": "${ steps.order.id } of ${ user.id }",
        "b": {"$each": "steps.rows", "$as": "row", "$where": "row.x == input.y", "$do": ["${ row.z }", "${ config.c }"]},
        "c": {"$if": "status.order == 'ok'", "$then": "${ steps.a }", "$else": "${ steps.b[0].c }"},
        "d": {"$literal": "${ steps.never }"},
    }
    compiled = template(written)
    assert compiled.references == {
        *(("steps", "order", "id"), ("user", "id"), ("steps", "rows"), ("input", "y"), ("config", "c")),
        *(("status", "order"), ("steps", "a"), ("steps", "b", 0, "c")),
    }
    assert not compiled.constant
    assert compiled.source is written


def test_a_constant_reads_nothing() -> None:
    assert template({"a": ["${ add(`1`, `2`) }", "$${x}"]}).constant
    assert not template("${ now() }").constant


def test_lists_its_expressions_with_their_places() -> None:
    written = {"a": ["x ${ input.n } ${input.s}"], "b": {"$each": "input.list", "$as": "e", "$limit": 1, "$where": "e", "$do": "${ e }"}}
    compiled = template(written)
    found = {(path, text_at(written, path)[start:end], leaf.ast["type"]) for path, start, end, leaf in compiled.leaves}
    assert found == {
        (("a", 0), " input.n ", "subexpression"),
        (("a", 0), "input.s", "subexpression"),
        (("b", "$each"), "input.list", "subexpression"),
        (("b", "$where"), "e", "field"),
        (("b", "$do"), " e ", "field"),
    }


def text_at(written: Any, path: tuple[str | int, ...]) -> str:
    for key in path:
        written = written[key]
    assert isinstance(written, str)
    return written


def test_a_fault_names_its_expression_in_the_notes() -> None:
    with pytest.raises(ExpressionFault) as caught:
        rendered({"a": "fine", "b": ["${ upper(input.list) }"]}, input=INPUT)
    assert caught.value.message == "upper() needs a text."
    assert caught.value.__notes__ == ["in the expression  upper(input.list) "]


def test_a_raw_error_is_a_fault() -> None:
    with pytest.raises(ExpressionFault, match="wrong kind"):
        rendered("${ matches(input.x, 'a') }", input={"x": "\ud800"})


def test_one_budget_for_the_whole_template() -> None:
    rows = list(range(2_000))
    written = {"$each": "input.rows", "$as": "row", "$do": "${ length(input.rows[?@ == `5`]) }"}
    with pytest.raises(ExpressionFault, match="more work"):
        rendered(written, input={"rows": rows})
    assert len(rendered(written, input={"rows": rows[:100]})) == 100


def test_text_is_bounded() -> None:
    with pytest.raises(ExpressionFault, match="more work"):
        rendered("${ input.x }" * 20 + ".", input={"x": "x" * 1_000_000})


def test_the_deepest_template_of_the_deepest_expression_can_be_run() -> None:
    """Made long after it was accepted, so making it must never fail."""
    written: Any = f"${{ {'[' * 98}input.a{']' * 98} }}"
    for _ in range(MAX_NESTING):
        written = {"a": written}
    assert template(written)({"input": {"a": 1}})
