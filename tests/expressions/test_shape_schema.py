from __future__ import annotations

import time
from typing import Any

import jsonschema_rs
import pytest

from gateway.expressions.shape import (
    ANY,
    INTEGER,
    LIST,
    LOST,
    NOTHING_BUT_NULL,
    OBJECT,
    TEXT,
    Label,
    Shape,
    constant,
    every_label,
    labelled,
    list_of,
    null_declared,
    nullable,
    object_of,
    of_data,
    united,
)
from gateway.expressions.shape_schema import DEEPEST_WRITTEN, MOST_WRITTEN, schema_of
from tests.expressions.inferring import PII, classes, kinds, lists, objects, shape_of

INTERNAL = frozenset({Label("internal", "source")})
SECRET = {"type": "string", "classification": "pii"}


class TestKinds:
    @pytest.mark.parametrize(
        ("schema", "expected"),
        [
            (True, "any"),
            ({}, "any"),
            ({"type": "integer"}, "number"),
            ({"type": ["string", "null"]}, "null text"),
            ({"type": []}, "any"),
            ({"type": "file"}, "any"),
            ({"type": ["string", "file"]}, "any"),
            ({"type": ["string", 5]}, "any"),
            ({"type": "string", "nullable": True}, "null text"),
            ({"nullable": True}, "any"),
            ({"const": None}, "null"),
            ({"const": {"a": 1}}, "object"),
            ({"const": True}, "boolean"),
            ({"enum": ["a", 1, None, [], False]}, "array boolean null number text"),
            ({"enum": []}, "any"),
            ({"type": ["string", "null"], "enum": ["a"]}, "text"),
            ({"type": "string", "enum": [1]}, "text"),
            ({"enum": ["a"], "nullable": True}, "null text"),
            ({"properties": {}}, "object"),
            ({"required": ["a"]}, "object"),
            ({"items": {}}, "array"),
            ({"items": {}, "properties": {}}, "array object"),
            ({"description": "anything"}, "any"),
            ("nonsense", "any"),
        ],
    )
    def test_of_a_schema(self, schema: Any, expected: str) -> None:
        assert kinds(shape_of(schema)) == expected

    @pytest.mark.parametrize(
        ("schema", "values"),
        [
            ({"enum": ["a", 1, None]}, {"a", 1}),
            ({"enum": ["a", True]}, {"a"}),
            ({"enum": [None]}, None),
            ({"enum": ["a", {"b": 1}]}, {"a"}),
            ({"const": 1.0}, {1}),
            ({"type": "string", "enum": ["a", 1]}, {"a"}),
            ({"type": "string"}, None),
        ],
    )
    def test_constants(self, schema: Any, values: set[Any] | None) -> None:
        assert shape_of(schema).values == values

    @pytest.mark.parametrize(
        ("given", "whole"), [("integer", True), (["integer", "null"], True), (["integer", "number"], False), ("number", False)]
    )
    def test_whole_numbers(self, given: Any, whole: bool) -> None:
        assert shape_of({"type": given}).whole is whole


