"""Picking the one schema that a value is checked by."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.config.shape import Schema, Shapes, fits, from_environment, is_scalar, type_of, types_of
from gateway.sdk.fields import DurationOrAuto

SHAPES = Shapes({"$defs": {"Text": {"type": "string", "title": "Text"}, "Same": {"$ref": "#/$defs/Text", "description": "inner"}}})


def test_references_are_followed_and_what_is_beside_them_wins() -> None:
    assert SHAPES.resolve({"$ref": "#/$defs/Same", "description": "outer"}) == {"type": "string", "title": "Text", "description": "outer"}


@pytest.mark.parametrize(
    ("value", "picked"),
    [("x", "string"), ([], "array"), ({}, "object"), (5, "integer"), (5.5, None), (None, None), (True, None)],
)
def test_the_alternative_for_a_type(value: Any, picked: str | None) -> None:
    schema: Schema = {
        "anyOf": [{"$ref": "#/$defs/Text"}, {"type": "array"}, {"anyOf": [{"type": "object"}, {"type": "integer"}]}],
        "description": "d",
    }
    found = SHAPES.fitting(schema, value)
    assert (found and found["type"]) == picked
    assert found is None or found["description"] == "d"


def test_kinds_with_alternatives_of_their_own_stay_whole() -> None:
    assert SHAPES.choices(DurationOrAuto.json_schema) == [DurationOrAuto.json_schema]


@pytest.mark.parametrize(
    ("schema", "types"),
    [
        ({}, set()),
        ({"enum": ["a", 1]}, {"string", "integer"}),
        ({"const": "a"}, {"string"}),
        ({"x-gateway-kind": "json_schema", "anyOf": []}, {"object", "boolean"}),
        ({"x-gateway-kind": "template"}, set()),
        ({"x-gateway-kind": "template", "type": "string"}, {"string"}),
        (DurationOrAuto.json_schema, {"string"}),
    ],
)
def test_types_asked_for(schema: Schema, types: set[str]) -> None:
    assert types_of(schema) == types


def test_types_of_values() -> None:
    assert [type_of(value) for value in (None, True, 1, 1.0, "", [], {})] == [
        "null", "boolean", "integer", "number", "string", "array", "object",
    ]  # fmt: skip
    assert fits({"type": "number"}, 1)
    assert not fits({"type": "integer"}, 1.0)
    assert not fits({"type": "integer"}, True)
    assert is_scalar({"type": "integer"})
    assert not is_scalar({})
    assert from_environment("a ${ env.X }")
    assert not from_environment(["${ env.X }"])
