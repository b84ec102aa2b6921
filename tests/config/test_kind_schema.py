"""The exact schema for each kind of document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import jsonschema
import pytest

from gateway.config.kind_schema import KINDS, branches_of, discriminator_of, identities_of, known_discriminators, model_for, schema_for
from gateway.config.models import Intent, Policy, RolesPolicy
from gateway.sdk.component import Component
from gateway.sdk.source_config import SourceConfig
from tests.config.written import COMPONENTS


class Watched(Mapping[tuple[str, str], Component]):
    """Components that remember which of them were asked for."""

    def __init__(self) -> None:
        self.asked: set[tuple[str, str]] = set()

    def __getitem__(self, key: tuple[str, str]) -> Component:
        self.asked.add(key)
        return COMPONENTS[key]

    def __contains__(self, key: object) -> bool:
        return key in COMPONENTS

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(COMPONENTS)

    def __len__(self) -> int:
        return len(COMPONENTS)


def test_discriminators() -> None:
    assert discriminator_of("source", {"type": "http"}) == "http"
    assert discriminator_of("policy", {"policy": "roles"}) == "roles"
    assert [discriminator_of("source", data) for data in ({}, {"type": 5}, [], None)] == [None] * 4
    assert discriminator_of("intent", {"type": "http"}) is None
    assert {"http", "openapi", "sql", "static", "llm"} <= set(known_discriminators("source", COMPONENTS))
    assert {"roles", "flags", "masking"} <= set(known_discriminators("policy", COMPONENTS))


def test_only_what_a_document_can_use_is_looked_up() -> None:
    """A kind of component that is not in use is not imported."""
    components = Watched()
    schema_for("intent", None, components)
    known_discriminators("source", components)
    assert components.asked == set()
    schema_for("source", "static", components)
    assert components.asked == {("source", "static")}
    schema_for("gateway", None, components)
    assert {kind for kind, _ in components.asked} == {"source", "identity"}


def test_models() -> None:
    assert model_for("intent", None, COMPONENTS) is Intent
    assert model_for("policy", "roles", COMPONENTS) is RolesPolicy
    assert model_for("policy", "nonsense", COMPONENTS) is Policy
    assert model_for("source", "http", COMPONENTS) is COMPONENTS["source", "http"].Config
    assert model_for("source", None, COMPONENTS) is SourceConfig


def test_the_kind_is_fixed() -> None:
    schema = schema_for("source", "llm", COMPONENTS)
    assert schema["properties"]["type"]["const"] == "llm"
    assert schema["properties"]["type"]["x-gateway-status"] == "planned"
    assert "x-gateway-status" not in schema_for("source", "http", COMPONENTS)["properties"]["type"]
    assert schema_for("policy", "retention", COMPONENTS)["properties"]["policy"]["x-gateway-status"] == "protects"


def test_unknown_kinds_leave_the_rest_open() -> None:
    schema = schema_for("source", "nonsense", COMPONENTS)
    assert schema["additionalProperties"] is True
    assert "timeout" in schema["properties"]


def test_an_identity_has_one_key() -> None:
    entry = schema_for("gateway", None, COMPONENTS)["properties"]["identity"]["items"]
    assert set(entry["properties"]) == {choice.name for choice in identities_of(COMPONENTS)}
    assert (entry["minProperties"], entry["maxProperties"]) == (1, 1)
    assert entry["properties"]["oidc"]["x-gateway-status"] == "protects"
    assert "x-gateway-status" not in entry["properties"]["api_key"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_is_a_schema(kind: str) -> None:
    for branch in branches_of(kind, COMPONENTS):
        schema = schema_for(kind, branch.choice.name if branch.choice else None, COMPONENTS)
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["required"][0] == kind


def test_schemas_are_made_once() -> None:
    assert schema_for("intent", None, COMPONENTS) is schema_for("intent", None, {})