class TestMembers:
    def test_what_isnt_required_may_be_missing(self) -> None:
        shape = shape_of(objects("a", a="string", b="string"))
        assert kinds(shape.member("a") or ANY) == "text"
        assert null_declared(shape.member("b") or ANY)

    def test_where_nothing_is_said_to_be_required_nobody_said_that_they_are_missing(self) -> None:
        schema = {"type": "object", "properties": {"a": {"type": "string"}}}
        assert kinds(shape_of(schema).member("a") or ANY) == "null text"
        assert not null_declared(shape_of(schema).member("a") or ANY)
        assert null_declared(shape_of(schema, strict=True).member("a") or ANY)

    def test_defaults_of_an_input_are_filled_in(self) -> None:
        schema = objects("", a={"type": "string", "default": "x"})
        assert kinds(shape_of(schema, strict=True).member("a") or ANY) == "text"
        assert kinds(shape_of(schema).member("a") or ANY) == "null text"

    def test_odd_entries_of_required(self) -> None:
        assert kinds(shape_of({**objects("a", a="string"), "required": ["a", 5, None, {}]}).member("a") or ANY) == "text"
        assert kinds(shape_of({**objects("", a="string"), "required": "a"}).member("a") or ANY) == "null text"

    @pytest.mark.parametrize(
        ("further", "is_open", "is_listed", "member"),
        [
            ({}, False, True, None),
            ({"additionalProperties": False}, False, False, None),
            ({"additionalProperties": True}, True, False, "any"),
            ({"additionalProperties": {"type": "string"}}, True, False, "null text"),
            ({"unevaluatedProperties": {"type": "string"}}, True, False, "null text"),
            ({"unevaluatedProperties": False}, False, True, None),
            ({"patternProperties": {"^x": {"type": "string"}}, "additionalProperties": False}, True, False, "null text"),
            ({"patternProperties": {"^x": {"type": "string"}}}, True, False, "any"),
        ],
    )
    def test_others_than_those_listed(self, further: Any, is_open: bool, is_listed: bool, member: str | None) -> None:
        shape = shape_of({"type": "object", "properties": {"a": {}}, **further})
        assert (shape.open, shape.listed) == (is_open, is_listed)
        found = shape.member("x")
        assert (None if found is None else kinds(found)) == member

    def test_where_none_are_listed_any_may_be_there(self) -> None:
        shape = shape_of({"type": "object"})
        assert shape.open
        assert shape.member("x") is not None
        assert kinds(shape_of({"required": ["x"]}).member("x") or TEXT) == "any"

    def test_ten_thousand_are_read_when_they_are_asked_for(self) -> None:
        schema = {"type": "object", "properties": {f"p{number}": objects(a="string") for number in range(10_000)}}
        start = time.perf_counter()
        shape = shape_of(schema)
        assert kinds((shape.member("p9999") or ANY).member("a") or ANY) == "null text"
        assert time.perf_counter() - start < 0.02


class TestItems:
    @pytest.mark.parametrize(
        ("schema", "expected"),
        [
            (lists("string"), "text"),
            ({"type": "array"}, "any"),
            ({"prefixItems": [{"type": "string"}], "items": {"type": "number"}}, "number text"),
            ({"prefixItems": [{"type": "string"}], "items": False}, "text"),
            ({"prefixItems": [{"type": "string"}]}, "any"),
            ({"items": [{"type": "string"}, {"type": "number"}], "additionalItems": False}, "number text"),
            ({"items": [{"type": "string"}], "additionalItems": {"type": "boolean"}}, "boolean text"),
        ],
    )
    def test_of_a_list(self, schema: Any, expected: str) -> None:
        assert kinds(shape_of(schema).items) == expected


class TestCombined:
    def test_members_of_all(self) -> None:
        shape = shape_of({"allOf": [objects("a", a="string"), {"properties": {"b": {"type": "number"}}, "required": ["b"]}]})
        assert kinds(shape.member("a") or ANY) == "text"
        assert kinds(shape.member("b") or ANY) == "number"

    def test_required_beside_the_properties(self) -> None:
        parts = [{"type": "object", "properties": {"a": {"type": "string"}}}, {"required": ["a"]}]
        assert kinds(shape_of({"allOf": parts}).member("a") or ANY) == "text"

    @pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
    def test_one_of_several(self, keyword: str) -> None:
        shape = shape_of({keyword: [objects("a", a="string"), objects("b", b="number"), {"type": "null"}]})
        assert kinds(shape) == "null object"
        assert kinds(shape.member("a") or ANY) == "null text"
        assert kinds(shape_of({keyword: []})) == "any"

    def test_nullable_beside_a_reference(self) -> None:
        definitions = {"$defs": {"a": objects("x", x="string")}}
        for schema in ({"$ref": "#/$defs/a"}, {"allOf": [{"$ref": "#/$defs/a"}]}, {"type": "object", "allOf": [{"$ref": "#/$defs/a"}]}):
            assert null_declared(shape_of({**schema, **definitions, "nullable": True}))
            assert not null_declared(shape_of({**schema, **definitions}))

    def test_what_holds_under_a_condition_only_may_be_there(self) -> None:
        schema = {"type": "object", "properties": {"a": {}}, "if": {}, "then": objects("b", b=SECRET)}
        shape = shape_of(schema)
        assert kinds(shape.member("b") or TEXT) == "any"
        assert classes(every_label(shape)) == {"pii"}
        dependent = shape_of({"type": "object", "properties": {"a": {}}, "dependentSchemas": {"a": objects("c", c=SECRET)}})
        assert dependent.member("c") is not None
        assert classes(every_label(dependent)) == {"pii"}


