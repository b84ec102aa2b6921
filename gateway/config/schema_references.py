"""What the `$ref`s of a generated schema point to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.config.shape import Schema

HEAD = "#/$defs/"
"""What every reference begins with."""


def refer_to(name: str) -> Schema:
    """A reference to a definition."""
    return {"$ref": f"{HEAD}{name}"}


def name_in(reference: Schema) -> str:
    """The name of the definition that a schema refers to."""
    name: str = reference["$ref"]
    return name.removeprefix(HEAD)


def needed_by(schema: Schema, definitions: Mapping[str, Schema]) -> dict[str, Schema]:
    """All definitions that a schema refers to, directly or by others, in the order of their names.

    A `$ref` inside of an example that names no definition is data.
    """
    needed: dict[str, Schema] = {}
    waiting: list[Any] = [schema]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            if isinstance(item.get("$ref"), str) and (name := name_in(item)) in definitions and name not in needed:
                needed[name] = definitions[name]
                waiting.append(definitions[name])
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return dict(sorted(needed.items()))
