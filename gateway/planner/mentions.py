"""Which names the texts of a document mention, read without compiling: expressions count whose keys are not in force yet.

It finds too much rather than too little, so what is not mentioned is certainly not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"

Names = tuple[str, ...]
"""A path of names from a root: `("config", "states")`."""


class Mentions:
    """The mentions of some roots in any number of documents."""

    def __init__(self, *roots: str) -> None:
        self._pattern = re.compile(rf"(?:{'|'.join(roots)})\b(?:\.{_NAME})*")
        self._whole: set[Names] = set()

    def add(self, data: Any) -> None:
        """All texts of `data`, keys excepted."""
        for text in texts_in(data):
            for found in self._pattern.finditer(text):
                if not _is_inside(text, found.start()):
                    self._whole.add(tuple(found.group().split(".")))

    def merge(self, other: Mentions, *roots: str) -> None:
        """What `other` has found of some roots."""
        self._whole.update(names for names in other._whole if names[0] in roots)

    def reads(self, *names: str) -> bool:
        """Whether this path is mentioned, something below it, or one that holds it."""
        return any(found[: len(names)] == names[: len(found)] for found in self._whole)

    def all(self) -> Iterator[Names]:
        """Every path as it is mentioned, in order."""
        yield from sorted(self._whole)


def without(data: Any, keys: Iterable[str]) -> dict[str, Any]:
    """A document's data without some of its top-level keys."""
    left_out = frozenset(keys)
    return {key: value for key, value in data.items() if key not in left_out}


def _is_inside(text: str, start: int) -> bool:
    """Whether a name is the end of a longer one, or a member of something."""
    before = text[start - 1] if start else ""
    return before.isalnum() or before in tuple('_.$"')


def texts_in(data: Any) -> Iterator[str]:
    """Every text in plain data, in no particular order."""
    waiting = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
