"""One document against the model of its kind: placed problems, or the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from gateway.config.document import Document
from gateway.config.faults import Faults
from gateway.config.kind_schema import DISCRIMINATORS, discriminator_of, known_discriminators, model_for, schema_for, verdict_for
from gateway.config.suggest import certain, closest
from gateway.config.walk import Walk
from gateway.config.wording import listed, quoted
from gateway.sdk.component import Component
from gateway.sdk.fields import decode_hook
from gateway.sdk.problem import Problem

Components = Mapping[tuple[str, str], Component]


def validate(document: Document, kind: str, components: Components) -> list[Problem]:
    """Everything wrong with a document, in the order of its lines; warnings for keys that are not in force yet.

    Never raises for content. A scalar that still holds an unresolved `${ env.X }` is passed over.
    """
    key = DISCRIMINATORS.get(kind)
    if key is not None and isinstance(document.data, dict) and key in document.data:
        unknown = _unknown_kind(document, kind, key, components)
        if unknown:
            return unknown
    discriminator = discriminator_of(kind, document.data)
    if verdict_for(kind, discriminator, components)(document.data):
        return []
    walk = Walk(document, kind, schema_for(kind, discriminator, components))
    walk.run()
    return sorted(walk.faults.problems, key=lambda problem: (problem.place.line, problem.place.column, problem.code))


def parse(document: Document, kind: str, components: Components) -> Any:
    """The document as its model. Call it only where `validate` found no error; raises `msgspec.ValidationError` otherwise."""
    model = model_for(kind, discriminator_of(kind, document.data), components)
    return msgspec.convert(document.data, model, dec_hook=decode_hook)


def _unknown_kind(document: Document, kind: str, key: str, components: Components) -> list[Problem]:
    """The one problem of a source or policy of unknown kind: what its other keys should be, nobody can tell."""
    written = document.data[key]
    known = known_discriminators(kind, components)
    if written in known or not isinstance(written, str):
        return []
    near = closest(written, known)
    faults = Faults(document, kind)
    faults.add(
        "GW104",
        f"there is no {kind} of the kind {quoted(written)}",
        (key,),
        hint=f"did you mean `{near}`?" if near else None,
        help=f"known kinds: {listed(known)}",
        fix=certain(written, near, known),
    )
    return faults.problems
