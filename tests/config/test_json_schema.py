"""JSON Schemas inside documents: every fault with its place and its mending."""

from __future__ import annotations

import json
import time
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.config.faults import Faults
from gateway.config.json_schema import MOST_LEVELS, check_json_schema
from gateway.config.json_schema_words import FORMATS, KEYWORDS
from gateway.sdk.problem import Problem
from tests.config.written import document, only, problems_of, told


def faults_of(schema: Any) -> list[Problem]:
    faults = Faults(document("intent: a"), "intent")
    check_json_schema(schema, (), faults)
    return faults.problems


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ("{type: strng}", [("GW104", "input.type", "did you mean `string`?")]),
        ("{type: [string, nul]}", [("GW104", "input.type.1", "did you mean `null`?")]),
        ("{type: [string, null]}", [("GW104", "input.type.1", "write `'null'` in quotes")]),
        ("{type: [string, string]}", [("GW106", "input.type", None)]),
        ("{requird: [a]}", [("GW101", "input.requird", "did you mean `required`?")]),
        ("{colour: red}", [("GW101", "input.colour", "notes of your own begin with `x-`")]),
        ("{x-colour: red}", []),
        ("{nullable: true}", [("GW101", "input.nullable", "write `type: [string, 'null']`, with the type it has")]),
        ("{definitions: {}}", [("GW101", "input.definitions", "write `$defs`")]),
        ("{required: true}", [("GW102", "input.required", "list the names under `required` beside `properties`")]),
        ("{required: [a, a]}", [("GW106", "input.required", None)]),
        ("{minLength: -1}", [("GW102", "input.minLength", None)]),
        ("{minLength: 1.5}", [("GW102", "input.minLength", None)]),
        ("{maximum: '5'}", [("GW102", "input.maximum", "write it without quotes: `5`")]),
        (
            "{exclusiveMinimum: true}",
            [("GW102", "input.exclusiveMinimum", "write the number itself; `minimum` and `maximum` include theirs")],
        ),
        ("{multipleOf: 0}", [("GW102", "input.multipleOf", None)]),
        ("{uniqueItems: 1}", [("GW102", "input.uniqueItems", None)]),
        ("{pattern: 5}", [("GW102", "input.pattern", "put it in quotes")]),
        ("{pattern: '(?=x)'}", [("GW108", "input.pattern", "look-around and back-references are not in it")]),
        ("{pattern: '(a'}", [("GW108", "input.pattern", None)]),
        (r"{pattern: '(a)\1'}", [("GW108", "input.pattern", "look-around and back-references are not in it")]),
        (
            "{patternProperties: {'(?!x)': true}}",
            [("GW108", "input.patternProperties.(?!x)", "look-around and back-references are not in it")],
        ),
        ("{format: dat}", [("GW109", "input.format", "did you mean `date`?")]),
        ("{format: regex}", [("GW109", "input.format", "leave it out, or write a `pattern`")]),
        ("{enum: []}", [("GW102", "input.enum", None)]),
        ("{enum: red}", [("GW102", "input.enum", "write it as a list: `[red]`")]),
        ("{properties: {a: string}}", [("GW102", "input.properties.a", "write `{type: string}`")]),
        ("{additionalProperties: 'no'}", [("GW102", "input.additionalProperties", "write `false`")]),
        ("{uniqueItems: 'yes'}", [("GW102", "input.uniqueItems", "write `true`")]),
        (
            "{type: obj, properties: {a: {$ref: '#b'}}}",
            [
                ("GW104", "input.type", "did you mean `object`?"),
                ("GW106", "input.properties.a.$ref", "write `#/$defs/<name>`, and the schema below `$defs`"),
            ],
        ),
        ("{$def: {b: {}}, $ref: '#/$def/c'}", [("GW101", "input.$def", "did you mean `$defs`?")]),
        ("{examples: {a: 1}}", [("GW102", "input.examples", None)]),
        ("{items: [{type: string}]}", [("GW102", "input.items", "a list of schemas, one for each of the first items, is `prefixItems`")]),
        ("{items: 5}", [("GW102", "input.items", None)]),
        ("{anyOf: []}", [("GW102", "input.anyOf", None)]),
        ("{properties: [a]}", [("GW102", "input.properties", None)]),
        ("{dependentRequired: {a: b}}", [("GW102", "input.dependentRequired.a", "write it as a list: `[b]`")]),
        ("{dependentRequired: []}", [("GW102", "input.dependentRequired", None)]),
        ("{properties: {a: {in: qurey}}}", [("GW104", "input.properties.a.in", "did you mean `query`?")]),
        (
            "{$schema: 'http://json-schema.org/draft-07/schema#'}",
            [("GW112", "input.$schema", "leave `$schema` out, or write `https://json-schema.org/draft/2020-12/schema`")],
        ),
        ("{$schema: 'https://json-schema.org/draft/2020-12/schema'}", []),
        ("{$anchor: '#a'}", [("GW104", "input.$anchor", "a letter, then letters, digits, `-`, `.` and `_`")]),
        ("{$id: 'a#b'}", [("GW104", "input.$id", "write it without `#`")]),
        ("{$vocabulary: {}}", [("GW106", "input.$vocabulary", "remove it")]),
        (
            "{properties: {order_id: {}}, required: [orderid], additionalProperties: false}",
            [("GW106", "input.required.0", "did you mean `order_id`?")],
        ),
        ("{properties: {order_id: {}}, required: [other]}", []),
        ("5", [("GW102", "input", None)]),
        ("true", []),
    ],
)
def test_schemas(schema: str, expected: list[tuple[str, str, str | None]]) -> None:
    assert told(problems_of(f"intent: a\ninput: {schema}")) == expected


