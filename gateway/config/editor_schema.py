"""From the schema that a document is checked by to one that helps a person who writes it.

Beside the JSON Schema itself yaml-language-server and Visual Studio Code read `enumDescriptions`, and `errorMessage` and
`patternErrorMessage`: what is shown where a value is of another type, or looks otherwise. Other validators pass over all three.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from gateway.config.key_examples import KeyExamples
from gateway.config.scalar_check import NOT_NAMES
from gateway.config.shape import Schema, is_scalar, types_of
from gateway.config.wording import either, expected, spelled
from gateway.sdk.fields import NAME_PATTERN

FROM_ENVIRONMENT = r"\$\{"
"""What a text holds that is filled in from the environment when the gateway loads."""

_REFERENCE = {"$ref": "#/$defs/from_environment"}
ENVIRONMENT_SCHEMA: Schema = {
    "description": "A value of the environment such as `${ env.PORT }`, filled in once when the gateway loads.",
    "type": "string",
    "pattern": FROM_ENVIRONMENT,
}
"""The definition `from_environment`."""

_STATUS = {
    "planned": "Checked, but not in force in this release.",
    "protects": "Not in force in this release: using it is an error.",
}
_WORDED = frozenset({"duration", "duration_or_auto", "duration_range", "size", "expression"})
_PLAIN = frozenset({"integer", "number", "boolean"})
_NAMES = NAME_PATTERN.replace("^", f"^(?!(?:{'|'.join(sorted(NOT_NAMES))})$)")
_RULES = frozenset({"x-gateway-exactly-one", "x-gateway-only-with"})


def status_of(schema: Schema) -> str:
    """Whether a key is in force, in words; empty where it is."""
    return _STATUS.get(schema.get("x-gateway-status", ""), "")


def default_in_words(schema: Schema) -> str:
    """A key's default in words, where its description does not have it; editors show nothing else of it."""
    default = schema.get("default")
    told = default is None or isinstance(default, dict | list) or "by default" in schema.get("description", "")
    return "" if told else f"Default: `{spelled(default)}`."


class EditorSchema:
    """`environment` says whether documents of this kind may hold `${ env.X }`."""

    def __init__(self, examples: KeyExamples, *, environment: bool) -> None:
        self._examples = examples
        self._environment = environment

    def model(self, schema: Schema) -> Schema:
        """A model's schema: a title in words, every key explained, and the model's rules in JSON Schema."""
        if "properties" not in schema:
            return schema
        keys = {key: self.key(key, item) for key, item in schema["properties"].items()}
        kept = {word: item for word, item in schema.items() if word not in _RULES}
        title = {"title": _title(schema["title"])} if "title" in schema else {}
        return {**kept, **title, "properties": keys, **_rules(schema)}

    def key(self, key: str, schema: Schema) -> Schema:
        """A key's schema: what it does, whether it is in force, examples, then what it takes."""
        description = " ".join(text for text in (schema.get("description", ""), default_in_words(schema), status_of(schema)) if text)
        examples = [] if "const" in schema else self._examples.of(key, schema)
        annotated = {**({"description": description} if description else {}), **({"examples": examples} if examples else {})}
        value = {word: item for word, item in self._value(schema).items() if word not in annotated}
        if value.get("default") in ([], {}):
            del value["default"]  # an editor would insert it, and leave nowhere to go on
        if "$ref" in value:
            value.pop("x-gateway-status", None)  # told already; beside a `$ref` yaml-language-server would show the model's words
        return {**annotated, **value}

    def _value(self, schema: Schema) -> Schema:
        """The schema of a value, with the environment as a possibility all the way down."""
        if "properties" in schema:
            return self.model(schema)
        kind = schema.get("x-gateway-kind", "")
        if kind in {"json_schema", "template"}:
            return schema
        if "anyOf" in schema and kind != "duration_or_auto":
            return self._alternatives(schema)
        below = {word: self._value(schema[word]) for word in ("items", "additionalProperties") if isinstance(schema.get(word), dict)}
        return {**self._scalar(_without_not_names({**schema, **below})), **_messages(schema)}

    def _alternatives(self, schema: Schema) -> Schema:
        choices = [self._value(choice) for choice in schema["anyOf"]]
        flat = [part for choice in choices for part in (choice["anyOf"] if set(choice) == {"anyOf"} else [choice])]
        once = [part for index, part in enumerate(flat) if part not in flat[:index]]
        return {**schema, "anyOf": [*(part for part in once if part != _REFERENCE), *(part for part in once if part == _REFERENCE)]}

    def _scalar(self, schema: Schema) -> Schema:
        """Where the environment may give the value, its `${ }` is accepted as well: by the same pattern, or as another type."""
        kind = schema.get("x-gateway-kind")
        if not self._environment or kind == "expression" or "const" in schema or not (is_scalar(schema) or kind == "duration_or_auto"):
            return schema
        if "enum" in schema or "anyOf" in schema:
            beside = {word: item for word, item in schema.items() if word not in {"enum", "anyOf"}}
            choices = schema.get("anyOf") or [{"enum": schema["enum"]}]
            return {**beside, "anyOf": [*choices, _REFERENCE]}
        if "pattern" in schema:
            return {**schema, "pattern": f"{schema['pattern']}|{FROM_ENVIRONMENT}"}
        if schema.get("type") in _PLAIN:
            return {**schema, "type": [schema["type"], "string"], "pattern": FROM_ENVIRONMENT}
        return schema


