"""Examples for every key, taken from example documents and components' examples: what is shown is what is checked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any

from gateway.config.kind_schema import Components, discriminator_of, schema_for
from gateway.config.nodes import plain
from gateway.config.shape import Schema, Shapes
from gateway.config.strict_yaml import read_yaml
from gateway.sdk.component import Component

EXAMPLES = FilePath(__file__).parent / "models" / "examples"
"""One file of example documents for each kind."""

_MOST = 2
_LONGEST = 300
_OF_KIND: Mapping[str, Any] = {
    "expression": "input.order_id",
    "duration": "2s",
    "duration_or_auto": "30s",
    "duration_range": "50ms..500ms",
    "size": "64KiB",
}
_OF_TYPE: Mapping[str, Any] = {"boolean": True}


class KeyExamples:
    """Values that were written for a key, by the key and its schema: models that inherit a key share its examples."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], dict[str, Any]] = {}

    def collect(self, schema: Schema, data: Any) -> None:
        """Takes every value of a document as an example of its key."""
        self._collect(Shapes(schema), schema, data)

    def of(self, key: str, schema: Schema) -> list[Any]:
        """The examples for a key, short ones first: written ones, else its default, else one that its schema tells."""
        written = self._values.get((key, _text(schema)), {})
        if written:
            texts = sorted(written, key=lambda text: (len(text), text))
            return [written[text] for text in texts if len(text) <= _LONGEST][:_MOST] or [written[texts[0]]]
        if "default" in schema and schema["default"] not in ([], {}):
            return [schema["default"]]
        return [] if _told_by(schema) is None else [_told_by(schema)]

    def _collect(self, shapes: Shapes, schema: Schema, value: Any) -> None:
        shape = shapes.fitting(schema, value)
        if shape is None or shape.get("x-gateway-kind") in {"template", "json_schema"}:
            return
        if isinstance(value, list):
            for item in value:
                self._collect(shapes, shape.get("items", {}), item)
        elif isinstance(value, dict):
            declared = shape.get("properties", {})
            others = shape.get("additionalProperties")
            for key, item in value.items():
                if key in declared and item is not None:
                    self._values.setdefault((key, _text(declared[key])), {})[_text(item)] = item
                    self._collect(shapes, declared[key], item)
                elif isinstance(others, dict):
                    self._collect(shapes, others, item)


def key_examples(components: Components) -> KeyExamples:
    """The examples of all documents in `EXAMPLES` and of all sources and identities."""
    found = KeyExamples()
    for kind, data in example_documents(components):
        found.collect(schema_for(kind, discriminator_of(kind, data), components), data)
    return found


def example_documents(components: Components) -> Iterator[tuple[str, Any]]:
    """Every example document with its kind; a component's comes before those that only show common keys."""
    for component in components.values():
        yield from _of_component(component)
    for file in sorted(EXAMPLES.glob("*.yaml")):
        for data in _documents(file.read_text(encoding="utf-8")):
            yield file.stem, data


def _of_component(component: Component) -> Iterable[tuple[str, Any]]:
    for data in _documents(component.example):
        if component.kind == "source":
            yield "source", data
        elif component.kind == "identity":
            entries = data["identity"] if isinstance(data, dict) and "identity" in data else data
            yield "gateway", {"gateway": "example", "identity": entries if isinstance(entries, list) else [entries]}


def _documents(text: str) -> Iterator[Any]:
    for document in read_yaml("example.yaml", text.encode()).documents:
        if document.root is not None:
            yield plain(document.root)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _told_by(schema: Schema) -> Any:
    """An example that the schema alone tells."""
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    kind, of_type = schema.get("x-gateway-kind", ""), schema.get("type", "")
    if kind in _OF_KIND:
        return _OF_KIND[kind]
    return max(1, schema.get("minimum", 1)) if of_type == "integer" else _OF_TYPE.get(of_type)
