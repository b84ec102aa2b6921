"""The schemas of the language; here also the published files, for editors (yaml-language-server, by a modeline) and for reading.

The files say the same as the schemas that documents are checked by, with the kinds of one file side by side (`anyOf`, told apart by
`const`), examples on every key, and `${ env.X }` possible wherever a number, a boolean, a duration or a choice is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from gateway.config.key_examples import KeyExamples, key_examples
from gateway.config.kind_schema import DIALECT, Components, assemble, branches_of, discriminator_of, identities_of, schema_for
from gateway.config.positions import Position, positions
from gateway.config.shape import Schema, is_scalar

__all__ = ["FILES", "Position", "discriminator_of", "generate", "positions", "schema_for"]

FILES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "gateway.json": ("gateway.yaml", ("gateway",)),
    "source.json": ("A source", ("source",)),
    "intent.json": ("An intent", ("intent",)),
    "route.json": ("A route", ("route",)),
    "transform.json": ("A transform", ("transform",)),
    "policy.json": ("A policy", ("policy",)),
    "test.json": ("A spec test", ("test",)),
    "spec.json": ("Any document in specs/", ("source", "intent", "route", "transform")),
}
"""File name → title and the kinds of document that it describes."""

_FROM_ENVIRONMENT = "from_environment"
_REFERENCE = {"$ref": f"#/$defs/{_FROM_ENVIRONMENT}"}
_ENVIRONMENT_SCHEMA = {
    "title": "From the environment",
    "description": "A value of the environment, filled in once when the gateway loads.",
    "type": "string",
    "pattern": r"\$\{",
    "examples": ["${ env.PORT }"],
}
_ANNOTATIONS = frozenset({"description", "examples", "default", "x-gateway-status"})
_STATUS = {
    "planned": "Checked, but not in force in this release.",
    "protects": "Not in force in this release: using it is an error.",
}


def generate(components: Components) -> dict[str, str]:
    """The text of every schema file, by file name. The same components always give the same text."""
    examples = key_examples(components)
    return {name: _file(title, kinds, components, examples) for name, (title, kinds) in FILES.items()}


def _file(title: str, kinds: Sequence[str], components: Components, examples: KeyExamples) -> str:
    branches = [branch for kind in kinds for branch in branches_of(kind, components)]
    references, definitions = assemble(branches, identities_of(components) if "gateway" in kinds else ())
    editing = _Editing(examples, environment="test" not in kinds)
    published = {name: editing.model(schema) for name, schema in sorted(definitions.items())}
    head = {"$schema": DIALECT, "title": title}
    if len(references) == 1:
        own = published.pop(references[0]["$ref"].removeprefix("#/$defs/"))
        schema = {**head, **{key: item for key, item in own.items() if key != "title"}}
    else:
        schema = {**head, "anyOf": references}
    if editing.environment:
        published[_FROM_ENVIRONMENT] = _ENVIRONMENT_SCHEMA
    return json.dumps({**schema, "$defs": published}, indent=2, ensure_ascii=False) + "\n"


class _Editing:
    """Makes of a checker's schema one that helps a person who writes."""

    def __init__(self, examples: KeyExamples, *, environment: bool) -> None:
        self._examples = examples
        self.environment = environment

    def model(self, schema: Schema) -> Schema:
        """A model's schema: every key with its examples and its status in words."""
        keys = {key: self._key(key, item) for key, item in schema.get("properties", {}).items()}
        return {**schema, "properties": keys} if keys else schema

    def _key(self, key: str, schema: Schema) -> Schema:
        status = _STATUS.get(schema.get("x-gateway-status", ""))
        description = " ".join(text for text in (schema.get("description"), status) if text)
        examples = self._examples.of(key, schema)
        annotated = {**({"description": description} if description else {}), **({"examples": examples} if examples else {})}
        return {**annotated, **{word: item for word, item in self._value(schema).items() if word not in annotated}}

    def _value(self, schema: Schema) -> Schema:
        """The schema of a value, with the environment as an alternative all the way down."""
        below = {word: self._value(schema[word]) for word in ("items", "additionalProperties") if isinstance(schema.get(word), dict)}
        whole = {**schema, **below}
        if "properties" in schema:
            return self.model(whole)
        if not self.environment or schema.get("x-gateway-kind") == "json_schema":
            return whole
        if "anyOf" in schema:
            choices = schema["anyOf"] if "x-gateway-kind" in schema else [self._value(choice) for choice in schema["anyOf"]]
            more = [_REFERENCE] if _may_come_from_environment(schema) else []
            flat = [part for choice in choices for part in (choice["anyOf"] if set(choice) == {"anyOf"} else [choice])]
            return {**whole, "anyOf": [*(part for part in flat if part != _REFERENCE), *(more or [p for p in flat if p == _REFERENCE][:1])]}
        if not _may_come_from_environment(schema):
            return whole
        beside = {word: item for word, item in whole.items() if word in _ANNOTATIONS}
        return {**beside, "anyOf": [{word: item for word, item in whole.items() if word not in _ANNOTATIONS}, _REFERENCE]}


def _may_come_from_environment(schema: Schema) -> bool:
    """Whether a text of the environment is possible where the schema itself would refuse its `${ }`."""
    kind = schema.get("x-gateway-kind")
    if kind in {"expression", "template"} or "const" in schema:
        return False
    return kind == "duration_or_auto" or (is_scalar(schema) and bool(schema.keys() & {"pattern", "enum"} or schema.get("type") != "string"))
