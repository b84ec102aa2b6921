"""Keys that stand as far left as the key that they were meant to be below: `steps:`, and in the next line `order: …`."""

from __future__ import annotations

import re
from typing import Any

from gateway.config.shape import Schema, Shapes, types_of


def outdented(shapes: Shapes, shape: Schema, value: dict[str, Any]) -> dict[str, list[str]]:
    """By key without a value, the keys behind it that have no place in this mapping and would have one below that key."""
    found: dict[str, list[str]] = {}
    owner, below = "", None
    for key, item in value.items():
        if below is not None and not _belongs(shapes, shape, key, item) and _takes(below, key):
            found.setdefault(owner, []).append(key)
        else:
            owner, below = key, _mapping_below(shapes, shape, key) if item is None else None
    return found


def _schema_of(shape: Schema, key: str) -> Any:
    return shape.get("properties", {}).get(key, shape.get("additionalProperties", {}))


def _belongs(shapes: Shapes, shape: Schema, key: str, item: Any) -> bool:
    """Whether a key has its place in a mapping of this shape, with a value of its type."""
    schema = _schema_of(shape, key)
    return schema is not False and (not isinstance(schema, dict) or shapes.fitting(schema, item) is not None)


def _mapping_below(shapes: Shapes, shape: Schema, key: str) -> Schema | None:
    """What the key's value looks like, where that must be a mapping."""
    schema = _schema_of(shape, key)
    if not isinstance(schema, dict) or not schema or shapes.fitting(schema, None) is not None:
        return None
    return next((choice for choice in shapes.choices(schema) if "object" in types_of(choice)), None)


def _takes(below: Schema, key: str) -> bool:
    if key in below.get("properties", {}):
        return True
    names = below.get("propertyNames", {}).get("pattern", "")
    return below.get("additionalProperties", True) is not False and re.search(names, key) is not None
