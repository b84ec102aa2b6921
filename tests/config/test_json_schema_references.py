"""References inside JSON Schemas."""

from __future__ import annotations

import time
from typing import Any

import pytest

from gateway.config.faults import Faults
from gateway.config.json_schema_references import check_references
from tests.config.written import document


def told_about(schema: Any) -> list[tuple[str, str]]:
    faults = Faults(document("intent: a"), "intent")
    check_references(schema, (), faults)
    return [(problem.message, ".".join(map(str, problem.path))) for problem in faults.problems]


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ({"$ref": "#/$defs/a"}, ("`#/$defs/a` refers to nothing", "$ref")),
        ({"properties": {"a": {"$ref": "#b"}}}, ("`#b` refers to nothing", "properties.a.$ref")),
        ({"$ref": "#/anyOf/1", "anyOf": [{}]}, ("`#/anyOf/1` refers to nothing", "$ref")),
        ({"$ref": "#/title", "title": "x"}, ("`#/title` refers to nothing", "$ref")),
        ({"$ref": "other.json"}, ("`other.json` refers to another document", "$ref")),
        ({"$ref": "https://acme.example/schema"}, ("`https://acme.example/schema` refers to another document", "$ref")),
        ({"$dynamicRef": "#x"}, ("`#x` refers to nothing", "$dynamicRef")),
        ({"$ref": "#"}, ("this reference leads back to itself without taking anything in", "$ref")),
        (
            {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"allOf": [{"$ref": "#/$defs/a"}]}}},
            ("this reference leads back to itself without taking anything in", "$defs.a.$ref"),
        ),
        ({"properties": {"a": {"$id": "b"}}}, ("`$id` is only possible at the top of a JSON Schema", "properties.a.$id")),
    ],
)
def test_faults(schema: Any, problem: tuple[str, str]) -> None:
    assert told_about(schema) == [problem]


@pytest.mark.parametrize(
    "schema",
    [
        True,
        {"$id": "https://acme.example/a"},
        {"properties": {"child": {"$ref": "#"}}},
        {"$defs": {"node": {"properties": {"next": {"$ref": "#/$defs/node"}}}}, "$ref": "#/$defs/node"},
        {"$defs": {"a/b~c d": {}}, "$ref": "#/$defs/a~1b~0c%20d"},
        {"$ref": "#/anyOf/0", "anyOf": [{}]},
        {"$defs": {"a": {"$dynamicAnchor": "n"}}, "items": {"$dynamicRef": "#n"}},
        {"const": {"$ref": "#/nowhere"}, "default": {"$ref": "#/nowhere"}},
        {"$defs": {"a": True}, "$ref": "#/$defs/a"},
        {"allOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}], "$defs": {"a": {}}},
    ],
)
def test_sound_references(schema: Any) -> None:
    assert told_about(schema) == []


@pytest.mark.parametrize(
    "schema", [{"$ref": 5}, {"$anchor": []}, {"allOf": 1}, {"properties": [1]}, {"items": [{"$ref": 1}]}, {"$defs": None}, 7]
)
def test_what_is_no_schema_is_passed_over(schema: Any) -> None:
    assert told_about(schema) == []


def test_long_chains_are_followed_without_recursion() -> None:
    chain = {f"d{number}": {"$ref": f"#/$defs/d{number + 1}"} for number in range(5_000)}
    started = time.monotonic()
    assert told_about({"$defs": {**chain, "d5000": {}}, "$ref": "#/$defs/d0"}) == []
    assert len(told_about({"$defs": {**chain, "d5000": {"$ref": "#/$defs/d0"}}})) == 1
    assert time.monotonic() - started < 2
