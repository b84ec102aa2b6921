"""What each value of a document is for: plain data, a secret, an expression, a template or a JSON Schema (language §2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from gateway.config.shape import SECRET_OWNERS, Schema, Shapes
from gateway.sdk.problem import Path

PositionKind = Literal["plain", "secret", "expression", "template", "json_schema"]

_KINDS: dict[str, PositionKind] = {"expression": "expression", "template": "template", "json_schema": "json_schema", "secret": "secret"}


class Position(NamedTuple):
    """One value: where it is, what it is for, and the schema that it has to meet (`{}` where any value will do).

    `plain` and `secret` are scalars, resolved at load; in `secret` ones `${ secret.x }` is allowed beside `${ env.X }`, and by
    mistake a list or mapping may stand in place of one. A template or a JSON Schema is given whole, at its top.
    """

    path: Path
    kind: PositionKind
    schema: Schema


def positions(schema: Schema, data: Any, shapes: Shapes | None = None) -> Iterator[Position]:
    """Every position of a document that the schema knows, in the order written.

    `schema` is one of `schema_for`, `shapes` its `shapes_for`; `data` need not meet it: what has no place in it is passed over.
    """
    yield from _positions(shapes or Shapes(schema), schema, data, (), secret=False)


def _positions(shapes: Shapes, schema: Schema, value: Any, path: Path, *, secret: bool) -> Iterator[Position]:
    kind: PositionKind = "secret" if secret else "plain"
    shape = shapes.fitting(schema, value)
    if shape is None:
        kind = _kind_of_any(shapes.choices(schema), kind)
        if not isinstance(value, dict | list) or kind == "secret":
            yield Position(path, kind, _first_scalar(shapes.choices(schema)))
        return
    special = _KINDS.get(shape.get("x-gateway-kind", ""))
    if special in {"expression", "template", "json_schema"} or not isinstance(value, dict | list):
        yield Position(path, special or kind, shape)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _positions(shapes, shape.get("items", {}), item, (*path, index), secret=secret)
    else:
        yield from _members(shapes, shape, value, path, secret=secret)


def _members(shapes: Shapes, shape: Schema, value: dict[str, Any], path: Path, *, secret: bool) -> Iterator[Position]:
    declared: dict[str, Schema] = shape.get("properties", {})
    others = shape.get("additionalProperties", {})
    for key, item in value.items():
        if key in declared:
            below = secret or key in SECRET_OWNERS or key == "url"
            yield from _positions(shapes, declared[key], item, (*path, key), secret=below)
        elif others is not False:
            yield from _positions(shapes, {} if others is True else others, item, (*path, key), secret=secret)


def _kind_of_any(choices: list[Schema], kind: PositionKind) -> PositionKind:
    """The kind of a scalar whose YAML type is none of those asked for."""
    return "secret" if any(choice.get("x-gateway-kind") == "secret" for choice in choices) else kind


def _first_scalar(choices: list[Schema]) -> Schema:
    """What a text of the environment is to become where a number, a boolean or a duration is asked for."""
    return next((choice for choice in choices if choice.get("type") not in {"object", "array"}), {})
