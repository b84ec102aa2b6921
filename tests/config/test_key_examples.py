"""Examples for keys come from documents."""

from __future__ import annotations

from gateway.config.key_examples import KeyExamples, example_documents, key_examples
from gateway.config.kind_schema import KINDS, schema_for
from tests.config.written import COMPONENTS


def test_written_ones_go_first_and_short_ones_before_long() -> None:
    schema = schema_for("intent", None, COMPONENTS)
    examples = KeyExamples()
    for deadline in ("1500ms", "2s", "30s"):
        examples.collect(schema, {"intent": "a", "deadline": deadline, "steps": {"s": {"call": "a.b", "unknown": 1}}})
    assert examples.of("deadline", schema["properties"]["deadline"]) == ["2s", "30s"]
    assert examples.of("call", schema["$defs"]["Step"]["properties"]["call"]) == ["a.b"]


def test_else_the_default_else_what_the_schema_tells() -> None:
    examples = KeyExamples()
    assert examples.of("a", {"default": "5s", "type": "string"}) == ["5s"]
    assert examples.of("a", {"enum": ["x", "y"]}) == ["x"]
    assert examples.of("a", {"type": "integer", "minimum": 3}) == [3]
    assert examples.of("a", {"type": "boolean"}) == [True]
    assert examples.of("a", {"type": "string", "x-gateway-kind": "duration"}) == ["2s"]
    assert examples.of("a", {"type": "string"}) == []


def test_only_long_examples_are_better_than_none() -> None:
    schema = schema_for("transform", None, COMPONENTS)
    examples = KeyExamples()
    examples.collect(schema, {"transform": "a", "output": "x" * 1000})
    assert examples.of("output", schema["properties"]["output"]) == ["x" * 1000]


def test_models_that_inherit_a_key_share_its_examples() -> None:
    found = key_examples(COMPONENTS)
    for name in ("http", "sql", "vector"):
        schema = schema_for("source", name, COMPONENTS)
        assert found.of("rate", schema["properties"]["rate"]) == [{"requests_per_second": 200}]


def test_documents_of_every_kind() -> None:
    assert {kind for kind, _ in example_documents(COMPONENTS)} == set(KINDS)
