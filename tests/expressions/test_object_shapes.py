from __future__ import annotations

from typing import Any

import pytest

from gateway.expressions.object_shapes import DEEPEST, grouped, indexed, looked_up, merged_objects, omitted, picked, plural_form, values_of
from gateway.expressions.shape import ANY, LOST, NUMBER, TEXT, Shape, every_label, labelled, list_of, nullable, object_of, of_data
from tests.expressions.inferring import PII, kinds, lists, objects, shape_of

ORDER = object_of({"id": TEXT, "total": NUMBER, "email": labelled(TEXT, PII)})
NAMES = of_data(["id", "total"])


def members(shape: Shape) -> dict[str, str]:
    return {name: kinds(shape.member(name) or ANY) for name in shape.names}


class TestMerge:
    def test_later_ones_win(self) -> None:
        shape = merged_objects([ORDER, object_of({"id": NUMBER, "new": TEXT})])
        assert members(shape) == {"id": "number", "total": "number", "email": "text", "new": "text"}
        assert shape.member("nothing") is None

    def test_where_a_later_one_may_lack_a_member_the_earlier_one_stays(self) -> None:
        later = shape_of(objects("", id="number", new="number"))
        assert members(merged_objects([object_of({"id": TEXT}), later])) == {"id": "number text", "new": "null number"}

    def test_a_null_wins_too(self) -> None:
        assert members(merged_objects([object_of({"id": TEXT}), object_of({"id": nullable(NUMBER)})])) == {"id": "null number"}

    def test_what_an_open_one_holds_besides_may_be_anything_it_says(self) -> None:
        shape = merged_objects([ORDER, Shape(frozenset({"object"}), rest=NUMBER)])
        assert kinds(shape.member("id") or ANY) == "number text"
        assert kinds(shape.member("x") or ANY) == "null number"
        assert kinds(merged_objects([ORDER, ANY]).member("id") or ANY) == "any"
        assert every_label(merged_objects([ORDER, ANY])) == PII

    def test_equal_parts_count_once(self) -> None:
        shape = ORDER
        for _ in range(500):
            shape = merged_objects([shape, shape])
        assert members(shape) == members(ORDER)


class TestPickAndOmit:
    def test_names_that_are_written_down_are_exact(self) -> None:
        assert members(picked([ORDER, NAMES])) == {"id": "text", "total": "number"}
        assert picked([ORDER, NAMES]).member("email") is None
        assert every_label(picked([ORDER, NAMES])) == frozenset()
        assert members(omitted([ORDER, NAMES])) == {"email": "text"}
        assert omitted([ORDER, NAMES]).member("id") is None

    def test_names_among_some_may_be_picked(self) -> None:
        some = shape_of(lists({"enum": ["id", "x"]}))
        assert members(picked([ORDER, some])) == {"id": "null text"}
        assert picked([ORDER, some]).member("total") is None
        assert members(omitted([ORDER, some])) == {"id": "null text", "total": "number", "email": "text"}

    def test_unknown_names_may_be_any(self) -> None:
        for shape in (picked([ORDER, list_of(TEXT)]), omitted([ORDER, ANY])):
            assert members(shape) == {"id": "null text", "total": "null number", "email": "null text"}
            assert shape.member("x") is None

    def test_of_an_open_object(self) -> None:
        table = Shape(frozenset({"object"}), rest=labelled(TEXT, PII))
        assert members(picked([table, NAMES])) == {"id": "null text", "total": "null text"}
        assert not picked([table, NAMES]).open
        assert omitted([table, NAMES]).open
        assert omitted([table, NAMES]).member("id") is None
        assert kinds(omitted([table, NAMES]).member("x") or ANY) == "null text"
        assert picked([table, list_of(TEXT)]).open

    def test_a_member_that_a_list_lacks_may_be_sent(self) -> None:
        listed = Shape(frozenset({"object"}), names=("a",), fields=lambda _: TEXT, listed=True, labels=PII)
        assert (picked([listed, of_data(["b"])]).member("b") or TEXT).labels == PII
        assert kinds(picked([listed, of_data(["b"])]).member("b") or TEXT) == "any"


class TestLookup:
    @pytest.mark.parametrize(
        ("key", "expected"),
        [
            (of_data("id"), "text"),
            (of_data("nothing"), "null"),
            (shape_of({"enum": ["id", "total"]}), "number text"),
            (TEXT, "null number text"),
            (ANY, "null number text"),
        ],
    )
    def test_by_what_is_known_of_the_key(self, key: Shape, expected: str) -> None:
        assert kinds(looked_up([ORDER, key])) == expected

    def test_a_number_is_a_name_as_it_is_written(self) -> None:
        assert kinds(looked_up([object_of({"1.5": TEXT}), of_data(1.5)])) == "text"

    def test_of_a_member_that_a_list_lacks(self) -> None:
        listed = Shape(frozenset({"object"}), names=("a",), fields=lambda _: TEXT, listed=True, labels=PII)
        assert looked_up([listed, of_data("b")]).labels == PII

    def test_of_what_is_no_object(self) -> None:
        assert looked_up([TEXT, of_data("b")]) is ANY


def test_values() -> None:
    assert kinds(values_of([object_of({"a": TEXT, "b": NUMBER})]).items) == "number text"


def test_by_key() -> None:
    rows = list_of(ORDER)
    assert kinds(indexed([rows, TEXT]).member("k") or ANY) == "null object"
    assert kinds(grouped([rows, TEXT]).member("k") or ANY) == "array null"
    assert (grouped([rows, TEXT]).member("k") or ANY).items is ORDER


def test_plural_forms() -> None:
    assert kinds(plural_form([NUMBER, object_of({"one": TEXT, "other": NUMBER})])) == "number text"
    assert kinds(plural_form([NUMBER, object_of({"one": TEXT})])) == "null text"


def test_nothing_is_computed_of_what_nobody_asks_for() -> None:
    def never(name: str) -> Shape:
        raise AssertionError(name)

    huge = Shape(frozenset({"object"}), names=[f"p{number}" for number in range(10_000)], fields=never)
    for shape in (merged_objects([huge, ORDER]), picked([huge, list_of(TEXT)]), omitted([huge, NAMES])):
        assert kinds(shape) == "object"
    assert kinds(merged_objects([huge, ORDER]).member("id") or ANY) == "text"


@pytest.mark.parametrize("step", [lambda at: omitted([at, of_data(["x"])]), lambda at: picked([at, TEXT])])
def test_too_many_on_top_of_each_other_are_given_up(step: Any) -> None:
    shape: Any = ORDER
    for _ in range(DEEPEST):
        shape = step(shape)
    assert kinds(shape.member("id") or ANY) in ("text", "null text")
    for _ in range(DEEPEST):
        shape = step(shape)
    assert kinds(shape.member("id") or TEXT) == "any"
    assert LOST in every_label(shape)
