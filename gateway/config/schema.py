"""The schemas of the language; here also the published files, for editors (yaml-language-server, by a modeline) and for reading.

The files say the same as the schemas that documents are checked by, with the kinds of one file side by side (`anyOf`, told apart by
`const`), examples on every key, and `${ env.X }` possible wherever a number, a boolean, a duration or a choice is asked for.
A document that `extends` another is taken for the part that it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.config.editor_schema import ENVIRONMENT_SCHEMA, EditorSchema, status_of
from gateway.config.json_text import json_text
from gateway.config.key_examples import KeyExamples, key_examples
from gateway.config.key_reference import Reference
from gateway.config.kind_schema import (
    DIALECT,
    DISCRIMINATORS,
    Components,
    assemble,
    branches_of,
    discriminator_of,
    identities_of,
    schema_for,
)
from gateway.config.partial_schema import part_of, parts, united
from gateway.config.positions import Position, positions
from gateway.config.schema_references import name_in, needed_by, refer_to
from gateway.config.shape import Schema
from gateway.config.wording import either

__all__ = ["FILES", "OVERLAY", "Position", "discriminator_of", "generate", "positions", "schema_for", "schema_of"]

FILES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "gateway.json": ("gateway.yaml", ("gateway",)),
    "source.json": ("A source", ("source",)),
    "intent.json": ("An intent", ("intent",)),
    "route.json": ("A route", ("route",)),
    "transform.json": ("A transform", ("transform",)),
    "policy.json": ("A policy", ("policy",)),
    "test.json": ("A spec test", ("test",)),
    "spec.json": ("Any document in specs/", ("source", "route", "transform", "intent")),
}
"""File name → title and the kinds of document that it describes, in the order in which their keys decide."""

OVERLAY = "overlay.json"
"""The file for `gateway.<env>.yaml`, which is laid over `gateway.yaml`."""

_EXTENDED = frozenset({"source", "intent"})
"""The kinds that have `extends`."""

_PICKS = {
    "source": "What the source is; the other keys follow from it.",
    "policy": "What the policy is about; the other keys follow from it.",
}


def generate(components: Components) -> dict[str, str]:
    """The text of every schema file, by file name. The same components always give the same text."""
    examples = key_examples(components)
    files = {name: _file(title, kinds, components, examples) for name, (title, kinds) in FILES.items()}
    return {**files, OVERLAY: _overlay(components, examples)}


def _file(title: str, kinds: Sequence[str], components: Components, examples: KeyExamples) -> str:
    published = _Definitions(kinds, components, examples)
    references = [published.reference(kind) for kind in kinds]
    root = references[0] if len(kinds) == 1 else _dispatch(kinds, references, published.keys_of_kinds())
    return published.text(title, root)


def _overlay(components: Components, examples: KeyExamples) -> str:
    published = _Definitions(("gateway",), components, examples)
    return published.text("gateway.<env>.yaml, laid over gateway.yaml", part_of(published.reference("gateway")))


def schema_of(references: Sequence[Reference], components: Components) -> Schema:
    """What is published of one key, as a schema of its own; of several forms of it, each keeps its own definitions."""
    examples = key_examples(components)
    schemas = [_schema_of(reference, examples) for reference in references]
    if len(schemas) == 1:
        return {"$schema": DIALECT, **schemas[0]}
    names = ["/".join(reference.forms) for reference in references]
    return {"$schema": DIALECT, "anyOf": [{"$id": f"urn:gateway:{name}", **schema} for name, schema in zip(names, schemas, strict=True)]}


def _schema_of(reference: Reference, examples: KeyExamples) -> Schema:
    editing = EditorSchema(examples, environment=not reference.path.startswith("test"))
    own = {word: item for word, item in reference.schema.items() if word not in {"$schema", "$defs"}}
    schema = editing.model(own) if reference.whole else editing.key(reference.key, own)
    definitions = {name: editing.model(item) for name, item in reference.definitions.items()}
    needed = needed_by(schema, {**definitions, "from_environment": ENVIRONMENT_SCHEMA})
    return {**schema, **({"$defs": needed} if needed else {})}


def _dispatch(kinds: Sequence[str], references: Sequence[Schema], keys: Mapping[str, Schema]) -> Schema:
    """The first kind whose key is there decides; where none is, only those keys are proposed."""
    message = f"a document here starts with {either([f'{kind}:' for kind in sorted(kinds)])}"
    nothing = {"anyOf": [{"required": [kind], "errorMessage": message} for kind in sorted(kinds)]}
    schema: Schema = {"type": "object", "properties": keys, **nothing}
    for kind, reference in reversed(list(zip(kinds, references, strict=True))):
        schema = {"if": {"required": [kind]}, "then": reference, "else": schema}
    return {"type": "object", **schema}


def _form(kind: str, name: str, model: Schema) -> Schema:
    """One form of a document that has several: its title and the key that picks it tell what it is."""
    key = DISCRIMINATORS[kind]
    picked = model["properties"][key]
    told = " ".join(text for text in (model["description"], status_of(picked)) if text)
    return {**model, "title": f"{kind.capitalize()}: {name}", "properties": {**model["properties"], key: {**picked, "description": told}}}


class _Definitions:
    """Everything that the schema of these kinds may refer to; only what it does refer to gets into its text."""

    def __init__(self, kinds: Sequence[str], components: Components, examples: KeyExamples) -> None:
        branches = {kind: branches_of(kind, components) for kind in kinds}
        identities = identities_of(components) if "gateway" in kinds else ()
        every = [branch for kind in kinds for branch in branches[kind]]
        references, definitions = assemble(every, identities)
        editing = EditorSchema(examples, environment="test" not in kinds)
        models = {name: editing.model(schema) for name, schema in definitions.items()}
        for branch, reference in zip(every, references, strict=True):
            if branch.choice is not None:
                name = name_in(reference)
                models[name] = _form(branch.kind, branch.choice.name, models[name])
        self._all: dict[str, Schema] = {**models, **parts(models), "from_environment": ENVIRONMENT_SCHEMA}
        self._own = {kind: [references.pop(0) for _ in branches[kind]] for kind in kinds}

    def keys_of_kinds(self) -> dict[str, Schema]:
        """The keys that tell the kinds."""
        return {kind: self._followed(own[0])["properties"][kind] for kind, own in self._own.items()}

    def reference(self, kind: str) -> Schema:
        """The schema of a kind, most often a `$ref`."""
        own = self._own[kind]
        whole = self._defined(kind, self._alternatives(kind)) if kind in DISCRIMINATORS else own[0]
        if kind not in _EXTENDED:
            return whole
        return {"if": {"required": ["extends"]}, "then": self._defined(f"{kind}.extending", self._extending(kind)), "else": whole}

    def text(self, title: str, root: Schema) -> str:
        """The file whose root is this schema."""
        schema = {"$schema": DIALECT, "title": title, **{word: item for word, item in self._followed(root).items() if word != "title"}}
        return json_text({**schema, "$defs": needed_by(schema, self._all)})

    def _alternatives(self, kind: str) -> Schema:
        """Documents of a kind that has several forms. What none of them is called is told once, by the key that picks."""
        key = DISCRIMINATORS[kind]
        choice = self._choice(kind)
        others = {"properties": {key: {"not": {"enum": choice["enum"]}}}}
        keys = {kind: self._followed(self._own[kind][0])["properties"][kind], key: choice}
        forms = {"required": list(keys), "anyOf": [*self._own[kind], others]}
        return {"title": f"Any {kind}", "type": "object", "properties": keys, **forms}

    def _extending(self, kind: str) -> Schema:
        """Documents of a kind with `extends`."""
        own = self._own[kind]
        keys = self._followed(own[0])["properties"]
        whole = self._followed(united([part_of(reference) for reference in own], self._all))
        strict = {name: keys[name] for name in (kind, "extends")} | (
            {DISCRIMINATORS[kind]: self._choice(kind)} if kind in DISCRIMINATORS else {}
        )
        return {**whole, "title": f"Extending {kind}", "properties": {**whole["properties"], **strict}, "required": [kind]}

    def _choice(self, kind: str) -> Schema:
        """The key that picks the form of a document, with what each form is."""
        key = DISCRIMINATORS[kind]
        forms = [self._followed(reference)["properties"][key] for reference in self._own[kind]]
        names = [form["const"] for form in forms]
        told = [form["description"] for form in forms]
        return {"description": _PICKS[kind], "examples": names[:1], "enum": names, "enumDescriptions": told}

    def _defined(self, name: str, schema: Schema) -> Schema:
        self._all[name] = schema
        return refer_to(name)

    def _followed(self, schema: Schema) -> Schema:
        return self._all[name_in(schema)] if "$ref" in schema else schema
