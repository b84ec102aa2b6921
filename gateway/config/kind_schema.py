"""The JSON Schema of each kind of document, generated from the models and the components.

A document is checked by the schema of exactly its kind: that of its source's `type`, of its `policy`. Nothing is left to
`oneOf`, so that an error names what is wrong instead of everything that it might have been.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gateway.config.model_schema import model_schemas
from gateway.config.models import POLICIES, Gateway, Intent, Policy, Route, SpecTest, Transform
from gateway.config.shape import Schema, Shapes
from gateway.config.verdict import Check, verdict
from gateway.sdk.component import Component
from gateway.sdk.source_config import SourceConfig

Components = Mapping[tuple[str, str], Component]

MODELS: Mapping[str, type] = {
    "gateway": Gateway,
    "source": SourceConfig,
    "intent": Intent,
    "route": Route,
    "transform": Transform,
    "policy": Policy,
    "test": SpecTest,
}
DIALECT = "https://json-schema.org/draft/2020-12/schema"

KINDS = tuple(MODELS)
"""Every kind of document."""

DISCRIMINATORS: Mapping[str, str] = {"source": "type", "policy": "policy"}
"""The key whose value picks the model, for kinds that have several."""


class Choice(NamedTuple):
    """A model and whether its runtime is there."""

    name: str
    model: type
    status: str


class Branch(NamedTuple):
    """One exact form of a document: its kind, and the model that its discriminator picks."""

    kind: str
    choice: Choice | None


_POLICIES: Mapping[str, Choice] = {name: Choice(name, model, status) for name, model, status in POLICIES}


def discriminator_of(kind: str, data: Any) -> str | None:
    """What a document says it is: a source's `type`, a policy's kind; None for other kinds and where it doesn't say."""
    key = DISCRIMINATORS.get(kind)
    value = data.get(key) if key is not None and isinstance(data, dict) else None
    return value if isinstance(value, str) else None


def known_discriminators(kind: str, components: Components) -> tuple[str, ...]:
    """Everything that a source's `type` or a policy's kind may be."""
    return tuple(_POLICIES) if kind == "policy" else _names(kind, components)


def model_for(kind: str, discriminator: str | None, components: Components) -> type:
    """The model of a document; the general one of its kind where the discriminator is unknown."""
    chosen = _chosen(kind, discriminator, components)
    return MODELS[kind] if chosen is None else chosen.model


def schema_for(kind: str, discriminator: str | None, components: Components) -> Schema:
    """The schema of one document: `kind` is one of `KINDS`, `discriminator` a source's type or a policy's kind.

    Where the discriminator is unknown or None for a kind that needs one, the schema holds the keys common to all and lets any
    other pass. Only components that the document can use are looked up. The result is shared: it must not be changed.
    """
    return _built(*_form(kind, discriminator, components))


def verdict_for(kind: str, discriminator: str | None, components: Components) -> Check:
    """The quick check of one document by its schema, which is that of `schema_for`."""
    return _verdict(*_form(kind, discriminator, components))


def shapes_for(kind: str, discriminator: str | None, components: Components) -> Shapes:
    """The shapes of one document's schema, which is that of `schema_for`. The result is shared."""
    return _shapes(*_form(kind, discriminator, components))


def _form(kind: str, discriminator: str | None, components: Components) -> tuple[Branch, bool, tuple[Choice, ...]]:
    """What a document's schema is made from: its exact form, whether other keys may pass, the kinds of identity."""
    chosen = _chosen(kind, discriminator, components)
    open_ended = kind in DISCRIMINATORS and chosen is None
    return Branch(kind, chosen), open_ended, identities_of(components) if kind == "gateway" else ()


def _names(kind: str, components: Components) -> tuple[str, ...]:
    return tuple(sorted(name for of, name in components if of == kind))


def _chosen(kind: str, discriminator: str | None, components: Components) -> Choice | None:
    if kind == "policy":
        return _POLICIES.get(discriminator or "")
    known = kind == "source" and discriminator is not None and ("source", discriminator) in components
    return _component("source", str(discriminator), components) if known else None


def _component(kind: str, name: str, components: Components) -> Choice:
    component = components[kind, name]
    return Choice(name, component.Config, component.status)


def branches_of(kind: str, components: Components) -> list[Branch]:
    """Every exact form that a document of a kind can have."""
    names = known_discriminators(kind, components) if kind in DISCRIMINATORS else [None]
    return [Branch(kind, _chosen(kind, name, components)) for name in names]


def assemble(branches: Sequence[Branch], identities: Sequence[Choice]) -> tuple[list[Schema], dict[str, Schema]]:
    """The `$ref` of each branch, and the definitions, in which each branch tells its own kind."""
    models = [MODELS[branch.kind] if branch.choice is None else branch.choice.model for branch in branches]
    references, definitions = model_schemas([*models, *(choice.model for choice in identities)])
    for branch, reference in zip(branches, references, strict=False):
        name = reference["$ref"].removeprefix("#/$defs/")
        definitions[name] = _specific(definitions[name], branch, identities, references[len(branches) :])
    return references[: len(branches)], definitions


def identities_of(components: Components) -> tuple[Choice, ...]:
    """Every kind of identity."""
    return tuple(_component("identity", name, components) for name in _names("identity", components))


@functools.lru_cache(maxsize=1024)
def _built(branch: Branch, open_ended: bool, identities: tuple[Choice, ...]) -> Schema:
    (reference,), definitions = assemble([branch], identities)
    own = definitions[reference["$ref"].removeprefix("#/$defs/")]
    return {"$schema": DIALECT, **own, **({"additionalProperties": True} if open_ended else {}), "$defs": definitions}


@functools.lru_cache(maxsize=1024)
def _verdict(branch: Branch, open_ended: bool, identities: tuple[Choice, ...]) -> Check:
    return verdict(_built(branch, open_ended, identities))


@functools.lru_cache(maxsize=1024)
def _shapes(branch: Branch, open_ended: bool, identities: tuple[Choice, ...]) -> Shapes:
    return Shapes(_built(branch, open_ended, identities))


def _specific(schema: Schema, branch: Branch, identities: Sequence[Choice], references: list[Schema]) -> Schema:
    """The model's schema with what only the components tell: its own kind, the kinds of identity."""
    properties = dict(schema["properties"])
    key = DISCRIMINATORS.get(branch.kind)
    if key is not None and branch.choice is not None:
        properties[key] = {"description": properties[key]["description"], "const": branch.choice.name, **_status(branch.choice)}
    if branch.kind == "gateway":
        properties["identity"] = {**properties["identity"], "items": _one_of(identities, references)}
    return {**schema, "properties": properties}


def _one_of(choices: Sequence[Choice], references: list[Schema]) -> Schema:
    """An entry that has exactly one key, the kind of component, with its options behind it."""
    described = {choice.name: {**reference, **_status(choice)} for choice, reference in zip(choices, references, strict=True)}
    return {"type": "object", "properties": described, "additionalProperties": False, "minProperties": 1, "maxProperties": 1}


def _status(choice: Choice) -> Schema:
    return {} if choice.status == "ready" else {"x-gateway-status": choice.status}
