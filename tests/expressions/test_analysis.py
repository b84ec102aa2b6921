from __future__ import annotations

from typing import Any

import pytest

from gateway.expressions import compile_expression
from gateway.sdk import Function
from tests.expressions.evaluation import ROOTS, expression, marked, refused


@pytest.mark.parametrize(
    ("text", "references"),
    [
        ("input", [("input",)]),
        ("steps.order.items[0].sku", [("steps", "order", "items", 0, "sku")]),
        ("steps.a.b[-1]", [("steps", "a", "b", -1)]),
        ('steps."odd name".x', [("steps", "odd name", "x")]),
        ("steps.a || steps.b.c", [("steps", "a"), ("steps", "b", "c")]),
        ("steps.a == user.id && !(input.x)", [("steps", "a"), ("user", "id"), ("input", "x")]),
        ("steps.rows[*].sku", [("steps", "rows")]),
        ("steps.rows[].sku", [("steps", "rows")]),
        ("steps.rows[1:3].sku", [("steps", "rows")]),
        ("steps.table.*.sku", [("steps", "table")]),
        ("steps.rows[?sku == 'A' && price > `3`].amount", [("steps", "rows")]),
        ("steps.rows[*].lines[?sku == 'A'].amount[]", [("steps", "rows")]),
        ("length(steps.rows)", [("steps", "rows")]),
        ("sort_by(steps.rows, &sku.name)[0].x", [("steps", "rows")]),
        ("map(&[a, b], steps.rows)", [("steps", "rows")]),
        ("steps.order | total.net", [("steps", "order", "total", "net")]),
        ("steps.order.{a: x.y, b: z}", [("steps", "order", "x", "y"), ("steps", "order", "z")]),
        ("steps.order.[`1`]", [("steps", "order")]),
        ("{a: steps.x, b: [input.y]}", [("steps", "x"), ("input", "y")]),
        ("if(input.a, steps.b, steps.c)", [("input", "a"), ("steps", "b"), ("steps", "c")]),
        ("'text'", []),
        ("add(`1`, `2`)", []),
        ("[`1`, 'a']", []),
        ("now()", [("ctx", "time")]),
        ("money(input.a, 'EUR')", [("input", "a"), ("ctx", "locale")]),
    ],
)
def test_references(text: str, references: list[Any]) -> None:
    compiled = expression(text)
    assert compiled.references == set(references)
    assert compiled.constant is (not references)


def test_without_ctx_a_locale_is_no_reference() -> None:
    compiled, faults = compile_expression("money(args.a, 'EUR')", roots=frozenset({"args"}))
    assert compiled is not None
    assert faults == []
    assert compiled.references == {("args", "a")}


CASES = [
    # code, text, marked, what the hint says
    ("GW202", "stpes.order", "stpes", "`steps`"),
    ("GW202", "length(itmes)", "itmes", "known here"),
    ("GW202", "[steps.a, foo.b]", "foo", "known here"),
    ("GW202", "@", "@", "name a root"),
    ("GW202", "[0]", "[0]", "name a root"),
    ("GW202", 'input.a == "text"', '"text"', "'text'"),
    ("GW203", "lenght(input.a)", "lenght", "`length`"),
    ("GW203", "input.a[*].uper(@)", "uper", "`upper`"),
    ("GW204", "upper()", "upper()", "capitals"),
    ("GW204", "upper(input.a, input.b)", "upper(input.a, input.b)", "capitals"),
    ("GW204", "if(input.a, input.b)", "if(input.a, input.b)", "else"),
    ("GW204", "concat()", "concat()", "One text"),
    ("GW204", "sort_by(input.a, input.b)", "input.b", "&name"),
    ("GW204", "map(input.a, input.b)", "input.a", "&name"),
    ("GW204", "upper(&a)", "&a", None),
    ("GW204", "default(&a, 'x')", "&a", None),
    ("GW204", "mask(input.a, 'tokenize')", "'tokenize'", "last4"),
    ("GW204", "date_add(input.a, `1`, 'fortnight')", "'fortnight'", "month"),
    ("GW204", "date_diff(input.a, input.b, 'dya')", "'dya'", "day"),
    ("GW204", "money(input.a, 'euro')", "'euro'", "EUR"),
    ("GW204", "format_date(input.a, 'qqqqqqq')", "'qqqqqqq'", "d MMMM y"),
    ("GW204", "plural(input.a, {one: 'x', other: 'y', lots: 'z'})", "{one: 'x', other: 'y', lots: 'z'}", "many"),
    ("GW205", "!input.a", "!input.a", "!(input.a)"),
    ("GW205", "input.x && !input.a.b", "!input.a.b", "!(input.a.b)"),
    ("GW205", "!input[?a]", "!input[?a]", "!(input[?a])"),
    ("GW205", "!input[]", "!input[]", "!(input[])"),
    ("GW205", "!input.*", "!input.*", "!(input.*)"),
    ("GW205", "input.rows[?!a.b]", "!a.b", "!(a.b)"),
    ("GW206", "input.x == true", "true", "`true`"),
    ("GW206", "input.x != null", "null", "`null`"),
    ("GW206", "input.rows[?open == false]", "false", "`false`"),
    ("GW206", "default(input.x, false)", "false", "`false`"),
    ("GW210", "contains('abc', user.id)", "'abc'", "list"),
    ("GW210", "contains(lower(user.name), 'x')", "lower(user.name)", "list"),
    ("GW211", "matches(input.a, input.b)", "input.b", "single quotes"),
    ("GW211", "matches(input.a, '(')", "'('", "RE2"),
    ("GW211", "matches(input.a, '(?=a)')", "'(?=a)'", "RE2"),
    ("GW211", "matches(input.a, '(a)\\1')", "'(a)\\1'", "RE2"),
    ("GW211", "matches(input.a, `1`)", "`1`", "RE2"),
    ("GW215", "plural(input.a, {one: 'x'})", "{one: 'x'}", "`other`"),
    ("GW215", 'plural(input.a, `{"other": "x"}`)', '`{"other": "x"}`', "`one`"),
    ("GW201", "input.a[::0]", "[::0]", None),
]


