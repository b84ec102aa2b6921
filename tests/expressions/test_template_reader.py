"""What is wrong with a template: each fault with the path of its leaf and offsets in that leaf's text."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.expressions import Fault, compile_template
from gateway.sdk import Path
from tests.expressions.evaluation import ROOTS


def faults_of(written: Any, **options: Any) -> list[tuple[Path, Fault]]:
    compiled, faults = compile_template(written, roots=ROOTS, **options)
    assert (compiled is None) is any(fault.severity == "error" and fault.code != "GW208" for _, fault in faults)
    return faults


EACH = {"$each": "input.rows", "$as": "row", "$do": 1}


@pytest.mark.parametrize(
    ("written", "code", "path", "marked", "in_hint"),
    [
        ("a ${ input.x", "GW201", (), "${ input.x", "`}`"),
        ("a ${ } b", "GW201", (), " ", None),
        ({"a": ["x", "y ${ inptu.x }"]}, "GW202", ("a", 1), "inptu", "`input`"),
        ({"a": "${ input.a }${ lenght(input.b) }"}, "GW203", ("a",), "lenght", "`length`"),
        ({"a": "${ input.n > 5 }"}, "GW207", ("a",), "5", "`5`"),
        ({"$eech": "input.rows"}, "GW209", ("$eech",), "", "`$each`"),
        ({"a": {"$foo": 1}}, "GW209", ("a", "$foo"), "", "`$$foo`"),
        ({"$literal": 1, "a": 2}, "GW209", ("a",), "", "stands alone"),
        ({"$each": "input.rows", "$do": 1}, "GW209", (), "", "$as: item"),
        ({"$as": "x"}, "GW209", (), "", "$each: <expression>"),
        ({"x": {"$if": "input.a"}}, "GW209", ("x",), "", "$then"),
        ({"$else": 1}, "GW209", (), "", "$then"),
        ({"$use": "t"}, "GW209", (), "", "value"),
        ({**EACH, "extra": 1}, "GW209", ("extra",), "", "`$where`"),
        ({"$each": "input.rows", "$do": 1, "as": "x"}, "GW209", ("as",), "", "`$as`"),
        ({"$if": "input.a", "$then": 1, "$els": 2}, "GW209", ("$els",), "", "`$else`"),
        ({**EACH, "$each": ["a"]}, "GW209", ("$each",), "", "text"),
        ({**EACH, "$each": "${ input.rows }"}, "GW201", ("$each",), "${", "leave out"),
        ({**EACH, "$limit": "5"}, "GW207", ("$limit",), "5", "`5`"),
        ({**EACH, "$limit": True}, "GW209", ("$limit",), "", "text"),
        ({**EACH, "$where": 1}, "GW209", ("$where",), "", "text"),
        ({**EACH, "$where": "rwo.x"}, "GW202", ("$where",), "rwo", "`row`"),
        ({**EACH, "$each": "row.items"}, "GW202", ("$each",), "row", None),
        ({**EACH, "$limit": "row.n"}, "GW202", ("$limit",), "row", None),
        ({**EACH, "$as": "user"}, "GW212", ("$as",), "user", "another"),
        ({**EACH, "$as": "Row"}, "GW209", ("$as",), "", "small letters"),
        ({**EACH, "$as": "a-b"}, "GW209", ("$as",), "", "small letters"),
        ({**EACH, "$as": 5}, "GW209", ("$as",), "", "small letters"),
        ({**EACH, "$do": {**EACH, "$each": "row.x"}}, "GW212", ("$do", "$as"), "row", "another"),
        ({"$use": "shipmnet", "value": 1}, "GW214", ("$use",), "shipmnet", "`shipment`"),
        ({"$use": ["shipment"], "value": 1}, "GW214", ("$use",), None, "shipment"),
        ("${ plural(input.n, {other: 'x'}) }", "GW215", (), "{other: 'x'}", "en"),
    ],
)
def test_faults(written: Any, code: str, path: Path, marked: str | None, in_hint: str | None) -> None:
    transform, _ = compile_template("${ value }", roots=frozenset({"value"}))
    assert transform is not None
    [(where, fault)] = faults_of(written, transforms={"shipment": transform})
    assert (fault.code, where) == (code, path)
    leaf = written
    for key in path:
        leaf = leaf[key]
    assert marked is None or (leaf[fault.start : fault.end] if isinstance(leaf, str) else "") == marked
    assert in_hint is None or in_hint in (fault.hint or "")


def test_all_faults_at_once() -> None:
    written = {"a": "${ x.y }", "b": ["${ 'open }"], "c": {"$nope": "${ z }"}}
    assert [(path, fault.code) for path, fault in faults_of(written)] == [
        (("a",), "GW202"),
        (("b", 0), "GW201"),
        (("c", "$nope"), "GW209"),
        (("c", "$nope"), "GW202"),
    ]


def test_a_known_transform_is_needed_even_where_there_is_none() -> None:
    [(_, fault)] = faults_of({"$use": "x", "value": 1})
    assert fault.hint == "no transform is known"


def test_an_element_s_field_is_left_to_the_checker_of_shapes() -> None:
    compiled, faults = compile_template({"a": "${ steps.rows[?status == 'x'] }"}, roots=ROOTS)
    assert compiled is not None
    assert [fault.code for _, fault in faults] == ["GW208"]


@pytest.mark.parametrize(
    ("written", "warned"),
    [
        ("Total: $${ output.total }", "$${ output.total }"),
        ("$${output.total} and more", "$${output.total}"),
        ("write $${ name } to insert", None),
        ("a literal $${", None),
        ("$${ 'constant' }", None),
        ("$${ " + "x" * 500 + " }", None),
    ],
)
def test_a_probable_price_is_a_warning(written: str, warned: str | None) -> None:
    faults = faults_of({"a": written})
    assert [(path, fault.code, fault.severity) for path, fault in faults] == ([(("a",), "GW213", "warning")] if warned else [])
    for _, fault in faults:
        assert written[fault.start : fault.end] == warned
        assert "money(output.total" in (fault.hint or "")


def test_hostile_nesting_is_a_fault() -> None:
    deep: Any = "${ input.x }"
    for place in range(5_000):
        deep = [deep] if place % 2 else {"a": deep}
    [(path, fault)] = faults_of(deep)
    assert fault.code == "GW216"
    assert len(path) == 101


def test_hostile_text_is_a_fault() -> None:
    assert {fault.code for _, fault in faults_of({"a": "${ " + "[" * 10_000 + " }", "b": "${" * 5_000})} <= {"GW201", "GW216"}
    assert faults_of("$${ " * 20_000) == []
