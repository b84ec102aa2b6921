"""What callers may send as an intent's input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.config.loaded import Parsed
from gateway.config.models import Intent
from gateway.planner.audit.notes import Notes
from gateway.planner.planned import Planned

BOUNDS = frozenset({"maxLength", "pattern", "enum", "const", "format", "$ref", "anyOf", "oneOf", "allOf"})
"""Any of these bounds a text, or leads to what may."""


def open_inputs(planned: Planned, notes: Notes) -> None:
    """GA601"""
    for parsed, schema in _inputs(planned):
        if not {"additionalProperties", "unevaluatedProperties", "$ref"} & schema.keys():
            notes.add("GA601", f"`input` of `{parsed.name}` takes any further member", parsed.document, ("input",), key=True)


def unbounded_inputs(planned: Planned, notes: Notes) -> None:
    """GA602, one finding an intent."""
    for parsed, schema in _inputs(planned):
        names = list(_unbounded(schema))
        if names:
            told = ", ".join(f"`{name}`" for name in names)
            notes.add("GA602", f"no bounds for {told} of `{parsed.name}`", parsed.document, ("input", "properties", names[0]), key=True)


def _inputs(planned: Planned) -> Iterator[tuple[Parsed[Intent], Mapping[str, Any]]]:
    for versions in planned.loaded.intents.values():
        for parsed in versions:
            if isinstance(parsed.model.input, dict):
                yield parsed, parsed.model.input


def _unbounded(schema: Mapping[str, Any]) -> Iterator[str]:
    properties = schema.get("properties")
    for name, member in properties.items() if isinstance(properties, dict) else ():
        kind = member.get("type") if isinstance(member, dict) else None
        kinds = kind if isinstance(kind, list) else [kind]
        if ("string" in kinds and not BOUNDS & member.keys()) or ("array" in kinds and not {"maxItems", "enum", "const"} & member.keys()):
            yield name
