"""What the quick look accepts, the walk has nothing to say about; and what is usual, the quick look accepts."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from gateway.config.document import Document
from gateway.config.key_examples import EXAMPLES
from gateway.config.kind_schema import discriminator_of, schema_for, verdict_for
from gateway.config.kinds import kind_among
from gateway.config.strict_yaml import read_yaml
from gateway.config.verdict import verdict
from gateway.config.walk import Walk
from tests.config.test_walk import VALUES, changed, examples, paths_in
from tests.config.written import COMPONENTS

ROOT = Path(__file__).resolve().parents[2]
MOST_PATHS = 120
FURTHER: list[Any] = [
    *VALUES,
    "a\n",
    "on",
    "${ env.X }",
    "A b",
    1e400,
    -0.0,
    10**30,
    [None],
    {"type": "strin"},
    {"$ref": "#"},
    {"when": "a"},
]


def walked(document: Document, kind: str) -> list[str]:
    walk = Walk(document, kind, schema_for(kind, discriminator_of(kind, document.data), COMPONENTS))
    walk.run()
    return [problem.message for problem in walk.faults.problems]


def accepts(document: Document, kind: str) -> bool:
    return verdict_for(kind, discriminator_of(kind, document.data), COMPONENTS)(document.data)


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.name)
def test_a_yes_is_never_wrong(file: Path) -> None:
    """Every example document with one change after the other at many of its places."""
    draw = random.Random(file.name)
    told, sound = 0, 0
    for written in examples(file):
        paths = [path for path in paths_in(written.data) if path]
        original = written.data
        for path in draw.sample(paths, min(len(paths), MOST_PATHS)):
            for how in range(4):
                written.data = changed(original, path, how, draw.choice(FURTHER))
                faults = walked(written, file.stem)
                sound += not faults
                if accepts(written, file.stem):
                    assert faults == [], (path, how, written.data)
                    told += 1
    assert told or not sound


@pytest.mark.parametrize(
    "name", sorted(str(path.relative_to(ROOT)) for folder in ("specs", "policies") for path in (ROOT / folder).rglob("*.yaml"))
)
def test_the_assistant_is_accepted_at_once(name: str) -> None:
    for raw in read_yaml(name, (ROOT / name).read_bytes()).documents:
        assert raw.root is not None
        document = Document(raw.root, file=name)
        kind = kind_among(document.data)
        assert kind is not None
        assert accepts(document, kind)


def test_a_schema_may_hold_itself() -> None:
    below = {"type": "object", "properties": {"below": {"$ref": "#/$defs/level"}}, "additionalProperties": False}
    check = verdict({"$ref": "#/$defs/level", "$defs": {"level": below}})
    assert check({"below": {"below": {}}})
    assert not check({"below": {"above": {}}})


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "string", "minLength": 2, "maxLength": 3}, ["ab", "abc"], ["a", "abcd", 5, None]),
        ({"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}, ["a"], ["on", "a\n", "A"]),
        ({"type": "integer", "minimum": 1}, [1], [0, 1.0, True, "1"]),
        ({"type": "number", "maximum": 1}, [1, 0.5], [2, float("nan")]),
        ({"enum": ["a", "b"]}, ["a"], ["c", 1]),
        ({"const": "a"}, ["a"], ["b"]),
        ({"type": "array", "items": {"type": "boolean"}, "minItems": 1}, [[True]], [[], [1], {}]),
        ({"type": "object", "required": ["a"], "properties": {"a": {}}}, [{"a": None, "b": 1}], [{}, []]),
        ({"type": "object", "x-gateway-exactly-one": [["a", "b"]]}, [{"a": 1}, {"a": 1, "b": False}], [{}, {"a": 1, "b": 1}]),
        ({"type": "object", "x-gateway-only-with": {"a": ["b"]}}, [{}, {"b": 1}, {"a": 1, "b": 1}], [{"a": 1}]),
        ({"type": "object", "propertyNames": {"pattern": "^x"}, "maxProperties": 1}, [{"xa": 1}], [{"a": 1}, {"xa": 1, "xb": 1}]),
        ({"type": "object", "properties": {"a": {"x-gateway-status": "planned", "default": 1}}}, [{"a": 1}], [{"a": 2}]),
        ({"type": "string", "x-gateway-kind": "duration"}, ["2s"], ["2", "s"]),
        ({"x-gateway-kind": "json_schema"}, [True, {"type": "string"}], [None, {"type": "strin"}, {"$ref": "#"}]),
        ({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}, ["a", ["a"]], [[1], 1, {}]),
    ],
)
def test_each_rule(schema: dict[str, Any], good: list[Any], bad: list[Any]) -> None:
    check = verdict(schema)
    assert [value for value in good if not check(value)] == []
    assert [value for value in bad if check(value)] == []