class TestReferences:
    @pytest.mark.parametrize(
        ("reference", "expected"),
        [
            ("#", "object"),
            ("#/$defs/text", "text"),
            ("#/$defs/a~1b", "number"),
            ("#/$defs/with%20space", "boolean"),
            ("#/$defs/list/anyOf/0", "null"),
            ("#/$defs/list/anyOf/7", "any"),
            ("#/$defs/nowhere", "any"),
            ("other.json#/x", "any"),
            ("#anchor", "any"),
            (5, "any"),
        ],
    )
    def test_lead_somewhere_or_nowhere(self, reference: Any, expected: str) -> None:
        definitions = {
            "text": {"type": "string"},
            "a/b": {"type": "number"},
            "with space": {"type": "boolean"},
            "list": {"anyOf": [{"type": "null"}]},
        }
        shape = shape_of({"type": "object", "required": ["x"], "properties": {"x": {"$ref": reference}}, "$defs": definitions})
        assert kinds(shape.member("x") or ANY) == expected

    def test_a_schema_may_contain_itself(self) -> None:
        shape = shape_of({"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#"}}})
        assert (shape.member("next") or ANY).member("next") is shape

    @pytest.mark.parametrize(
        "schema",
        [
            {"$ref": "#"},
            {"anyOf": [{"$ref": "#"}, {"$ref": "#"}]},
            {"allOf": [{"$ref": "#"}] * 3, "anyOf": [{"$ref": "#"}] * 3},
            {
                "$ref": "#/$defs/0",
                "$defs": {str(n): {"anyOf": [{"$ref": f"#/$defs/{(n + m) % 30}"} for m in range(30)]} for n in range(30)},
            },
            {
                "$ref": "#/$defs/0",
                "$defs": {str(n): {"allOf": [{"$ref": f"#/$defs/{(n * m) % 30}"} for m in range(30)]} for n in range(30)},
            },
        ],
    )
    def test_what_leads_back_to_itself_ends(self, schema: Any) -> None:
        start = time.perf_counter()
        assert kinds(shape_of(schema)) == "any"
        assert time.perf_counter() - start < 1

    def test_a_circle_is_cut_for_one_way_only(self) -> None:
        """As with a discriminator: each of two refers to the other."""
        definitions = {
            "pet": {"type": "object", "properties": {"name": {"type": "string"}}, "oneOf": [{"$ref": "#/$defs/cat"}]},
            "cat": {"allOf": [{"$ref": "#/$defs/pet"}, {"type": "object", "properties": {"lives": {"type": "number"}}}]},
        }
        shape = shape_of({**objects("pet cat", pet={"$ref": "#/$defs/pet"}, cat={"$ref": "#/$defs/cat"}), "$defs": definitions})
        for name in ("pet", "cat"):
            member = shape.member(name) or ANY
            assert {*member.names} == {"name", "lives"}
            assert member.known

    def test_what_is_nested_too_deep_is_of_an_unknown_class(self) -> None:
        schema: Any = SECRET
        for _ in range(400):
            schema = {"allOf": [schema]}
        assert LOST in every_label(shape_of(schema))


