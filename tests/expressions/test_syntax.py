from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.expressions.faults import Fault, SyntaxFault
from gateway.expressions.syntax import Node, parse


def fault_of(text: str, *, strict: bool = False) -> Fault:
    with pytest.raises(SyntaxFault) as caught:
        parse(text, strict=strict)
    return caught.value.fault


def nodes(tree: Node) -> list[Node]:
    return [tree, *(inner for child in tree["children"] if isinstance(child, dict) for inner in nodes(child))]


def places(text: str) -> dict[str, str]:
    return {node["type"]: text[node["start"] : node["end"]] for node in nodes(parse(text)) if "start" in node}


def test_marks_nodes_with_their_place() -> None:
    text = 'a.bc[0] == `"x"` || upper( d )'
    assert places(text) == {
        "or_expression": text,
        "comparator": 'a.bc[0] == `"x"`',
        "subexpression": "a.bc[0]",
        "index_expression": "bc[0]",
        "literal": '`"x"`',
        "function_expression": "upper( d )",
        "field": "d",
    }


def test_what_stood_in_parentheses_keeps_its_own_place() -> None:
    assert places("( a ) && b")["field"] == "b"
    assert [node["start"] for node in nodes(parse("(( a ))"))] == [3]


def test_gives_no_shared_trees() -> None:
    assert parse("a.b") is not parse("a.b")


@pytest.mark.parametrize(
    ("text", "code", "marked", "in_hint"),
    [
        ("", "GW201", "", None),
        ("  ", "GW201", "  ", None),
        ("a.", "GW201", ".", None),
        ("a ||", "GW201", "|", None),
        ("f(a", "GW201", "a", None),
        ("'abc", "GW201", "'abc", None),
        ("a = b", "GW201", "=", "=="),
        ("a # b", "GW201", "#", None),
        ("a + b", "GW201", "+", "add(a, b)"),
        ("a.x-b-c.d", "GW201", "-", '"x-b-c"'),
        ('a."x".etag-b', "GW201", "-", '"etag-b"'),
        ("ab-c", "GW201", "-", "sub(a, b)"),
        ("a.b - c", "GW201", "-", "sub(a, b)"),
        ("a.b-`1`", "GW201", "-", "sub(a, b)"),
        ("a.'b'", "GW201", "'", None),
        ("a b", "GW201", "b", "single quotes"),
        ("f(a b)", "GW201", "b", "single quotes"),
        ("{a: b c: d}", "GW201", "c", "single quotes"),
        ("f(a,)", "GW201", ",", "comma"),
        ("a)", "GW201", ")", None),
        ("a and b", "GW201", "and", "`&&`"),
        ("not a", "GW201", "not", "`!(…)`"),
        ("a in [b]", "GW201", "in", "contains"),
        ("a & b", "GW201", "&", "`&&`"),
        ("a <> b", "GW201", ">", "`!=`"),
        ("a ? b : c", "GW201", "?", "if(condition"),
        ("a ~ 'b'", "GW201", "~", "concat"),
        ("$.a", "GW201", "$", "root"),
        ("a[b]", "GW201", "b", "[0]"),
        ("a.[0]", "GW201", ".", "`[0]`"),
        ("a.2nd", "GW201", "2", '"2nd"'),
        ("f(a[0", "GW201", "0", "add `])`"),
        ("f('(', a", "GW201", "a", "add `)`"),
        ("a == `abc`", "GW201", "`abc`", "'a text'"),
        ("`NaN`", "GW201", "`NaN`", "JSON"),
        ("`1e999`", "GW201", "`1e999`", "JSON"),
        ("${ a }", "GW201", "${", "leave out"),
        ("a > 5", "GW207", "5", "`5`"),
        ("a == -1.5", "GW207", "-1.5", "`-1.5`"),
        ("f(a, 10)", "GW207", "10", "`10`"),
        ("1.5", "GW207", "1.5", "`1.5`"),
        ("2 > a", "GW207", "2", "`2`"),
    ],
)
def test_explains_what_can_not_be_read(text: str, code: str, marked: str, in_hint: str | None) -> None:
    fault = fault_of(text)
    assert (fault.code, text[fault.start : fault.end]) == (code, marked)
    assert fault.message
    assert "\n" not in fault.message
    assert in_hint is None or in_hint in (fault.hint or "")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 10_000,
        "(" * 10_000,
        "{a:" * 3_000,
        "!" * 10_000,
        "&" * 10_000,
        "f(" * 5_000,
        "a[?" * 3_000,
        "a[*]." * 2_000,
        "[*]" * 3_000,
        "a||" * 3_000 + "a",
        "a|" * 4_000 + "a",
        "`" + "[" * 9_990 + "`",
        "[" * 100_000,
        "9" * 9_999,
        "a[" + "9" * 9_000 + "]",
        '"' + "\\" * 9_999,
        "`" * 9_999,
    ],
)
@pytest.mark.parametrize("strict", [False, True])
def test_hostile_text_is_a_fault(text: str, strict: bool) -> None:
    fault = fault_of(text, strict=strict)
    assert fault.code in {"GW201", "GW207", "GW216"}
    assert 0 <= fault.start <= fault.end <= len(text)


def test_long_flat_expressions_are_fine() -> None:
    assert len(parse("f(" + ", ".join(["a.b.c"] * 1_000) + ")")["children"]) == 1_000
    assert len(parse("a" + ".b" * 3_000)["children"]) == 3_001


@pytest.mark.parametrize("text", ["`foo`", "`[1`", "f(a b)", "f(a,)"])
def test_strict_mode_reads_what_jmespath_reads(text: str) -> None:
    assert parse(text, strict=True)
    assert fault_of(text).code == "GW201"


def test_literals_keep_their_json() -> None:
    literals: dict[str, Any] = {'`{"a": [1, 2.5, null, true]}`': {"a": [1, 2.5, None, True]}, "'a\\'b'": "a'b", '`"\\u00e9"`': "é"}
    assert {text: parse(text)["value"] for text in literals} == literals


@given(st.text(max_size=60) | st.text(alphabet="ab.[]*?&|!=<>(){},:@'\"`\\ 0-", max_size=30))
def test_never_crashes(text: str) -> None:
    try:
        parse(text)
    except SyntaxFault as found:
        fault = found.fault
        assert 0 <= fault.start <= fault.end <= len(text)
