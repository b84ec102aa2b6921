"""The fields of a schema, and what their names say."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.planner.audit.personal import fields, names_personal

SCHEMA = {
    "properties": {
        "plain": {"type": "string"},
        "own": {"classification": "pii"},
        "outer": {"classification": "secret", "properties": {"inner": {}, "other": {"classification": "pii"}}},
        "list": {"type": "array", "items": {"properties": {"item": True}}},
    },
    "anyOf": [{"properties": {"choice": {}}}],
    "additionalProperties": {"properties": {"more": {}}},
    "$defs": {"thing": {"properties": {"defined": {}}}},
}


def test_every_field_with_its_class_and_path() -> None:
    found = {field.name: (field.classification, "/".join(map(str, field.path))) for field in fields(SCHEMA)}
    assert found == {
        "plain": (None, "properties/plain"),
        "own": ("pii", "properties/own"),
        "outer": ("secret", "properties/outer"),
        "inner": ("secret", "properties/outer/properties/inner"),
        "other": ("pii", "properties/outer/properties/other"),
        "list": (None, "properties/list"),
        "item": (None, "properties/list/items/properties/item"),
        "choice": (None, "anyOf/0/properties/choice"),
        "more": (None, "additionalProperties/properties/more"),
        "defined": (None, "$defs/thing/properties/defined"),
    }


@pytest.mark.parametrize("schema", [True, None, 3, [], {"properties": []}, {"properties": {"a": 1}, "anyOf": {}, "items": [3], "$defs": 3}])
def test_schemas_that_say_nothing(schema: Any) -> None:
    assert {field.name for field in fields(schema)} <= {"a"}


def test_a_schema_that_holds_itself_ends() -> None:
    schema: dict[str, Any] = {"properties": {"one": {}}}
    schema["properties"]["again"] = schema
    schema["anyOf"] = [schema] * 50
    assert [field.name for field in fields(schema)] == ["one", "again"]


@pytest.mark.parametrize(
    ("name", "personal"),
    [
        ("email", True), ("customer_email", True), ("E-Mail", True), ("emailAddress", True), ("dateOfBirth", True), ("birth_date", True),
        ("socialSecurityNumber", True), ("IBAN", True), ("card_number", True), ("firstName", True),
        ("email_verified", False), ("phone_count", False), ("name", False), ("mailbox", False), ("phonebook", False), ("first", False),
        ("tax_rate", False), ("email_template", False), ("", False),
    ],
)  # fmt: skip
def test_names(name: str, personal: bool) -> None:
    assert names_personal(name) is personal
