"""What is published of a masked value holds for it, masked or not."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.expressions import Label, schema_of
from gateway.planner.masked_shape import masked_shape
from gateway.runtime.masks import MaskKind
from tests.expressions.inferring import lists, objects, shape_of


def published(schema: Any, *masks: MaskKind) -> Any:
    def masks_of(labels: frozenset[Label]) -> frozenset[MaskKind]:
        return frozenset(masks) if any(label.classification == "pii" for label in labels) else frozenset()

    return schema_of(masked_shape(shape_of(schema), masks_of))


def pii(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "classification": "pii", **more}


@pytest.mark.parametrize(
    ("schema", "masks", "found"),
    [
        (pii("string"), ["partial"], {"type": "string"}),
        (pii("string"), ["remove", "partial"], {"type": ["null", "string"]}),
        (pii("string", enum=["a", "b"]), ["hash"], {"type": "string"}),
        (pii("integer"), ["last4"], {"type": ["integer", "null"]}),
        (pii("integer"), ["tokenize"], {"type": ["integer", "string"]}),
        (pii("number"), ["hash", "partial"], {"type": ["null", "number", "string"]}),
        (pii("boolean"), ["hash"], {"type": ["boolean", "null"]}),
        (pii("string"), [], {"type": "string"}),
        ({"type": "string", "enum": ["a"]}, ["remove"], {"type": "string", "enum": ["a"]}),
    ],
)
def test_a_value(schema: Any, masks: list[MaskKind], found: Any) -> None:
    assert published(schema, *masks) == found


def test_what_is_in_it() -> None:
    schema = objects("a rows", a=pii("string"), b="string", rows=lists(pii("boolean")))
    assert published(schema, "remove")["properties"] == {
        "a": {"type": ["null", "string"]},
        "b": {"type": ["null", "string"]},
        "rows": {"type": "array", "items": {"type": ["boolean", "null"]}},
    }


def test_further_members() -> None:
    schema = {"type": "object", "additionalProperties": pii("number")}
    assert published(schema, "hash")["additionalProperties"] == {"type": ["number", "string"]}


def test_what_contains_itself() -> None:
    schema = {"$ref": "#/$defs/n", "$defs": {"n": objects("next", name=pii("string"), next={"$ref": "#/$defs/n"})}}
    assert published(schema, "remove")["properties"]["name"] == {"type": ["null", "string"]}
