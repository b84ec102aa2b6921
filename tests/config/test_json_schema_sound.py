"""A yes of the quick look is never wrong; what people usually write gets one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.faults import Faults
from gateway.config.json_schema import check_json_schema
from gateway.config.json_schema_sound import is_sound_json_schema
from gateway.config.json_schema_words import KEYWORDS
from tests.config.written import document

SCHEMA = st.deferred(lambda: _schemas)
SCALARS = st.none() | st.booleans() | st.integers(-2, 3) | st.sampled_from([0.5, float("nan"), float("inf"), "", "a", "b"])
WORDS = st.sampled_from(["string", "object", "array", "null", "strin", "path", "date", "email", "^[a-z]+$", "(?=a)", "#", "#/$defs/a", "a"])
ANY = st.recursive(SCALARS | WORDS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3))
VALUES = (
    ANY | SCHEMA | st.lists(SCHEMA, max_size=2) | st.dictionaries(st.sampled_from("abc"), SCHEMA, max_size=2) | st.lists(WORDS, max_size=3)
)
KEYS = st.sampled_from([*sorted(KEYWORDS), "typ", "x-own", "nullable"])
USUAL = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["string", "object", ["string", "null"]]),
        "properties": st.dictionaries(st.sampled_from("abc"), SCHEMA, max_size=3),
        "required": st.lists(st.sampled_from("abc"), max_size=2),
        "additionalProperties": st.booleans() | SCHEMA,
        "items": SCHEMA,
        "enum": st.lists(SCALARS, max_size=2),
        "format": WORDS,
        "minimum": SCALARS,
    },
)
_schemas = st.booleans() | USUAL | st.dictionaries(KEYS, VALUES, max_size=3)


def reported(schema: Any) -> list[str]:
    faults = Faults(document("intent: a\n"), "intent")
    check_json_schema(schema, ("input",), faults)
    return [problem.message for problem in faults.problems]


@given(SCHEMA)
def test_a_yes_is_never_wrong(schema: Any) -> None:
    if is_sound_json_schema(schema):
        assert reported(schema) == []


@given(KEYS, VALUES)
def test_a_yes_is_never_wrong_about_one_keyword(keyword: str, value: Any) -> None:
    if is_sound_json_schema({keyword: value}):
        assert reported({keyword: value}) == []


@pytest.mark.parametrize(
    "schema",
    [
        True,
        {},
        {"type": "object", "required": ["a"], "properties": {"a": {"type": ["string", "null"]}}, "additionalProperties": False},
        {"type": "array", "items": {"enum": [1, "a"]}, "minItems": 1, "uniqueItems": True},
        {"anyOf": [{"type": "string", "pattern": "^a+$", "format": "date"}, {"const": None}], "title": "a", "examples": ["a"]},
        {"type": "number", "minimum": 0.5, "multipleOf": 2, "default": 4, "in": "query", "description": "b"},
    ],
)
def test_what_is_usual_gets_a_yes(schema: Any) -> None:
    assert is_sound_json_schema(schema)
    assert reported(schema) == []


@pytest.mark.parametrize(
    "schema", [5, {"$ref": "#"}, {"typ": "string"}, {"classification": 7}, {"required": ["a"], "additionalProperties": False}]
)
def test_the_rest_is_looked_at(schema: Any) -> None:
    assert not is_sound_json_schema(schema)


def test_depth_is_bounded() -> None:
    schema: Any = {}
    for _ in range(40):
        schema = {"items": schema}
    assert not is_sound_json_schema(schema)
