"""The published schema files: complete, true, and of the same opinion as the checker."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gateway.config.document import Document
from gateway.config.key_examples import EXAMPLES
from gateway.config.key_reference import find
from gateway.config.kind_schema import discriminator_of, known_discriminators, schema_for
from gateway.config.kinds import kind_among
from gateway.config.nodes import plain
from gateway.config.positions import positions
from gateway.config.schema import FILES, OVERLAY, generate, schema_of
from gateway.config.strict_yaml import read_yaml
from gateway.config.walk import Walk
from tests.config.test_walk import STRUCTURAL, VALUES, changed, examples, paths_in
from tests.config.written import COMPONENTS
from tests.golden.cases import PROBLEMS, read

SCHEMAS = {name: json.loads(text) for name, text in generate(COMPONENTS).items()}


def keys_of(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every key of every mapping: the mapping's title, the key, its schema."""
    for model in [schema, *schema["$defs"].values()]:
        for key, item in model.get("properties", {}).items():
            yield str(model.get("title")), key, item


def explained(schema: dict[str, Any], item: dict[str, Any]) -> bool:
    """Whether a key says what it does, itself or by the model behind it."""
    return bool(item.get("description") or schema["$defs"].get(item.get("$ref", "").rpartition("/")[2], {}).get("description"))


def shown(item: dict[str, Any]) -> bool:
    """Whether a value is there to copy, or there is nothing to choose."""
    return bool(item.get("examples")) or "const" in item


def refused_by_the_checker(kind: str, written: Document, data: Any) -> bool:
    """Whether the checker finds a fault in the shape of a document; faults inside of a JSON Schema are no fault of the document's."""
    picked = discriminator_of(kind, data)
    if picked is not None and picked not in known_discriminators(kind, COMPONENTS):
        return True
    schema = schema_for(kind, picked, COMPONENTS)
    written.data = data
    walk = Walk(written, kind, schema)
    walk.run()
    exempt = [position.path for position in positions(schema, data) if position.kind == "json_schema"]
    faults = [problem for problem in walk.faults.problems if problem.code in {*STRUCTURAL, "GW107"}]
    return any(all(problem.path[: len(place)] != place or problem.path == place for place in exempt) for problem in faults)


def test_there_is_one_for_each_kind() -> None:
    assert set(SCHEMAS) == {*FILES, OVERLAY}
    assert set(FILES) == {f"{kind}.json" for kind in ("gateway", "source", "intent", "route", "transform", "policy", "test", "spec")}


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_key_is_explained_with_examples(name: str) -> None:
    """An editor shows both; a key without them is a key that nobody can use."""
    schema = SCHEMAS[name]
    found = list(keys_of(schema))
    assert len(found) > 4
    assert [(title, key) for title, key, item in found if not explained(schema, item)] == []
    assert [(title, key) for title, key, item in found if not shown(item)] == []


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_defaults_are_told_in_words(name: str) -> None:
    """Editors show a description, and no default."""
    for title, key, item in keys_of(SCHEMAS[name]):
        if "default" in item and not isinstance(item["default"], dict | list):
            assert "default" in item["description"].lower(), (title, key)


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_examples_are_true(name: str) -> None:
    schema = SCHEMAS[name]
    for title, key, item in keys_of(schema):
        validator = jsonschema.Draft202012Validator({**item, "$defs": schema["$defs"]})
        assert [example for example in item.get("examples", ()) if not validator.is_valid(example)] == [], (title, key)
        assert "default" not in item or validator.is_valid(item["default"]), (title, key)


@pytest.mark.parametrize("kind", ["gateway", "intent", "route", "transform", "policy", "source", "test"])
def test_same_opinion_as_the_checker(kind: str) -> None:
    """For example documents with one change each: valid in the editor exactly where it is valid for the gateway."""
    draw = random.Random(kind)
    published = jsonschema.Draft202012Validator(SCHEMAS[f"{kind}.json"])
    for written in examples(EXAMPLES / f"{kind}.yaml"):
        original = {key: item for key, item in written.data.items() if key != "extends"}
        assert published.is_valid(original)
        paths = [path for path in paths_in(original) if path]
        for path in draw.sample(paths, min(len(paths), 25)):
            data = changed(original, path, draw.randrange(4), draw.choice(VALUES))
            assert published.is_valid(data) != refused_by_the_checker(kind, written, data), (path, data)


