from __future__ import annotations

from typing import Any

import pytest

from gateway.expressions.shape import (
    ANY,
    BOOLEAN,
    EVERY,
    INTEGER,
    LIST,
    LOST,
    MOST_LABELLED,
    NOTHING_BUT_NULL,
    NULL,
    NUMBER,
    OBJECT,
    TEXT,
    LabelReader,
    Shape,
    below,
    closed,
    constant,
    every_label,
    labelled,
    list_of,
    members_of,
    null_declared,
    nullable,
    object_of,
    of_data,
    told,
    united,
    unlisted,
    without_null,
)
from tests.expressions.inferring import PII, kinds, lists, objects, shape_of


def test_of_anything_nothing_is_known() -> None:
    assert not ANY.known
    assert ANY.member("x") is ANY
    assert ANY.items is ANY
    assert ANY.rest is ANY
    assert ANY.open
    assert ANY.names == ()
    assert not ANY.listed
    assert repr(ANY) == "<Shape any>"


def test_a_scalar_has_no_inside() -> None:
    assert TEXT.member("x") is None
    assert TEXT.look("x") is None
    assert not TEXT.has("x")
    assert TEXT.names == ()
    assert not TEXT.open
    assert not TEXT.listed
    assert TEXT.items is ANY
    assert TEXT.rest is ANY
    assert TEXT.texts is None
    assert repr(TEXT) == "<Shape text>"


def test_a_member_is_made_once_when_it_is_first_asked_for() -> None:
    asked: list[str] = []

    def field(name: str) -> Shape:
        asked.append(name)
        return TEXT

    shape = Shape(frozenset({"object"}), names=("a", "b"), fields=field)
    assert asked == []
    assert shape.member("a") is TEXT
    assert shape.member("a") is TEXT
    assert asked == ["a"]
    assert shape.member("c") is None


def test_items_and_further_members_are_made_once() -> None:
    made: list[str] = []

    def items() -> Shape:
        made.append("made")
        return TEXT

    shape = Shape(frozenset({"object", "array"}), items=items, rest=items)
    assert [shape.items, shape.items, shape.rest, shape.rest] == [TEXT] * 4
    assert len(made) == 2


def test_what_isnt_needed_may_be_missing() -> None:
    shape = Shape(frozenset({"object"}), names=("a", "b"), fields=lambda _: TEXT, needed=("a",))
    assert kinds(shape.member("a") or ANY) == "text"
    assert null_declared(shape.member("b") or ANY)
    vague = Shape(frozenset({"object"}), names=("b",), fields=lambda _: TEXT, needed=(), vague=True)
    assert kinds(vague.member("b") or ANY) == "null text"
    assert not null_declared(vague.member("b") or ANY)


def test_a_further_member_may_be_missing() -> None:
    table = Shape(frozenset({"object"}), rest=TEXT, needed=("sure",))
    assert kinds(table.member("x") or ANY) == "null text"
    assert not null_declared(table.member("x") or ANY)
    assert kinds(table.member("sure") or ANY) == "text"


def test_only_an_object_has_members_and_only_a_list_items() -> None:
    both = Shape(frozenset({"object", "array"}), names=("a",), fields=lambda _: TEXT, rest=NUMBER, items=BOOLEAN, listed=True)
    as_list, as_object = both.replaced(frozenset({"array"})), both.replaced(frozenset({"object"}))
    assert (as_list.names, as_list.open, as_list.listed, as_list.look("a"), as_list.items) == ((), False, False, None, BOOLEAN)
    assert (as_object.names, as_object.open, as_object.listed, as_object.items) == (("a",), True, True, ANY)


@pytest.mark.parametrize(
    ("shape", "may", "only"), [(TEXT, True, True), (nullable(TEXT), True, True), (ANY, True, False), (NUMBER, False, False)]
)
def test_kinds(shape: Shape, may: bool, only: bool) -> None:
    assert shape.may_be("text") is may
    assert shape.only("text") is only


def test_nullable() -> None:
    assert null_declared(nullable(TEXT))
    assert not null_declared(nullable(TEXT, declared=False))
    assert null_declared(nullable(nullable(TEXT, declared=False)))
    assert null_declared(nullable(nullable(TEXT), declared=False))
    assert nullable(ANY) is ANY
    assert not null_declared(ANY)
    assert not null_declared(TEXT)


def test_without_null() -> None:
    assert kinds(without_null(nullable(TEXT))) == "text"
    assert without_null(TEXT) is TEXT
    assert without_null(ANY) is ANY
    assert without_null(NOTHING_BUT_NULL) is NOTHING_BUT_NULL


def test_objects_that_are_written_down_are_closed() -> None:
    shape = object_of({"b": TEXT, "a": NUMBER})
    assert shape.names == ("b", "a")
    assert not shape.open
    assert not shape.listed
    assert closed({"b", "a"}).names == ("a", "b")
    assert closed({"a"}).member("a") is ANY
    assert OBJECT.member("x") is ANY
    assert LIST.items is ANY


