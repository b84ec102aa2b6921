from __future__ import annotations

from typing import Any

import pytest

from gateway.expressions import Fault, Shape, Typing
from gateway.expressions.shape import ANY, TEXT, every_label, object_of
from gateway.expressions.template_inference import MISFIT, InferredTemplate, misfit, not_a_list
from tests.expressions.evaluation import expression
from tests.expressions.inferring import classes, inferred_template, kinds, lists, objects, shape_of

ROOT = objects(
    "id rows flag secret",
    id="string",
    rows=lists(objects("sku user", sku="string", user="string", note="string", email={"type": "string", "classification": "pii"})),
    maybe_rows={**lists("string"), "type": ["array", "null"]},
    flag="boolean",
    maybe={"type": ["string", "null"]},
    secret={"type": "string", "classification": "pii"},
)


def of(written: Any) -> InferredTemplate:
    return inferred_template(written, i=ROOT)


def sound(written: Any) -> Shape:
    found = of(written)
    assert found.faults == []
    return found.shape


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("plain", "text"),
        (5, "number"),
        (None, "null"),
        ("${ i.flag }", "boolean"),
        (" ${ i.rows } ", "array"),
        ("${ i.id }!", "text"),
        ("$${ i.id }", "text"),
        ([], "array"),
        (["a", "${ i.flag }"], "array"),
        ({"a": 1}, "object"),
        ({"$literal": {"a": "${ x }"}}, "object"),
        ({"$if": "i.flag", "$then": "a", "$else": 1}, "number text"),
        ({"$if": "i.flag", "$then": "a"}, "null text"),
        ({"$if": True, "$then": "a"}, "null text"),
        ({"$each": "i.rows", "$as": "r", "$do": "${ r.sku }"}, "array"),
        ({"$each": "i.maybe_rows", "$as": "r", "$do": "${ r }"}, "array"),
    ],
)
def test_kinds(written: Any, expected: str) -> None:
    assert kinds(sound(written)) == expected


def test_members_and_items() -> None:
    shape = sound({"a": "${ i.id }", "$$b": ["x", "${ i.flag }"], "c": {"d": "${ i.maybe }"}})
    assert shape.names == ("a", "$b", "c")
    assert kinds((shape.member("$b") or ANY).items) == "boolean text"
    assert kinds((shape.member("c") or ANY).member("d") or ANY) == "null text"
    assert shape.member("e") is None


def test_each() -> None:
    shape = sound(
        {"$each": "i.rows", "$as": "r", "$where": "r.note && i.flag", "$limit": "`3`", "$do": {"n": "${ r.note }", "i": "${ i.id }"}}
    )
    assert kinds(shape.items.member("n") or ANY) == "text"
    assert kinds(shape.items.member("i") or ANY) == "text"


def test_each_tells_what_is_wrong_inside() -> None:
    found = of({"$each": "i.rows", "$as": "r", "$where": "r.skuu", "$do": {"n": "${ r.notee }"}})
    assert [(path, fault.code, fault.name) for path, fault in found.faults] == [
        (("$where",), "GW226", "skuu"),
        (("$do", "n"), "GW226", "notee"),
    ]


@pytest.mark.parametrize(
    ("text", "code"), [("i.id", "GW261"), ("i.flag", "GW261"), ("i.rows", None), ("i.maybe_rows", None), ("x.y", None)]
)
def test_each_needs_a_list(text: str, code: str | None) -> None:
    found = inferred_template({"$each": text, "$as": "r", "$do": "${ r }"}, i=ROOT, x=ANY)
    assert [(path, fault.code) for path, fault in found.faults] == ([(("$each",), code)] if code else [])


def test_what_needs_a_list() -> None:
    listed = expression("input.rows")
    assert not_a_list(shape_of(lists("string")), listed) is None
    assert not_a_list(ANY, listed) is None
    fault = not_a_list(TEXT, listed)
    assert fault is not None
    assert (fault.message, fault.start, fault.end) == ("a list is needed here, and this is a text", 0, len("input.rows"))


def test_if_tells_its_branches_what_is_certain() -> None:
    shape = sound({"$if": "i.maybe", "$then": {"a": "${ i.maybe }"}, "$else": {"a": "none"}})
    assert kinds(shape.member("a") or ANY) == "text"
    assert sound({"$if": "!(i.maybe)", "$then": "x", "$else": "Hello ${ i.maybe }"}) is not None


def test_a_null_in_a_text_is_a_warning() -> None:
    text = "Hello ${ i.id } and ${  i.maybe }!"
    [(path, fault)] = of({"a": [text]}).faults
    assert path == ("a", 0)
    assert (fault.code, fault.severity, text[fault.start : fault.end]) == ("GW266", "warning", "i.maybe")
    assert of("Hello ${ i.maybe || 'you' }").faults == []
    assert of("Hello ${ i.rows[0].sku }").faults == []
    assert of("${ i.maybe }").faults == []


def test_faults_stand_in_their_leaf() -> None:
    text = "a ${ i.id } b ${ i.idd }"
    [(path, fault)] = of({"x": text}).faults
    assert (path, text[fault.start : fault.end]) == (("x",), "idd")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("${ i.secret }", {"pii"}),
        ("Hello ${ i.id } ${ i.secret }", {"pii"}),
        ("Hello ${ i.rows }", {"pii"}),
        ("Hello ${ length(i.secret) }", set()),
        ({"a": ["${ i.secret }"]}, {"pii"}),
        ({"$if": "i.secret", "$then": 1, "$else": 2}, {"pii"}),
        ({"$if": "i.secret == 'x'", "$then": 1, "$else": 2}, set()),
        ({"$each": "i.rows", "$as": "r", "$do": "${ r.email }"}, {"pii"}),
        ({"$each": "i.rows", "$as": "r", "$where": "r.email", "$do": "${ r.sku }"}, set()),
    ],
)
def test_classes(written: Any, expected: set[str]) -> None:
    assert classes(every_label(of(written).shape)) == expected


class TestUse:
    def shape(self, given: Shape) -> tuple[Shape, list[Fault]]:
        faults = [Fault("GW226", "unknown field `x`", None, 0, 1)] if given.known and given.look("x") is None else []
        return object_of({"made": given}), faults

    def test_is_what_the_transform_makes(self) -> None:
        typing = Typing({"i": shape_of(ROOT)}, transforms={"t": self.shape})
        found = inferred_template({"$use": "t", "value": {"x": "${ i.id }"}}, typing=typing)
        assert kinds((found.shape.member("made") or ANY).member("x") or ANY) == "text"
        assert found.faults == []

    def test_tells_what_it_doesnt_fit(self) -> None:
        typing = Typing({"i": shape_of(ROOT)}, transforms={"t": self.shape})
        [(path, fault)] = inferred_template({"a": {"$use": "t", "value": "${ i.id }"}}, typing=typing).faults
        assert (path, fault.code, fault.start, fault.end) == (("a", "$use"), MISFIT, 0, 1)
        assert fault.message == "transform `t` doesn't fit what it is given: unknown field `x`"
        assert misfit("u", fault).message == fault.message


def test_names_that_the_element_has() -> None:
    found = inferred_template({"a": "x ${ i.rows[?user] }"}, i=ROOT, user=TEXT)
    assert found.element_fields == {(("a",), len("x ${ i.rows[?"))}
