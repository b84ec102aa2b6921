"""Texts that read like the path of a value: `sku: input.sku`, where `sku: ${ input.sku }` was meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.expressions.shape import ANY, Shape
from gateway.sdk import Path

_PATH = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\.([A-Za-z_][A-Za-z0-9_]*)(?:\.[A-Za-z_][A-Za-z0-9_]*|\[[0-9*:-]*\])*\s*")
_EXPRESSIONS = frozenset({"$each", "$where", "$limit", "$if"})


def plain_paths(template: Any, roots: Mapping[str, Shape]) -> Iterator[tuple[Path, str]]:
    """Every text in a template that is nothing but a path to something known: where it stands, and the path. Locals of `$each` count."""
    waiting: list[tuple[Any, Path, Mapping[str, Shape]]] = [(template, (), roots)]
    while waiting:
        value, path, known = waiting.pop()
        if isinstance(value, str):
            found = _PATH.fullmatch(value)
            if found is not None and _leads_somewhere(found[1], found[2], known):
                yield path, value.strip()
        elif isinstance(value, list):
            waiting += [(item, (*path, index), known) for index, item in enumerate(value)]
        elif isinstance(value, dict) and "$literal" not in value:
            within = {**known, value["$as"]: ANY} if "$each" in value and isinstance(value.get("$as"), str) else known
            waiting += [(member, (*path, key), within) for key, member in value.items() if key not in _EXPRESSIONS]


def _leads_somewhere(root: str, name: str, roots: Mapping[str, Shape]) -> bool:
    """Whether a value has this member, or might: of some values nothing is known."""
    shape = roots.get(root)
    return shape is not None and (not shape.known or name in shape.names)
