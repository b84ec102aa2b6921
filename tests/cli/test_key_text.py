"""The reference of a key as text."""

from __future__ import annotations

from typing import Any

import pytest

from gateway import builtins
from gateway.cli.key_text import key_text, takes
from gateway.config.key_examples import KeyExamples, key_examples
from gateway.config.key_reference import Reference, find
from gateway.config.kind_schema import KINDS
from gateway.config.shape import Shapes

COMPONENTS = builtins.components()
EXAMPLES = key_examples(COMPONENTS)
MODEL = {"type": "object", "properties": {"x": {"description": "X.", "type": "integer", "default": 3}}, "required": ["x"]}


def shown(schema: dict[str, Any], *, required: bool = False) -> list[str]:
    reference = Reference("intent.key", "key", schema, required, whole=False, forms=(), definitions={"Model": MODEL})
    return key_text(reference, KeyExamples()).splitlines()


def test_one_key() -> None:
    (reference,) = find("gateway.server.port", COMPONENTS)
    assert key_text(reference, EXAMPLES).splitlines() == [
        "gateway.server.port",
        "  Port to listen on; 0 takes a free one.",
        "",
        "  takes     a whole number, at least 0, at most 65535",
        "  required  no",
        "  default   8080",
        "",
        "  example",
        "    port: 8080",
    ]


def test_keys_below_with_their_rules() -> None:
    lines = shown(
        {
            "type": "object",
            "properties": {"a": {"description": "A."}, "long": {"description": "L.", "type": "boolean", "default": False}},
            "required": ["a"],
            "x-gateway-exactly-one": [["a", "long"]],
            "x-gateway-only-with": {"long": ["a"]},
        },
        required=True,
    )
    assert "  required  yes" in lines
    assert lines[lines.index("  keys") :] == [
        "  keys",
        "    exactly one of `a` or `long`",
        "    a     A. Required.",
        "    long  L. Default: `false`. Only with `a`.",
    ]


def test_keys_of_entries_and_members() -> None:
    entries = shown({"type": "array", "items": {"$ref": "#/$defs/Model"}})
    members = shown({"type": "object", "additionalProperties": {"$ref": "#/$defs/Model"}})
    assert entries[entries.index("  keys of each entry") + 1] == "    x  X. Default: `3`. Required."
    assert members[members.index("  keys of each") + 1] == "    x  X. Default: `3`. Required."


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 1}, "a number, more than 0, at most 1"),
        ({"enum": ["a", "b"]}, "`a` or `b`"),
        ({"type": "array", "items": {"type": "boolean"}}, "a list, each entry `true` or `false`"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "a mapping by name, each a text"),
        ({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}, "a text, or a list, each entry a text"),
        ({"x-gateway-kind": "template"}, "any value, whose texts may hold `${ }`"),
        ({"x-gateway-kind": "template", "type": "string"}, "a text that may hold `${ }`"),
        ({"x-gateway-form": "a path such as `/x`", "type": "string", "pattern": "^/"}, "a path such as `/x`"),
        ({}, "any value"),
    ],
)
def test_what_is_taken(schema: dict[str, Any], words: str) -> None:
    assert takes(Shapes({}), schema) == words


@pytest.mark.parametrize("kind", KINDS)
def test_eighty_columns_are_enough_but_for_examples(kind: str) -> None:
    for reference in find(kind, COMPONENTS):
        text = key_text(reference, EXAMPLES)
        assert max(map(len, text.splitlines())) <= 80
        assert text.count("\n    ") > 2