def _without_not_names(schema: Schema) -> Schema:
    """A name's pattern without the words that are no names."""
    if schema.get("pattern") == NAME_PATTERN:
        schema = {**schema, "pattern": _NAMES}
    if schema.get("propertyNames", {}).get("pattern") == NAME_PATTERN:
        schema = {**schema, "propertyNames": {**schema["propertyNames"], "pattern": _NAMES}}
    return schema


def _messages(schema: Schema) -> Schema:
    """What an editor says about a value that has to be spelled a certain way."""
    kind = schema.get("x-gateway-kind")
    if kind in _WORDED or types_of(schema) & _PLAIN:
        return {"errorMessage": f"must be {expected([schema])}"}
    if schema.get("pattern") == NAME_PATTERN:
        return {"patternErrorMessage": "names are small letters, digits and `_`, a letter first"}
    return {"patternErrorMessage": f"must be {schema['x-gateway-form']}"} if "x-gateway-form" in schema else {}


def _rules(schema: Schema) -> Schema:
    """A model's rules "exactly one of" and "only with". Of a key that may be false, false counts as not written."""
    keys = schema["properties"]
    needs: list[Schema] = []
    depends: dict[str, Schema] = {}
    for group in schema.get("x-gateway-exactly-one", ()):
        needs.append(_one_of(group, keys, f"one of {either(group)} is needed"))
        ordered = sorted(group, key=lambda key: _may_be_false(keys[key]))
        for index, key in enumerate(ordered[:-1]):
            if not _may_be_false(keys[key]):
                message = f"{either(group, 'and')} exclude each other"
                absent = {"const": False, "errorMessage": message}
                others = {other: absent if _may_be_false(keys[other]) else False for other in ordered[index + 1 :]}
                depends[key] = {"properties": others, "errorMessage": message}
    for key, needed in schema.get("x-gateway-only-with", {}).items():
        only_with = _one_of(needed, {}, f"`{key}` is only used together with {either(needed)}")
        depends[key] = {**depends.get(key, {}), **only_with}
    return {**({"allOf": needs} if needs else {}), **({"dependentSchemas": depends} if depends else {})}


def _one_of(names: Sequence[str], keys: Mapping[str, Schema], message: str) -> Schema:
    written = {name: {"properties": {name: {"not": {"const": False}}}} for name in names if _may_be_false(keys.get(name, {}))}
    return {"anyOf": [{"required": [name], **written.get(name, {}), "errorMessage": message} for name in names]}


def _may_be_false(schema: Schema) -> bool:
    return schema.get("type") == "boolean"


def _title(name: str) -> str:
    """A model's name in words: "HttpOperationConfig" as "Http operation"."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.rpartition(".")[2].removesuffix("Config")).lower()
    return words[:1].upper() + words[1:]
