from __future__ import annotations

from typing import Any

import pytest

from gateway.planner import shapes
from gateway.planner.shapes import Unknown, follow

ORDER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "items": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}},
        "either": {"anyOf": [{"type": "null"}, {"properties": {"a": True}}, {"properties": {"b": True}}]},
        "open": {"type": "object"},
        "map": {"additionalProperties": {"properties": {"x": True}}},
        "named": {"patternProperties": {"^x": True}, "additionalProperties": False},
        "all": {"allOf": [{"properties": {"a": True}}, {"properties": {"b": True}}]},
        "tree": {"$ref": "#"},
        "odd": {"$ref": "#/$defs/a~1b"},
        "lost": {"$ref": "#/$defs/nowhere"},
        "elsewhere": {"$ref": "https://schemas.test/a.json"},
        "circle": {"$ref": "#/$defs/circle"},
        "none": {"type": "object", "additionalProperties": False},
        "text": {"type": "string"},
    },
    "$defs": {
        "address": {"properties": {"city": {"type": "string"}}},
        "a/b": {"properties": {"c": True}},
        "circle": {"$ref": "#/$defs/circle"},
    },
}


@pytest.mark.parametrize(
    "path",
    [
        *[("id",), ("address", "city"), ("items", 0, "sku"), ("items", -1, "sku"), ("either", "a"), ("either", "b")],
        *[("open", "x", "y"), ("map", "any", "x"), ("named", "x1"), ("all", "anything"), ("tree", "tree", "id"), ("odd", "c")],
        *[("lost", "x"), ("elsewhere", "x"), ("circle", "x"), (), ("items",)],
    ],
)
def test_what_may_be_there(path: tuple[str | int, ...]) -> None:
    assert follow(ORDER, path) is None


@pytest.mark.parametrize(
    ("path", "position", "known"),
    [
        (("idd",), 0, tuple(sorted(ORDER["properties"]))),
        (("address", "town"), 1, ("city",)),
        (("items", 0, "skuu", "x"), 2, ("sku",)),
        (("map", "any", "y"), 2, ("x",)),
        (("tree", "tree", "address", "town"), 3, ("city",)),
        (("odd", "d"), 1, ("c",)),
        (("none", "x"), 1, ()),
    ],
)
def test_what_can_not_be_there(path: tuple[str | int, ...], position: int, known: tuple[str, ...]) -> None:
    assert follow(ORDER, path) == Unknown(position, known)


def test_of_several_shapes_a_field_of_any_is_known() -> None:
    two = {"anyOf": [{"properties": {"a": {"properties": {"x": True}}}}, {"properties": {"a": {"properties": {"y": True}}, "b": True}}]}
    assert [follow(two, path) for path in (("a", "x"), ("a", "y"), ("b",))] == [None] * 3
    assert follow(two, ("a", "z")) == Unknown(1, ("x", "y"))
    assert follow(two, ("c",)) == Unknown(0, ("a", "b"))


@pytest.mark.parametrize("schema", [True, {}, None, "text", {"type": "object"}])
def test_nothing_known_is_never_an_alarm(schema: Any) -> None:
    assert follow(schema, ("a", 0, "b")) is None


def test_closed_shapes_know_all_their_members_even_none() -> None:
    assert follow(shapes.closed(["a"]), ("b",)) == Unknown(0, ("a",))
    assert follow(shapes.closed([]), ("b",)) == Unknown(0, ())


def test_the_shape_of_plain_data() -> None:
    shape = shapes.of_data({"states": {"A": "open"}, "list": [{"a": 1}], "empty": {}, "text": "x"})
    assert follow(shape, ("states", "B")) == Unknown(1, ("A",))
    assert follow(shape, ("list", 0, "b")) is None
    assert follow(shape, ("empty", "b")) == Unknown(1, ())
    assert follow(shape, ("text",)) is None


def test_a_schema_from_elsewhere_keeps_its_own_references() -> None:
    outer = shapes.object_of({"order": shapes.Whole(ORDER), "each": {"type": "array", "items": shapes.Whole(ORDER)}})
    assert follow(outer, ("order", "address", "city")) is None
    assert follow(outer, ("order", "address", "town")) == Unknown(2, ("city",))
    assert follow(outer, ("each", 0, "tree", "address", "town")) == Unknown(4, ("city",))