@pytest.mark.parametrize(
    ("value", "shown", "values", "whole"),
    [
        ("a", "text", {"a"}, False),
        (1, "number", {1}, True),
        (1.5, "number", {1.5}, False),
        (True, "boolean", None, False),
        (None, "null", None, False),
        ([], "array", None, False),
        ({}, "object", None, False),
    ],
)
def test_data(value: Any, shown: str, values: set[Any] | None, whole: bool) -> None:
    shape = of_data(value)
    assert (kinds(shape), shape.values, shape.whole) == (shown, values, whole)


def test_data_in_data() -> None:
    shape = of_data({"a": [1, "x", None], "b": {"c": True}})
    listed = shape.member("a")
    assert listed is not None
    assert kinds(listed.items) == "null number text"
    assert listed.items.values == {1, "x"}
    assert listed.texts is None
    assert of_data(["x", "y"]).texts == ("x", "y")
    assert of_data([]).items is ANY
    assert kinds((shape.member("b") or ANY).member("c") or ANY) == "boolean"
    assert of_data(object()) is ANY


def test_data_that_is_another_elsewhere() -> None:
    shape = of_data({"a": "x", "b": [1, 2.5], "c": [True, "y"], "d": ["x"]}, exact=False)
    assert [kinds(shape.member(name) or ANY) for name in "abcd"] == ["text", "array", "array", "array"]
    assert (shape.member("a") or ANY).values is None
    assert kinds((shape.member("b") or ANY).items) == "number"
    assert kinds((shape.member("c") or ANY).items) == "boolean text"
    assert (shape.member("d") or ANY).texts is None
    assert shape.member("e") is None


def test_a_truth_value_is_no_number() -> None:
    either = united([constant(True), constant(1)])
    assert kinds(either) == "boolean number"
    assert either.values == {1}
    assert not any(value is True for value in either.values)


def test_values_of_what_may_be_an_object() -> None:
    assert kinds(members_of(object_of({"a": TEXT, "b": NUMBER}))) == "number text"
    assert members_of(TEXT) is ANY
    assert members_of(ANY) is ANY
    listed = Shape(frozenset({"object"}), names=("a",), fields=lambda _: TEXT, listed=True, labels=PII)
    assert kinds(members_of(listed)) == "any"
    assert every_label(members_of(listed)) == PII


def test_members_that_a_list_lacks_are_of_the_objects_classes() -> None:
    listed = Shape(frozenset({"object"}), listed=True, labels=PII)
    assert (unlisted(listed) or TEXT).labels == PII
    assert unlisted(object_of({})) is None
    assert unlisted(Shape(frozenset({"object"}), rest=TEXT)) is TEXT


def test_below() -> None:
    assert below(TEXT) == []
    shape = Shape(frozenset({"object", "array"}), names=("a",), fields=lambda _: TEXT, rest=NUMBER, items=BOOLEAN)
    assert below(shape) == [TEXT, NUMBER, BOOLEAN]


class TestLabels:
    def test_from_deep_inside(self) -> None:
        shape = list_of(object_of({"a": TEXT, "b": list_of(labelled(TEXT, PII))}))
        assert every_label(shape) == PII
        assert every_label(list_of(TEXT)) == frozenset()
        assert every_label(labelled(TEXT, PII)) == PII

    def test_of_the_kinds_that_are_left(self) -> None:
        shape = Shape(frozenset({"object", "array"}), names=("a",), fields=lambda _: TEXT, items=labelled(TEXT, PII))
        found = object_of({"x": shape.replaced(frozenset({"object"})), "y": shape})
        assert every_label(shape.replaced(frozenset({"object"}))) == frozenset()
        assert every_label(found) == PII

    def test_of_what_contains_itself(self) -> None:
        node = shape_of({"type": "object", "properties": {"next": {"$ref": "#"}, "secret": {"classification": "pii"}}}, origin="o")
        assert {label.classification for label in every_label(node)} == {"pii"}
        assert {label.origin for label in every_label(node)} == {"o: secret"}

    def test_of_what_is_too_large(self) -> None:
        huge = shape_of({"type": "object", "properties": {f"p{number}": objects(a="string") for number in range(MOST_LABELLED)}})
        assert LOST in every_label(huge)

    def test_several_share_one_bound(self) -> None:
        reader = LabelReader()
        large = [
            shape_of({"type": "object", "properties": {f"p{n}": objects(a="string") for n in range(MOST_LABELLED // 3)}}) for _ in "ab"
        ]
        assert reader.of(large[0]) == frozenset()
        assert LOST in reader.of(large[1])
        assert reader.of(large[0]) == frozenset()
        assert every_label(large[1]) == frozenset()


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (ANY, "anything"),
        (TEXT, "a text"),
        (nullable(INTEGER), "a number or null"),
        (Shape(EVERY - NULL), "a text, a number, a truth value, a list or an object"),
        (Shape(frozenset()), "nothing"),
        (shape_of(lists("string")), "a list"),
    ],
)
def test_told(shape: Shape, words: str) -> None:
    assert told(shape) == words