def sound_yaml(path: Path) -> Iterator[tuple[str, Document]]:
    """The documents of a golden file that are of a known kind and whole as they stand, each with its kind."""
    for name, text in read(path).files.items():
        for raw in read_yaml(name, text.encode()).documents:
            kind = None if raw.root is None else kind_among(plain(raw.root))
            if raw.root is not None and kind is not None and not raw.broken and "${ env" not in text:
                yield kind, Document(raw.root, file=name)


def test_same_opinion_about_documents_that_are_broken_otherwise() -> None:
    """The golden files: an editor says nothing of what only the whole configuration can tell, and finds what one document tells."""
    validators = {name: jsonschema.Draft202012Validator(schema) for name, schema in SCHEMAS.items()}
    opinions: set[bool] = set()
    for path in sorted(PROBLEMS.glob("*.yaml")):
        for kind, written in sound_yaml(path):
            if "extends" not in written.data:
                refused = refused_by_the_checker(kind, written, written.data)
                opinions.add(refused)
                assert validators[f"{kind}.json"].is_valid(written.data) != refused, (path.name, written.data)
    assert opinions == {True, False}


@pytest.mark.parametrize("kind", ["source", "intent"])
def test_what_extends_another_may_be_any_part_and_null(kind: str) -> None:
    """Whatever is left out or removed by null, the editor is content; an unknown key is one all the same."""
    published = jsonschema.Draft202012Validator(SCHEMAS[f"{kind}.json"])
    in_specs = jsonschema.Draft202012Validator(SCHEMAS["spec.json"])
    for written in examples(EXAMPLES / f"{kind}.yaml"):
        whole = {**written.data, "extends": "another"}
        in_maps = [path for path in paths_in(whole) if len(path) > 1 or (path and path[0] not in {kind, "extends", "type"})]
        for path in (path for path in in_maps if merged(whole, path)):
            for how, value in ((0, None), (3, None)):
                data = changed(whole, path, how, value)
                assert published.is_valid(data), (path, data)
                assert in_specs.is_valid(data), (path, data)
        assert not published.is_valid({**whole, "surplus": 1})
        assert not published.is_valid({key: item for key, item in whole.items() if key != kind})


def merged(data: Any, path: tuple[Any, ...]) -> bool:
    """Whether what is at `path` is laid upon what another document has there: no list above it, no schema, no template."""
    schemas = {"input", "params", "output_schema", "schema"}
    for step in path[:-1]:
        data = data[step]
        if isinstance(data, list) or step in schemas:
            return False
    return isinstance(path[-1], str)


def test_an_overlay_may_be_any_part() -> None:
    validator = jsonschema.Draft202012Validator(SCHEMAS[OVERLAY])
    assert validator.is_valid({"server": {"tls": None, "port": 80}, "tenants": {"known": {"acme": None}}})
    assert not validator.is_valid({"server": {"prot": 80}})
    assert not validator.is_valid({"identity": [{}]}), "a list is replaced, so what is in it is whole"


def test_rules_between_keys() -> None:
    validator = jsonschema.Draft202012Validator(SCHEMAS["intent.json"])

    def step(**keys: Any) -> bool:
        return validator.is_valid({"intent": "a", "steps": {"s": keys}})

    rows = {"left": "a", "right": "b", "by": "k"}
    assert step(call="a.b", timeout="1s")
    assert not step(when="x")
    assert not step(call="a.b", let={"x": 1})
    assert not step(let={"x": 1}, timeout="1s")
    assert not step(call="a.b", concurrency=2)
    assert step(join={**rows, "as": "x", "merge": False})
    assert step(join={**rows, "merge": True})
    assert not step(join={**rows, "as": "x", "merge": True})
    assert not step(join={**rows, "merge": False})
    assert not step(join=rows)


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
    told = [item["description"] for title, key, item in keys_of(SCHEMAS["intent.json"]) if (title, key) == ("Step", "await_callback")]
    assert told
    assert all(description.endswith("Checked, but not in force in this release.") for description in told)


def test_text_is_always_the_same() -> None:
    assert generate(COMPONENTS) == generate(dict(reversed(list(COMPONENTS.items()))))


def test_the_schema_of_one_key_stands_alone() -> None:
    schema = schema_of(find("intent.steps.*.join", COMPONENTS), COMPONENTS)
    validator = jsonschema.Draft202012Validator(schema)
    assert schema["description"] == "Joins two lists by key, in memory."
    assert set(schema["$defs"]) == {"Join", "JoinKeys", "from_environment"}
    assert validator.is_valid({"left": "a", "right": "b", "by": "k", "as": "x"})
    assert not validator.is_valid({"left": "a", "right": "b", "by": "k"})
