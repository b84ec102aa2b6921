"""Finds a key of the language by its path, such as `intent.steps.*.fallback` or `source.http.operations.*.batch`.

A path begins with a kind of document; a source's type or a policy's kind may follow. `*` stands for the name of one of a map of
named things, or for an entry of a list; any name does as well, and `*` for entries may be left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from gateway.config.kind_schema import DISCRIMINATORS, KINDS, Components, known_discriminators, schema_for
from gateway.config.shape import Schema, Shapes
from gateway.config.suggest import closest

_ANY = "*"
_OPAQUE = frozenset({"template", "json_schema"})


class Reference(NamedTuple):
    """A key as the language has it, or with `whole` a document.

    `forms` are the source types or policy kinds that have it so, empty where all have or the path names one. `schema` is as it
    is written for this key, most often beside a `$ref`; `definitions` are those that it may refer to.
    """

    path: str
    key: str
    schema: Schema
    required: bool
    whole: bool
    forms: tuple[str, ...]
    definitions: dict[str, Schema]


class UnknownKey(Exception):
    """There is no such key. `near` is the path that was probably meant; `known` are the names that are there instead."""

    def __init__(self, message: str, near: str | None, known: Iterable[str], depth: int = 0) -> None:
        super().__init__(message)
        self.near = near
        self.known = tuple(known)
        self.depth = depth


class _Spot(NamedTuple):
    """Where a walk along a path has come to."""

    key: str
    schema: Schema
    required: bool


def find(path: str, components: Components) -> list[Reference]:
    """The key at `path`: one, or one for each group of forms that have it differently. Raises `UnknownKey`."""
    kind, *steps = path.split(".")
    if kind not in KINDS:
        near = closest(kind, KINDS)
        raise UnknownKey(f"there is no kind `{kind}`", None if near is None else ".".join([near, *steps]), KINDS)
    forms = known_discriminators(kind, components) if kind in DISCRIMINATORS else ()
    if not forms or (steps and steps[0] in forms):
        form, steps = (steps[0], steps[1:]) if forms else (None, steps)
        return [_walked(path, kind, form, steps, components)]
    found: list[Reference] = []
    faults: list[UnknownKey] = []
    for form in forms:
        try:
            found.append(_walked(path, kind, form, steps, components)._replace(forms=(form,)))
        except UnknownKey as fault:
            faults.append(fault)
    if not found:
        raise _furthest(faults, path, steps, forms)
    if steps == [DISCRIMINATORS[kind]]:
        return [
            found[0]._replace(schema={"description": f"What the {kind} is; the other keys follow from it.", "enum": [*forms]}, forms=())
        ]
    return _grouped(found, len(forms))


def _walked(path: str, kind: str, form: str | None, steps: Sequence[str], components: Components) -> Reference:
    root = schema_for(kind, form, components)
    shapes = Shapes(root)
    spots = [_Spot(kind, root, required=True)]
    for depth, step in enumerate(steps):
        below = [spot for at in spots for spot in _below(shapes, at, step)]
        if not below:
            raise _unknown(path, len(steps) - depth, _known(shapes, spots))
        spots = below
    distinct = [spot for index, spot in enumerate(spots) if spot not in spots[:index]]
    schema = distinct[0].schema if len(distinct) == 1 else {"anyOf": [spot.schema for spot in distinct]}
    return Reference(path, distinct[0].key, schema, distinct[0].required, not steps, (), root["$defs"])


def _below(shapes: Shapes, spot: _Spot, step: str) -> list[_Spot]:
    """What is one step below: a key of that name, and where there is none, a member of a map or an entry of a list."""
    choices = [choice for choice in shapes.choices(spot.schema) if choice.get("x-gateway-kind") not in _OPAQUE]
    lists = [spot._replace(schema=choice["items"], required=False) for choice in choices if "items" in choice]
    if step == _ANY and lists:
        return lists
    keys = [(choice["properties"][step], choice) for choice in choices if step in choice.get("properties", {})]
    named = [_Spot(step, schema, step in choice.get("required", ())) for schema, choice in keys]
    named += [below for entry in lists for below in _below(shapes, entry, step)]
    maps = [choice["additionalProperties"] for choice in choices if isinstance(choice.get("additionalProperties"), dict)]
    return named or [_Spot(step, schema, required=False) for schema in maps]


def _known(shapes: Shapes, spots: Iterable[_Spot]) -> list[str]:
    """The names that could stand at the next step."""
    names: dict[str, None] = {}
    for spot in spots:
        for choice in shapes.choices(spot.schema):
            if choice.get("x-gateway-kind") not in _OPAQUE:
                names |= dict.fromkeys(choice.get("properties", ()))
                names |= dict.fromkeys(_known(shapes, [spot._replace(schema=choice["items"])]) if "items" in choice else ())
    return list(names)


def _unknown(path: str, left: int, known: Sequence[str]) -> UnknownKey:
    """The problem with the step that has `left - 1` steps behind it."""
    steps = path.split(".")
    at = len(steps) - left
    near = closest(steps[at], known)
    meant = None if near is None else ".".join([*steps[:at], near, *steps[at + 1 :]])
    return UnknownKey(f"there is no `{steps[at]}` in {'.'.join(steps[:at])}", meant, known, at)


def _furthest(faults: Sequence[UnknownKey], path: str, steps: Sequence[str], forms: Sequence[str]) -> UnknownKey:
    """Of the faults of all forms the one that shows what was meant, and otherwise all names together."""
    deepest = max(fault.depth for fault in faults)
    known = dict.fromkeys(name for fault in faults if fault.depth == deepest for name in fault.known)
    if deepest == 1:
        known |= dict.fromkeys(forms)
    return _unknown(path, len(steps) + 1 - deepest, list(known))


def _grouped(found: Sequence[Reference], every: int) -> list[Reference]:
    """One reference for all forms that have a key alike."""
    groups: dict[str, list[Reference]] = {}
    for reference in found:
        groups.setdefault(json.dumps([reference.schema, reference.required]), []).append(reference)
    joined = [(group[0], tuple(form for reference in group for form in reference.forms)) for group in groups.values()]
    return [reference._replace(forms=forms if len(forms) < every else ()) for reference, forms in joined]