@pytest.mark.parametrize(("code", "text", "where", "in_hint"), CASES)
def test_load_errors(code: str, text: str, where: str, in_hint: str | None) -> None:
    fault = refused(text, authorisation=code == "GW210")
    assert (fault.code, fault.severity) == (code, "error")
    assert marked(text, fault) == where or (code == "GW201" and where in text)
    assert fault.message
    assert in_hint is None or in_hint in (fault.hint or "")


@pytest.mark.parametrize("text", ["!input", "!(input.a)", "!contains(input.a, 'x')", "!input[0]", "input.true", 'input.rows[?"true"]'])
def test_no_false_alarm(text: str) -> None:
    assert expression(text)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("steps.rows[?status == 'open']", "status"),
        ("steps.rows[?sku == input.sku]", "input"),
        ("steps.rows[*].{a: sku, b: user.id}", "user"),
        ("steps.rows[*].[config]", "config"),
        ("steps.rows[*].concat(sku, input.x)", "input"),
        ("sort_by(steps.rows, &status)", "status"),
        ("map(&input.x, steps.rows)", "input"),
        ("steps.rows[?lines[?user == 'a']]", "user"),
        ("steps.rows[*].lines[?output]", "output"),
    ],
)
def test_a_root_inside_a_projection_reads_the_element(text: str, where: str) -> None:
    """The expression stays usable: a checker of shapes may know that the element has that field."""
    compiled, faults = compile_expression(text, roots=ROOTS)
    assert compiled is not None
    assert [(fault.code, marked(text, fault)) for fault in faults] == [("GW208", where)]
    assert "$each" in (faults[0].hint or "")
    assert f"@.{where}" in (faults[0].hint or "")


@pytest.mark.parametrize(
    "text",
    [
        "steps.rows[*].status",
        "steps.rows[*].user.config.input",
        "steps.rows[*].x.status[0].input",
        "steps.rows[?@.status == 'open'].status",
        "steps.rows[].status",
        "steps.rows[*].lines[*].status",
        "steps.order.{status: status}",
        "steps.order | status",
        "{status: status.order, user: user.id}",
        "sort_by(steps.rows, &@.status)",
        "steps.rows[*].{status: @.status}",
        "steps.table.*.status",
    ],
)
def test_a_field_behind_a_projection_is_no_root(text: str) -> None:
    assert expression(text)


def test_other_errors_beside_it_leave_no_expression() -> None:
    compiled, faults = compile_expression("steps.rows[?status == true]", roots=ROOTS)
    assert compiled is None
    assert [fault.code for fault in faults] == ["GW208", "GW206"]


@pytest.mark.parametrize("name", ["now", "today"])
def test_the_time_needs_ctx(name: str) -> None:
    assert refused(f"{name}()", roots=frozenset({"args"})).code == "GW217"


def test_faults_come_all_at_once_in_order() -> None:
    _, faults = compile_expression("[nosuch(input.a), stpes.b, !input.c, input.d == true]", roots=ROOTS)
    assert [fault.code for fault in faults] == ["GW203", "GW202", "GW205", "GW206"]


@pytest.mark.parametrize(
    ("locales", "missing"), [({"ru"}, "`few`, `many`, `one`"), ({"ja"}, None), ({"en", "ar"}, "`few`, `many`, `one`, `two`, `zero`")]
)
def test_plural_forms_are_those_of_the_languages(locales: set[str], missing: str | None) -> None:
    _, faults = compile_expression("plural(input.n, {other: 'x'})", roots=ROOTS, locales=frozenset(locales))
    assert [fault.code for fault in faults] == (["GW215"] if missing else [])
    assert missing is None or missing in faults[0].message


def test_plugin_functions_are_known_by_name_and_count() -> None:
    functions = {"twice": Function("twice", lambda x: [x, x], 1, 1, "Two of it.")}
    assert expression("twice(input.a)", functions=functions)({"input": {"a": 1}}) == [1, 1]
    assert refused("twice()", functions=functions).code == "GW204"
    assert refused("twcie(input.a)", functions=functions).hint == "did you mean `twice`?"
    assert refused("twice(&a)", functions=functions).code == "GW204"
