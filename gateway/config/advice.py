"""How to mend a value of the wrong type."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from gateway.config.shape import Schema, Shapes, fits, types_of
from gateway.config.wording import either, spelled

TRUE_WORDS = frozenset({"yes", "on", "y", "true"})
FALSE_WORDS = frozenset({"no", "off", "n", "false"})
_LONGEST_EXAMPLE = 30
_TIGHT = re.compile(r"[a-z_]+:(?=[^\s:/])")


class Advice(NamedTuple):
    """What to write instead; `fix` is the replacement text where nothing else can be meant."""

    hint: str | None
    fix: str | None = None


def advice_for(shapes: Shapes, choices: list[Schema], value: Any) -> Advice:
    """The advice for a value that is of none of the types that `choices` ask for."""
    types = frozenset[str]().union(*(types_of(choice) for choice in choices))
    if value is None:
        return Advice("write a value, or remove the key")
    if any(choice.get("x-gateway-kind") == "expression" for choice in choices):
        return _expression(value)
    if "array" in types and not isinstance(value, list):
        return _list(shapes, choices, value)
    if "object" in types and isinstance(value, list):
        return _mapping(choices)
    if types == {"string"} and isinstance(value, list):
        return Advice("write one text, without `[ ]` or `- `")
    if isinstance(value, str):
        return _text(types, value)
    if "integer" in types and isinstance(value, float):
        return Advice("write a whole number")
    if isinstance(value, bool | int | float) and any(choice.get("type") == "string" for choice in choices):
        return Advice("put it in quotes")
    return Advice(None)


def _mapping(choices: list[Schema]) -> Advice:
    """How to write a mapping instead of a list: with keys of its own, or with names."""
    known = next((list(choice["properties"]) for choice in choices if choice.get("properties")), [])
    if any(choice.get("x-gateway-kind") == "json_schema" for choice in choices):
        known = ["type", "properties"]
    if not known:
        return Advice("write each entry as `name: …`, without `- `")
    return Advice(f"write a mapping, with keys such as {either(known[:3])}" if len(known) > 1 else f"write `{known[0]}: …`")


def _expression(value: Any) -> Advice:
    if isinstance(value, bool | int | float):
        return Advice(f'a constant is written between back-ticks: "`{spelled(value)}`"')
    return Advice("write it as one text")


def _list(shapes: Shapes, choices: list[Schema], value: Any) -> Advice:
    items = [choice.get("items", {}) for choice in choices if choice.get("type") == "array"]
    if isinstance(value, dict):
        return Advice("put `- ` before each entry")
    if isinstance(value, str) and value.startswith("-"):
        return Advice("put a space behind each `-`")
    if any(fits(shape, value) for item in items for shape in shapes.choices(item)):
        text = spelled(value)
        return Advice(f"write it as a list: `[{text}]`" if len(text) <= _LONGEST_EXAMPLE else "write it as a list: `[…]`")
    needed = next((key for item in items for key in shapes.resolve(item).get("required", ())), None)
    if isinstance(value, str) and needed is not None:
        return Advice(f"write it as a list: `[{{{needed}: …}}]`")
    return Advice("write a list: `- ` before each entry")


def _text(types: frozenset[str], value: str) -> Advice:
    """How to mend a text where none is wanted."""
    tight = _TIGHT.match(value) if "object" in types else None
    if tight is not None:
        return Advice(f"put a space behind `{tight.group()}`")
    if "boolean" in types:
        return _boolean(value)
    return _number(types, value) if types & {"integer", "number"} else Advice(None)


def _boolean(value: str) -> Advice:
    word = value.lower()
    if word in TRUE_WORDS | FALSE_WORDS:
        meant = "true" if word in TRUE_WORDS else "false"
        return Advice(f"write `{meant}`", meant)
    return Advice(None)


def _number(types: frozenset[str], value: str) -> Advice:
    text = value.strip()
    if text.removeprefix("-").isdecimal() and text.isascii() and len(text) <= _LONGEST_EXAMPLE:
        return Advice(f"write it without quotes: `{text}`", text)
    return Advice("write a whole number" if "number" not in types else "write a number")
