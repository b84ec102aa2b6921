"""From typed models to JSON Schema (draft 2020-12), in the form that the checker walks.

Different from what msgspec generates by itself: an optional key may be left out but not written as null (a key with nothing
behind it is a mistake, and behind `guard` a dangerous one); every default is there in the spelling of the configuration; the
rules "exactly one of" and "only with" of a model are there as `x-gateway-exactly-one` and `x-gateway-only-with`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec import inspect

from gateway.sdk.fields import schema_hook
from gateway.sdk.source_config import Model

Schema = dict[str, Any]


def model_schemas(models: Sequence[type]) -> tuple[list[Schema], dict[str, Schema]]:
    """The schema of each model (a `$ref`), and the definitions that they refer to."""
    references, definitions = msgspec.json.schema_components(models, schema_hook=schema_hook)
    for struct in _structs(models):
        _complete(definitions[_name_in(definitions, struct.cls)], struct)
    return [_without_null(reference) for reference in references], {name: _without_null(item) for name, item in definitions.items()}


def _structs(models: Sequence[type]) -> Iterator[inspect.StructType]:
    """Every struct that the models are made of, once."""
    seen: set[type] = set()
    waiting: list[inspect.Type] = list(inspect.multi_type_info(models))
    while waiting:
        item = waiting.pop()
        if isinstance(item, inspect.StructType):
            if item.cls in seen:
                continue
            seen.add(item.cls)
            yield item
        waiting.extend(_parts(item))


def _parts(item: inspect.Type) -> Sequence[inspect.Type]:
    """The types that a type is directly made of."""
    if isinstance(item, inspect.StructType):
        return [field.type for field in item.fields]
    if isinstance(item, inspect.Metadata):
        return [item.type]
    if isinstance(item, inspect.UnionType):
        return item.types
    if isinstance(item, inspect.CollectionType):
        return [item.item_type]
    if isinstance(item, inspect.DictType):
        return [item.value_type]
    return item.item_types if isinstance(item, inspect.TupleType) else ()


def _name_in(definitions: dict[str, Schema], struct: type) -> str:
    """msgspec's name for a struct: its own, or the full one where two structs share it."""
    return struct.__name__ if struct.__name__ in definitions else f"{struct.__module__}.{struct.__qualname__}"


def _complete(schema: Schema, struct: inspect.StructType) -> None:
    """Adds what msgspec can't know: defaults that are made by a function, and the model's rules."""
    for field in struct.fields:
        factory = field.default_factory
        if isinstance(factory, functools.partial):
            schema["properties"][field.encode_name]["default"] = factory.args[0]
        elif factory is not msgspec.NODEFAULT and not isinstance(factory, type):
            schema["properties"][field.encode_name]["default"] = msgspec.to_builtins(factory())
    if issubclass(struct.cls, Model):
        if struct.cls.exactly_one:
            schema["x-gateway-exactly-one"] = [list(group) for group in struct.cls.exactly_one]
        if struct.cls.only_with:
            schema["x-gateway-only-with"] = {key: list(needed) for key, needed in struct.cls.only_with.items()}


def _without_null(schema: Any) -> Any:
    """The schema without null as an alternative or default, all the way down."""
    if not isinstance(schema, dict):
        return schema
    kept = {key: _below(key, item) for key, item in schema.items() if key != "anyOf" and (key, item) != ("default", None)}
    choices = [_without_null(item) for item in schema.get("anyOf", ()) if item != {"type": "null"}]
    if len(choices) == 1:
        return {**choices[0], **kept}
    return {**kept, "anyOf": choices} if choices else kept


def _below(keyword: str, item: Any) -> Any:
    if keyword == "properties":
        return {name: _without_null(schema) for name, schema in item.items()}
    return _without_null(item) if keyword in {"items", "additionalProperties", "propertyNames"} else item
