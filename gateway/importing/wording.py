"""Strangers' words made fit for our files: short, on one line, and names that we take."""

from __future__ import annotations

import re
from typing import Any

_LONGEST = 120
_RESERVED = frozenset({"on", "off", "yes", "no"})
_LONGEST_NAME = 80


def first_line(text: Any) -> str:
    """The first sentence or line of a text, cut where it is long; empty for what is no text."""
    if not isinstance(text, str):
        return ""
    line = next((line for line in text[:4_000].splitlines() if line.strip()), "")
    words = " ".join("".join(character for character in line if character.isprintable() or character == "\t").split())
    sentence = re.split(r"(?<=[a-z)])\. ", words, maxsplit=1)[0]
    return sentence if len(sentence) <= _LONGEST else sentence[: _LONGEST - 1].rstrip() + "…"


def small_name(text: str) -> str:
    """A name as our files take them (`[a-z][a-z0-9_]*`), as near to the text as can be; empty where nothing is left."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text[:_LONGEST_NAME])
    name = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_").lstrip("0123456789_")
    return f"{name}_" if name in _RESERVED else name