class TestClasses:
    def test_the_nearest_holds(self) -> None:
        schema = {
            "type": "object",
            "classification": "internal",
            "properties": {"a": {"type": "string"}, "b": SECRET, "c": {"type": "array", "items": {"classification": "public"}}},
        }
        shape = shape_of(schema, origin="crm.customer")
        assert shape.labels == {Label("internal", "crm.customer: result")}
        assert classes((shape.member("a") or ANY).labels) == {"internal"}
        assert (shape.member("b") or ANY).labels == {Label("pii", "crm.customer: b")}
        assert classes((shape.member("c") or ANY).items.labels) == {"public"}

    def test_the_default_holds_where_nothing_is_said(self) -> None:
        shape = shape_of({"type": "object", "properties": {"a": {}, "b": SECRET}, "additionalProperties": True}, default=INTERNAL)
        assert (shape.member("a") or ANY).labels == INTERNAL
        assert classes((shape.member("b") or ANY).labels) == {"pii"}
        assert (shape.member("else") or ANY).labels == INTERNAL
        assert shape_of(True, default=INTERNAL).labels == INTERNAL

    @pytest.mark.parametrize(
        "schema",
        [
            {"$ref": "#/$defs/text"},
            {"allOf": [{"$ref": "#/$defs/text"}, {"type": "string"}]},
            {"allOf": [{"type": "string"}, {"classification": "pii"}]},
            {"type": "string", "allOf": [{"allOf": [{"$ref": "#/$defs/text"}]}]},
        ],
    )
    def test_one_that_is_given_elsewhere_replaces_that_from_above(self, schema: Any) -> None:
        top = {"type": "object", "properties": {"a": schema}, "$defs": {"text": SECRET}}
        assert (shape_of(top, default=INTERNAL, origin="o").member("a") or ANY).labels == {Label("pii", "o: a")}

    def test_alternatives_have_all_of_theirs(self) -> None:
        shape = shape_of({"anyOf": [SECRET, {"type": "string"}, {"type": "null"}]}, default=INTERNAL)
        assert classes(shape.labels) == {"pii", "internal"}

    def test_null_has_none(self) -> None:
        shape = shape_of({"anyOf": [{"type": "string", "classification": "public"}, {"type": "null"}]}, default=INTERNAL)
        assert classes(shape.labels) == {"public"}

    def test_those_of_patterns_hold_for_what_they_match(self) -> None:
        schema = {
            "type": "object",
            "properties": {"email_1": {"type": "string"}, "name": {"type": "string"}},
            "patternProperties": {"^email_": {"classification": "pii"}},
        }
        shape = shape_of(schema)
        assert classes((shape.member("email_1") or ANY).labels) == {"pii"}
        assert (shape.member("name") or ANY).labels == frozenset()
        assert classes((shape.member("email_2") or ANY).labels) == {"pii"}
        broken = shape_of({**schema, "patternProperties": {"(": {"classification": "pii"}}})
        assert classes((broken.member("name") or ANY).labels) == {"pii"}


class TestWritten:
    @pytest.mark.parametrize(
        ("shape", "schema"),
        [
            (ANY, {}),
            (TEXT, {"type": "string"}),
            (INTEGER, {"type": "integer"}),
            (nullable(TEXT), {"type": ["null", "string"]}),
            (NOTHING_BUT_NULL, {"type": "null"}),
            (Shape(frozenset()), {}),
            (constant("a"), {"type": "string", "enum": ["a"]}),
            (nullable(united([constant("b"), constant(1)])), {"type": ["integer", "null", "string"], "enum": ["b", 1, None]}),
            (united([constant("b"), constant(True)]), {"type": ["boolean", "string"]}),
            (list_of(TEXT), {"type": "array", "items": {"type": "string"}}),
            (LIST, {"type": "array"}),
            (OBJECT, {"type": "object"}),
            (object_of({"a": TEXT}), {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False}),
            (shape_of({"properties": {"a": {"const": 1}}}), {"type": "object", "properties": {"a": {"type": ["integer", "null"]}}}),
            (shape_of({"additionalProperties": {"type": "string"}}), {"type": "object", "additionalProperties": {"type": "string"}}),
            (labelled(TEXT, PII), {"type": "string"}),
        ],
    )
    def test_as_a_schema(self, shape: Shape, schema: Any) -> None:
        written = schema_of(shape)
        written.get("properties", {}).get("a", {}).pop("enum", None)
        assert written == schema
        jsonschema_rs.validator_for(schema_of(shape))

    def test_what_contains_itself_is_left_open_there(self) -> None:
        shape = shape_of({"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["next"]})
        assert schema_of(shape) == {"type": "object", "properties": {"next": {}}}

    def test_it_has_an_end(self) -> None:
        wide = object_of({f"p{number}": TEXT for number in range(2 * MOST_WRITTEN)})
        properties = schema_of(wide)["properties"]
        assert properties["p0"] == {"type": "string"}
        assert properties[f"p{2 * MOST_WRITTEN - 1}"] == {}

    def test_it_has_a_bottom(self) -> None:
        data: Any = "x"
        for _ in range(5_000):
            data = [data]
        written, depth = schema_of(of_data(data)), 0
        while "items" in written:
            written, depth = written["items"], depth + 1
        assert depth == DEEPEST_WRITTEN
