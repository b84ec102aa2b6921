"""Configurations with something changed at random, as hasty hands change them. A seed always gives the same change."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping

ODD = (
    *(
        "null",
        "true",
        "-1",
        "0",
        "1e400",
        "99999999999999999999",
        "''",
        "[]",
        "{}",
        "[{}]",
        "~",
        "007",
        "2s",
        "10MiB",
        "*",
        "&a",
        "!x",
        "|",
    ),
    *(
        "${ steps.x }",
        "${ input",
        "${ }",
        "$literal",
        "$each",
        '"${ length(steps) }"',
        "${ env.NOT_SET }",
        "${ secret.x }",
        "\x00",
        "\ufeff",
        "'",
    ),
)
_WORD = re.compile(r"[A-Za-z_$][A-Za-z0-9_.]*|[0-9]+")

Change = Callable[[random.Random, str], str]


def _line_gone(chance: random.Random, text: str) -> str:
    lines = text.splitlines(keepends=True)
    del lines[chance.randrange(len(lines))]
    return "".join(lines)


def _line_twice(chance: random.Random, text: str) -> str:
    lines = text.splitlines(keepends=True)
    lines.insert(chance.randrange(len(lines)), chance.choice(lines))
    return "".join(lines)


def _indented(chance: random.Random, text: str) -> str:
    lines = text.splitlines(keepends=True)
    number = chance.randrange(len(lines))
    lines[number] = chance.choice(["  ", " ", "\t", "- "]) + lines[number]
    return "".join(lines)


def _another_word(chance: random.Random, text: str) -> str:
    """A word becomes another word of the file, or loses a letter."""
    words = list(_WORD.finditer(text))
    word = chance.choice(words)
    other = chance.choice([chance.choice(words).group(), word.group()[:-1], word.group() + "x"])
    return text[: word.start()] + other + text[word.end() :]


def _odd_word(chance: random.Random, text: str) -> str:
    word = chance.choice(list(_WORD.finditer(text)))
    return text[: word.start()] + chance.choice(ODD) + text[word.end() :]


def _cut(chance: random.Random, text: str) -> str:
    return text[: chance.randrange(len(text))]


def _mark_gone(chance: random.Random, text: str) -> str:
    """A bracket, quote, colon or brace is missing."""
    mark = chance.choice([found.start() for found in re.finditer(r"[\[\]{}:\"',]", text)] or [0])
    return text[:mark] + text[mark + 1 :]


CHANGES: tuple[Change, ...] = (_line_gone, _line_twice, _indented, _another_word, _another_word, _odd_word, _odd_word, _cut, _mark_gone)


def mutated(files: Mapping[str, str], seed: int) -> tuple[str, str]:
    """The name of one of the files, and its changed text."""
    chance = random.Random(seed)
    name = chance.choice(sorted(files))
    return name, chance.choice(CHANGES)(chance, files[name])
