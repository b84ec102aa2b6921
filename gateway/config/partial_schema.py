"""The schema of a document that is laid over another: nothing is missing in it, and null removes (language §1).

So are documents with `extends`, which may lack even what tells their kind, and `gateway.<env>.yaml`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.config.schema_references import name_in, refer_to
from gateway.config.shape import Schema

Definitions = Mapping[str, Schema]

_OF_THE_WHOLE = frozenset({"required", "minProperties", "maxProperties", "allOf", "dependentSchemas"})
_TOLD = frozenset({"title", "description", "examples", "default", "x-gateway-status"})
_SUFFIX = ".part"


def parts(definitions: Definitions) -> dict[str, Schema]:
    """Each definition of a mapping once more, under its name with `.part`, for one that is merged into another."""
    return {name + _SUFFIX: _loose(schema) for name, schema in definitions.items() if "properties" in schema}


def part_of(reference: Schema) -> Schema:
    """The `$ref` to what `parts` made of a definition."""
    return refer_to(name_in(reference) + _SUFFIX)


def united(schemas: Sequence[Schema], definitions: Definitions) -> Schema:
    """One schema that takes everything that any of these takes, the keys of mappings side by side."""
    if len(_once(schemas)) == 1:
        return schemas[0]
    told = {word: item for word, item in schemas[0].items() if word in _TOLD}
    choices = _once([choice for schema in schemas for choice in _choices(schema)])
    resolved = [(choice, definitions[name_in(choice)] if "$ref" in choice else choice) for choice in choices]
    models = [pair for pair in resolved if "properties" in pair[1]]
    maps = [pair for pair in resolved if pair not in models and isinstance(pair[1].get("additionalProperties"), dict)]
    whole = [choice for choice, _ in models] if len(models) < 2 else [_one_model([model for _, model in models], definitions)]
    whole += [choice for choice, _ in maps] if len(maps) < 2 else [_one_map([item for _, item in maps], definitions)]
    whole += [pair[0] for pair in resolved if pair not in models and pair not in maps]
    return {**told, **whole[0]} if len(whole) == 1 else {**told, "anyOf": whole}


def _loose(schema: Schema) -> Schema:
    """Lists are replaced as a whole, so what is in them stays as strict as it was."""
    loose = {word: item for word, item in schema.items() if word not in _OF_THE_WHOLE}
    if "$ref" in schema and name_in(schema) != "from_environment":
        loose |= part_of(schema)
    if "properties" in schema:
        loose["properties"] = {name: _or_null(_loose(item)) for name, item in schema["properties"].items()}
    if isinstance(schema.get("additionalProperties"), dict):
        loose["additionalProperties"] = _or_null(_loose(schema["additionalProperties"]))
    if "anyOf" in schema and "x-gateway-kind" not in schema:
        loose["anyOf"] = [_loose(choice) for choice in schema["anyOf"]]
    return loose


def _or_null(schema: Schema) -> Schema:
    if "type" in schema:
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        return {**schema, "type": [*kinds, "null"]}
    if not schema.keys() & {"anyOf", "$ref", "enum", "const"}:
        return schema
    told = {word: item for word, item in schema.items() if word in _TOLD}
    return {**told, "anyOf": [*_choices(schema), {"type": "null"}]}


def _choices(schema: Schema) -> list[Schema]:
    """What a schema takes, without what it tells."""
    value = {word: item for word, item in schema.items() if word not in _TOLD}
    return value["anyOf"] if set(value) == {"anyOf"} else [value if "properties" not in schema else schema]


def _one_model(models: Sequence[Schema], definitions: Definitions) -> Schema:
    names = dict.fromkeys(name for model in models for name in model["properties"])
    keys = {name: united([model["properties"][name] for model in models if name in model["properties"]], definitions) for name in names}
    return {**models[0], "properties": keys}


def _one_map(maps: Sequence[Schema], definitions: Definitions) -> Schema:
    return {**maps[0], "additionalProperties": united([item["additionalProperties"] for item in maps], definitions)}


def _once(items: Sequence[Any]) -> list[Any]:
    return [item for index, item in enumerate(items) if item not in items[:index]]