def test_everything_of_the_draft_is_possible() -> None:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://acme.example/order", "$comment": "c", "title": "t",
        "description": "d", "type": ["object", "null"], "default": None, "examples": [1], "deprecated": False, "readOnly": False,
        "$defs": {"sku": {"$anchor": "sku", "type": "string", "minLength": 1, "maxLength": 9, "pattern": "^[A-Z]{1,9}$"}},
        "properties": {"a": {"$ref": "#/$defs/sku"}, "b": {"$ref": "#sku"}, "c": {"format": FORMATS[0]}, "d": False, "classification": {}},
        "patternProperties": {"^x": {"const": None}}, "additionalProperties": {"type": "integer", "minimum": 0.5, "multipleOf": 2},
        "propertyNames": {"maxLength": 5}, "required": ["a"], "minProperties": 0, "dependentRequired": {"a": ["b"]},
        "dependentSchemas": {"a": True}, "if": {"not": {"enum": [1]}}, "then": {"allOf": [{}]}, "else": {"oneOf": [True, False]},
        "items": {"contains": {}, "minContains": 1, "uniqueItems": True, "prefixItems": [{}], "unevaluatedItems": False},
        "unevaluatedProperties": False,
    }  # fmt: skip
    assert faults_of(schema) == []
    jsonschema.Draft202012Validator.check_schema(schema)


def test_a_property_may_be_called_anything() -> None:
    assert problems_of("intent: a\ninput: {properties: {requird: {}, classification: {}, $ref: {}, nullable: {}}}") == []


def test_a_classification_is_a_name() -> None:
    assert problems_of("intent: a\ninput: {properties: {iban: {classification: pii}}}") == []
    problem = only("intent: a\ninput: {properties: {iban: {classification: 7}}}")
    assert (problem.code, problem.severity, problem.place.column) == ("GW102", "error", 45)


def test_depth_is_bounded() -> None:
    schema: dict[str, Any] = {}
    for _ in range(MOST_LEVELS * 50):
        schema = {"items": schema}
    assert [problem.code for problem in faults_of(schema)] == ["GW106"]


def test_size_costs_linear_time() -> None:
    schema = {"properties": {f"p{number}": {"type": "string", "pattern": "^a+$"} for number in range(5_000)}}
    started = time.monotonic()
    assert faults_of(schema) == []
    assert time.monotonic() - started < 2


def test_many_faults_cost_linear_time() -> None:
    """A suggestion compares with every property: after enough faults nobody looks for one any more."""
    schema = {"properties": {f"p{number}": {} for number in range(2_000)}, "required": [f"q{number}" for number in range(20_000)]}
    started = time.monotonic()
    assert [problem.code for problem in faults_of({**schema, "additionalProperties": False})][-2:] == ["GW106", "GW100"]
    assert time.monotonic() - started < 3


words = st.sampled_from(sorted(KEYWORDS))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | st.sampled_from(["string", "object", "#", "#/$defs/a", "date", "^a$", "a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words | st.sampled_from(["a", "b"]), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(words, values, max_size=4))
def test_what_passes_is_a_schema_for_others_too(schema: dict[str, Any]) -> None:
    """Stricter than the meta-schema, never laxer."""
    if not faults_of(schema):
        jsonschema.Draft202012Validator.check_schema(json.loads(json.dumps(schema)))
