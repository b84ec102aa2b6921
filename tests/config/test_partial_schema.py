"""Schemas of documents that are laid over others."""

from __future__ import annotations

from typing import Any

import jsonschema

from gateway.config.partial_schema import part_of, parts, united

RATE = {"title": "Rate", "type": "object", "properties": {"max": {"type": ["integer", "string"]}}, "required": ["max"]}
WHOLE = {
    "title": "Whole",
    "type": "object",
    "properties": {
        "name": {"description": "N.", "type": "string", "pattern": "^[a-z]+$"},
        "rate": {"description": "R.", "$ref": "#/$defs/Rate"},
        "mode": {"description": "M.", "enum": ["a", "b"]},
        "each": {"type": "object", "minProperties": 1, "additionalProperties": {"$ref": "#/$defs/Rate"}},
        "list": {"type": "array", "items": {"$ref": "#/$defs/Rate"}},
        "either": {"anyOf": [{"$ref": "#/$defs/Rate"}, {"type": "string"}]},
        "data": {"x-gateway-kind": "template", "description": "D."},
    },
    "required": ["name"],
    "additionalProperties": False,
}
DEFINITIONS: dict[str, Any] = {"Whole": WHOLE, "Rate": RATE, "from_environment": {"type": "string", "pattern": "[$]"}}


def accepts(reference: dict[str, Any], value: Any) -> bool:
    return jsonschema.Draft202012Validator({**reference, "$defs": {**DEFINITIONS, **parts(DEFINITIONS)}}).is_valid(value)


def test_nothing_is_missing_and_null_removes() -> None:
    part = part_of({"$ref": "#/$defs/Whole"})
    assert part == {"$ref": "#/$defs/Whole.part"}
    assert accepts(part, {})
    assert accepts(part, dict.fromkeys(WHOLE["properties"]))
    assert accepts(part, {"rate": {}, "each": {"x": None, "y": {"max": None}}, "either": {"max": None}})
    assert accepts(part, {"each": {}})


def test_what_is_written_is_still_checked() -> None:
    part = part_of({"$ref": "#/$defs/Whole"})
    wrong: list[Any] = [{"nmae": "x"}, {"name": "X"}, {"mode": "c"}, {"rate": {"max": []}}, {"each": {"x": 5}}, []]
    assert [value for value in wrong if accepts(part, value)] == []


def test_a_list_is_replaced_so_its_items_are_whole() -> None:
    part = part_of({"$ref": "#/$defs/Whole"})
    assert accepts(part, {"list": [{"max": 1}]})
    assert not accepts(part, {"list": [{}]})
    assert not accepts(part, {"list": [{"max": None}]})


def test_only_models_have_parts() -> None:
    assert sorted(parts(DEFINITIONS)) == ["Rate.part", "Whole.part"]
    assert parts(DEFINITIONS)["Whole.part"]["properties"]["name"]["description"] == "N."


def test_united_models_have_the_keys_of_all() -> None:
    one = {"properties": {"a": {"type": "string"}, "b": {"description": "B.", "type": "integer"}}}
    other = {"properties": {"a": {"type": "string"}, "b": {"description": "C.", "type": "object"}, "c": {"type": "null"}}}
    definitions = {"One": one, "Other": other}
    both = united([{"$ref": "#/$defs/One"}, {"$ref": "#/$defs/Other"}], definitions)
    assert both["properties"] == {
        "a": {"type": "string"},
        "b": {"description": "B.", "anyOf": [{"type": "integer"}, {"type": "object"}]},
        "c": {"type": "null"},
    }


def test_united_maps_have_united_members() -> None:
    definitions = {"One": {"properties": {"a": {}}}, "Other": {"properties": {"b": {}}}}
    maps = [{"type": "object", "additionalProperties": {"$ref": f"#/$defs/{name}"}} for name in definitions]
    assert united(maps, definitions) == {"type": "object", "additionalProperties": {"properties": {"a": {}, "b": {}}}}


def test_one_schema_stays_as_it_is() -> None:
    schema = {"description": "A.", "$ref": "#/$defs/One"}
    assert united([schema, dict(schema)], {"One": {"properties": {}}}) == schema
