"""The published schema files: complete, true, and of the same opinion as the checker."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from gateway.config.key_examples import EXAMPLES
from gateway.config.kind_schema import discriminator_of, schema_for
from gateway.config.schema import FILES, generate
from tests.config.test_walk import VALUES, changed, examples, paths_in
from tests.config.written import COMPONENTS

SCHEMAS = {name: json.loads(text) for name, text in generate(COMPONENTS).items()}


def keys_of(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every key of every mapping: the mapping's title, the key, its schema."""
    for model in [schema, *schema["$defs"].values()]:
        for key, item in model.get("properties", {}).items():
            yield str(model.get("title")), key, item


def test_there_is_one_for_each_kind() -> None:
    assert sorted(SCHEMAS) == sorted(FILES)
    assert {"gateway.json", "source.json", "intent.json", "route.json", "transform.json", "policy.json", "test.json", "spec.json"} == set(
        SCHEMAS
    )


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_key_is_explained_with_examples(name: str) -> None:
    """An editor shows both; a key without them is a key that nobody can use."""
    schema = SCHEMAS[name]
    for title, key, item in keys_of(schema):
        model = schema["$defs"].get(item.get("$ref", "").rpartition("/")[2], {})
        assert item.get("description", model.get("description")), (title, key)
        assert item.get("examples"), (title, key)


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_examples_are_true(name: str) -> None:
    schema = SCHEMAS[name]
    for title, key, item in keys_of(schema):
        validator = jsonschema.Draft202012Validator({**item, "$defs": schema["$defs"]})
        assert [example for example in item["examples"] if not validator.is_valid(example)] == [], (title, key)


@pytest.mark.parametrize("kind", ["gateway", "intent", "route", "transform", "policy", "source", "test"])
def test_same_opinion_as_the_checker(kind: str) -> None:
    """For example documents with one change each: valid in the editor exactly where it is valid for the gateway."""
    draw = random.Random(kind)
    published = jsonschema.Draft202012Validator(SCHEMAS[f"{kind}.json"])
    for written in examples(EXAMPLES / f"{kind}.yaml"):
        exact = jsonschema.Draft202012Validator(schema_for(kind, discriminator_of(kind, written.data), COMPONENTS))
        assert published.is_valid(written.data)
        paths = [path for path in paths_in(written.data) if path]
        for path in draw.sample(paths, min(len(paths), 25)):
            data = changed(written.data, path, draw.randrange(4), draw.choice(VALUES))
            assert published.is_valid(data) == exact.is_valid(data), (path, data)


def test_environment_is_possible_where_no_text_is() -> None:
    validator = jsonschema.Draft202012Validator(SCHEMAS["gateway.json"])
    server = {"port": "${ env.PORT }", "max_body": "${ env.SIZE }", "drain": "${ env.DRAIN }"}
    assert validator.is_valid({"gateway": "a", "server": server, "telemetry": {"metrics": "${ env.M }", "logs": "${ env.L }"}})
    assert not validator.is_valid({"gateway": "a", "server": {"port": "8080"}})
    assert not jsonschema.Draft202012Validator(SCHEMAS["test.json"]).is_valid(
        {"test": "a", "cases": [{"name": "x", "expect": {"within": "${ env.T }"}}]}
    )


def test_spec_takes_any_document_of_specs() -> None:
    validator = jsonschema.Draft202012Validator(SCHEMAS["spec.json"])
    for kind in ("source", "intent", "route", "transform"):
        assert all(validator.is_valid(written.data) for written in examples(EXAMPLES / f"{kind}.yaml"))
    assert not validator.is_valid({"policy": "roles", "roles": {}})


def test_references_stay_inside() -> None:
    """Editors work offline, and nothing that is there is unused."""
    for schema in SCHEMAS.values():
        text = json.dumps(schema)
        wanted = {part.split('"')[0] for part in text.split('"$ref": "#/$defs/')[1:]}
        assert text.count('"$ref"') == text.count('"$ref": "#/$defs/')
        assert wanted == set(schema["$defs"])


def test_what_is_not_in_force_is_said() -> None:
    (description,) = [item["description"] for title, key, item in keys_of(SCHEMAS["intent.json"]) if (title, key) == ("Step", "cache")]
    assert description.endswith("Checked, but not in force in this release.")


def test_text_is_always_the_same() -> None:
    assert generate(COMPONENTS) == generate(dict(reversed(list(COMPONENTS.items()))))
