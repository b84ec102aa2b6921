"""What a checker's schema becomes for a person who writes."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from gateway.config.editor_schema import ENVIRONMENT_SCHEMA, EditorSchema
from gateway.config.key_examples import KeyExamples
from gateway.sdk.fields import NAME_PATTERN, Duration, DurationOrAuto


def published(schema: dict[str, Any], *, environment: bool = True) -> dict[str, Any]:
    """A key of this schema as it is published."""
    return EditorSchema(KeyExamples(), environment=environment).key("key", schema)


def accepts(schema: dict[str, Any], value: Any) -> bool:
    return jsonschema.Draft202012Validator({**schema, "$defs": {"from_environment": ENVIRONMENT_SCHEMA}}).is_valid(value)


@pytest.mark.parametrize(
    ("schema", "good", "wrong"),
    [
        ({"type": "integer", "minimum": 1}, 5, 0),
        ({"type": "number"}, 0.5, "0.5"),
        ({"type": "boolean"}, True, "true"),
        (Duration.json_schema, "5s", "5"),
        (DurationOrAuto.json_schema, "auto", "never"),
        ({"enum": ["a", "b"]}, "a", "c"),
        ({"type": "string", "pattern": NAME_PATTERN}, "a_1", "A"),
        ({"anyOf": [{"type": "integer"}, {"enum": ["a"]}]}, "a", "b"),
        ({"type": "array", "items": {"type": "integer"}}, [1, "${ env.X }"], ["x"]),
        ({"type": "object", "additionalProperties": {"type": "boolean"}}, {"a": "${ env.X }"}, {"a": 1}),
    ],
)
def test_the_environment_may_give_any_scalar(schema: dict[str, Any], good: Any, wrong: Any) -> None:
    key = published(schema)
    assert accepts(key, good)
    assert not accepts(key, wrong)
    assert accepts(key, "${ env.X }") == (schema.get("type") not in {"array", "object"})
    assert not accepts(published(schema, environment=False), "${ env.X }")


@pytest.mark.parametrize(
    "schema",
    [
        {"x-gateway-kind": "expression", "type": "string"},
        {"x-gateway-kind": "template"},
        {"x-gateway-kind": "json_schema", "type": "object"},
    ],
)
def test_other_positions_stay_as_they_are(schema: dict[str, Any]) -> None:
    key = published(schema)
    assert {word: key[word] for word in schema} == schema
    assert "pattern" not in key


def test_descriptions_tell_the_default_and_what_is_not_in_force() -> None:
    assert published({"description": "Most items.", "type": "integer", "default": 8})["description"] == "Most items. Default: `8`."
    assert published({"description": "Whether.", "type": "boolean", "default": True})["description"] == "Whether. Default: `true`."
    told = "Longest wait; 5s by default."
    assert published({"description": told, "type": "string", "default": "5s"})["description"] == told
    planned = published({"description": "X.", "type": "string", "default": "a", "x-gateway-status": "planned"})
    assert planned["description"] == "X. Default: `a`. Checked, but not in force in this release."


def test_an_empty_default_is_no_help() -> None:
    key = published({"description": "Tags.", "type": "array", "items": {"type": "string"}, "default": []})
    assert "default" not in key
    assert key["description"] == "Tags."


def test_messages() -> None:
    assert published(Duration.json_schema)["errorMessage"] == "must be a duration such as `800ms` or `2s`"
    assert published({"type": "integer"})["errorMessage"] == "must be a whole number"
    assert published({"type": "string", "pattern": "^/", "x-gateway-form": "a path"})["patternErrorMessage"] == "must be a path"
    assert "small letters" in published({"type": "string", "pattern": NAME_PATTERN})["patternErrorMessage"]


def model(**rules: Any) -> dict[str, Any]:
    keys = {key: {"description": key, "type": "boolean" if key == "flag" else "string"} for key in ("a", "b", "flag", "c")}
    schema = {"title": "HttpOperationConfig", "type": "object", "properties": keys, "required": [], **rules}
    return EditorSchema(KeyExamples(), environment=False).model(schema)


def test_titles_are_words() -> None:
    assert model()["title"] == "Http operation"


@pytest.mark.parametrize(
    ("data", "valid"),
    [
        ({}, False),
        ({"a": "x"}, True),
        ({"flag": True}, True),
        ({"flag": False}, False),
        ({"a": "x", "flag": False}, True),
        ({"a": "x", "flag": True}, False),
        ({"a": "x", "b": "x"}, False),
    ],
)
def test_exactly_one(data: dict[str, Any], valid: bool) -> None:
    schema = model(**{"x-gateway-exactly-one": [["flag", "a", "b"]]})
    assert accepts(schema, data) == valid
    assert "x-gateway-exactly-one" not in schema


@pytest.mark.parametrize(("data", "valid"), [({"c": "x"}, False), ({"c": "x", "a": "x"}, True), ({"c": "x", "b": "x"}, True), ({}, True)])
def test_only_with(data: dict[str, Any], valid: bool) -> None:
    assert accepts(model(**{"x-gateway-only-with": {"c": ["a", "b"]}}), data) == valid


def test_a_key_under_both_rules() -> None:
    schema = model(**{"x-gateway-exactly-one": [["a", "b"]], "x-gateway-only-with": {"a": ["c"]}})
    assert [accepts(schema, data) for data in ({"a": "x"}, {"a": "x", "c": "x"}, {"a": "x", "b": "x", "c": "x"}, {"b": "x"})] == [
        False,
        True,
        False,
        True,
    ]
