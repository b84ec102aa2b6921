"""Foreign schemas in the terms of JSON Schema 2020-12."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from gateway.sources import openapi_schema
from gateway.sources.openapi_library import Library, Located
from gateway.sources.openapi_schema import Direction, SchemaTranslator


def translated(node: Any, direction: Direction = "response", **components: Any) -> dict[str, Any]:
    """`components` are what `#/components/<name>` refers to."""
    file = Path("/nowhere/a.yaml")
    library = Library(Path("/nowhere"), {file: {"components": components}})
    return SchemaTranslator(library, direction).whole(Located(node, file))


@pytest.mark.parametrize(
    ("node", "schema"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": ["string", "null"], "nullable": True}, {"type": ["string", "null"]}),
        ({"enum": ["a"], "x-nullable": True}, {"enum": ["a", None]}),
        ({"nullable": True}, {}),
        ({"allOf": [{"type": "object"}], "nullable": True}, {"anyOf": [{"allOf": [{"type": "object"}]}, {"type": "null"}]}),
        ({"minimum": 1, "exclusiveMinimum": True, "maximum": 9, "exclusiveMaximum": False}, {"exclusiveMinimum": 1, "maximum": 9}),
        ({"exclusiveMinimum": 1}, {"exclusiveMinimum": 1}),
        ({"oneOf": [{"type": "string"}, {}]}, {"anyOf": [{"type": "string"}, {}]}),
        ({"oneOf": [{}], "anyOf": [{"type": "null"}]}, {"anyOf": [{"type": "null"}], "allOf": [{"anyOf": [{}]}]}),
        ({"type": "string", "format": "int32", "default": "x", "example": 1, "xml": {}}, {"type": "string"}),
        ({"format": "date-time", "pattern": "^a"}, {"format": "date-time", "pattern": "^a"}),
        ({"pattern": "(?<=a)b"}, {}),
        ({"patternProperties": {"(?=a)": {}}, "additionalProperties": False}, {}),
        ({"type": "file"}, {}),
        ({"required": True, "type": 5, "minLength": "1", "enum": [], "properties": [], "items": "x", "uniqueItems": 1}, {}),
        ({"properties": {"default": {"default": 1, "type": "integer"}}}, {"properties": {"default": {"type": "integer"}}}),
        ({"not": {"type": "string"}, "unevaluatedProperties": False}, {}),
        (True, {}),
        ("text", {}),
        ({"$ref": "https://specs.example/x"}, {}),
        ({"items": {"$ref": "#/missing"}}, {"items": {}}),
    ],
)
def test_keywords(node: Any, schema: dict[str, Any]) -> None:
    assert translated(node) == schema


def test_properties_of_the_other_direction_are_left_out() -> None:
    node = {"properties": {"id": {"readOnly": True}, "pin": {"writeOnly": True}, "name": {}}, "required": ["id", "pin", "name"]}
    assert translated(node, "request") == {"properties": {"pin": {}, "name": {}}, "required": ["pin", "name"]}
    assert translated(node, "response") == {"properties": {"id": {}, "name": {}}, "required": ["id", "name"]}


def test_references_become_definitions_once() -> None:
    tree = {"type": "object", "properties": {"left": {"$ref": "#/components/Tree"}, "right": {"$ref": "#/components/Tree"}}}
    node = {"type": "array", "items": {"$ref": "#/components/Tree"}}
    branch = {"$ref": "#/$defs/Tree"}
    assert translated(node, Tree=tree) == {
        "type": "array",
        "items": branch,
        "$defs": {"Tree": {"type": "object", "properties": {"left": branch, "right": branch}}},
    }


def test_definitions_of_one_name_are_kept_apart() -> None:
    node = {"allOf": [{"$ref": "#/components/a/X"}, {"$ref": "#/components/b/X"}, {"$ref": "#/components/c~1 d"}]}
    schema = translated(node, a={"X": {"type": "object"}}, b={"X": {"minProperties": 1}}, **{"c/ d": {}})
    assert schema["allOf"] == [{"$ref": "#/$defs/X"}, {"$ref": "#/$defs/X_2"}, {"$ref": "#/$defs/c_1_d"}]
    assert schema["$defs"]["X_2"] == {"minProperties": 1}


def test_a_reference_at_the_top_is_replaced() -> None:
    assert translated({"$ref": "#/components/A"}, A={"$ref": "#/components/B"}, B={"type": "null"}) == {"type": "null"}
    assert translated({"$ref": "#/components/A"}, A={"$ref": "#/components/A"}) == {}


def test_endless_schemas_end(monkeypatch: pytest.MonkeyPatch) -> None:
    node: dict[str, Any] = {"type": "object"}
    node["properties"] = {"self": node}
    assert Draft202012Validator.check_schema(translated(node)) is None
    monkeypatch.setattr(openapi_schema, "MAX_NODES", 3)
    assert translated({"allOf": [{"type": "string"}] * 5}) == {"allOf": [{"type": "string"}] * 2 + [{}] * 3}


def test_what_is_left_out_only_widens() -> None:
    schema = translated({"oneOf": [{"$ref": "#/missing"}, {"$ref": "#/missing"}], "not": {"$ref": "#/missing"}})
    assert Draft202012Validator(schema).is_valid({"anything": 1})


keywords = st.sampled_from(
    [
        "type",
        "properties",
        "items",
        "required",
        "enum",
        "nullable",
        "pattern",
        "minimum",
        "exclusiveMinimum",
        "oneOf",
        "allOf",
        "$ref",
        "minLength",
        "additionalProperties",
        "prefixItems",
        "const",
    ]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["string", "object", "#/components/A", "a+", "("]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keywords, inner, max_size=4),
    max_leaves=15,
)


@given(values, values)
def test_whatever_comes_in_a_usable_schema_comes_out(node: Any, component: Any) -> None:
    for direction in ("request", "response"):
        schema = translated(node, direction, A=component)
        Draft202012Validator.check_schema(schema)
        jsonschema_rs.Draft202012Validator(schema)


def test_names_of_definitions_stay_quick_where_thousands_are_alike() -> None:
    """Each reference leads to another place with the same last name."""
    places = {f"p{number}": {"node": {"type": "string"}} for number in range(3_000)}
    file = Path("/nowhere/a.yaml")
    library = Library(Path("/nowhere"), {file: places})
    translator = SchemaTranslator(library, "response")
    begun = time.perf_counter()
    translator.schema(Located({"anyOf": [{"$ref": f"#/p{number}/node"} for number in range(3_000)]}, file))
    assert len(translator.definitions()) == 3_000
    assert time.perf_counter() - begun < 1
