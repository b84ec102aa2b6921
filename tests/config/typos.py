"""Every single-edit typo of every key in the schemas, beside the keys that are allowed in its place."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from gateway.config.suggest import closest
from tests.house.schemas import committed

LETTERS = "abcdefghijklmnopqrstuvwxyz_"
SHORT = 3


def key_sets() -> list[tuple[str, ...]]:
    """The keys of every mapping in the schemas that allows no others; each set once."""
    found = {tuple(sorted(keys)) for text in committed().values() for keys in _key_sets(json.loads(text))}
    return sorted(found)


def _key_sets(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if schema.get("additionalProperties") is False and isinstance(schema.get("properties"), dict):
            yield schema["properties"]
        for name, below in schema.items():
            yield from _key_sets(below) if name != "examples" else ()
    elif isinstance(schema, list):
        for below in schema:
            yield from _key_sets(below)


def typos(key: str) -> set[str]:
    """What is one edit away: a letter left out, put in, or replaced, or two neighbours swapped."""
    parts = [(key[:at], key[at:]) for at in range(len(key) + 1)]
    missing = {left + right[1:] for left, right in parts if right}
    more = {left + letter + right for left, right in parts for letter in LETTERS}
    other = {left + letter + right[1:] for left, right in parts if right for letter in LETTERS}
    swapped = {left + right[1] + right[0] + right[2:] for left, right in parts if len(right) > 1}
    return (missing | more | other | swapped) - {key, ""}


class Score(NamedTuple):
    """How many typos were tried, how many led back to their key; `missed` are (key, suggestion), most frequent first."""

    tried: int
    right: int
    short_tried: int
    short_right: int
    missed: list[tuple[tuple[str, str | None], int]]

    def __str__(self) -> str:
        whole = f"{self.right} of {self.tried} ({self.right / self.tried:.3%})"
        short = f"{self.short_right} of {self.short_tried} ({self.short_right / self.short_tried:.3%})"
        return f"right first: {whole}; for keys of up to {SHORT} letters {short}; missed most: {self.missed[:10]}"


def score(*, every: int) -> Score:
    """Asks for a suggestion for each typo, or for one in `every`, spread evenly."""
    cases = [(typo, key, keys) for keys in key_sets() for key in keys for typo in sorted(typos(key)) if typo not in keys]
    tried = cases[::every]
    missed = [(key, found) for typo, key, keys in tried if (found := closest(typo, keys)) != key]
    short = sum(len(key) <= SHORT for _, key, _ in tried)
    short_missed = sum(len(key) <= SHORT for key, _ in missed)
    return Score(len(tried), len(tried) - len(missed), short, short - short_missed, Counter(missed).most_common())
