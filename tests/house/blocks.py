"""The fenced blocks of a Markdown page, each with the marks that its author put above it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from typing import NamedTuple

FENCE = re.compile(r"\s*(`{3,})\s*([\w+-]*)\s*$")
MARK = re.compile(r"\s*<!--\s*([a-z]+)(?::\s*(.*?))?\s*-->\s*$")
ELISION = "…"


class Block(NamedTuple):
    """A fenced block: its language, text, first line in the page, and marks such as `{"exit": "3"}`."""

    language: str
    text: str
    line: int
    marks: dict[str, str]


class Command(NamedTuple):
    """One `$ …` line of a console block with the output shown below it; None where the page shows none."""

    text: str
    shown: str | None


def blocks_of(page: str) -> list[Block]:
    found: list[Block] = []
    marks: dict[str, str] = {}
    lines = iter(enumerate(page.splitlines(), start=1))
    for number, line in lines:
        if fence := FENCE.match(line):
            inside = list(until_closed(lines, fence[1], number))
            found.append(Block(fence[2], textwrap.dedent("\n".join(inside)) + "\n", number, marks))
            marks = {}
        elif mark := MARK.match(line):
            marks = marks | {mark[1]: mark[2] or ""}
        elif line.strip():
            marks = {}
    return found


def until_closed(lines: Iterator[tuple[int, str]], fence: str, opened: int) -> Iterator[str]:
    for _, line in lines:
        if line.strip() == fence:
            return
        yield line
    raise ValueError(f"the block opened in line {opened} is never closed")


def commands_of(text: str) -> list[Command]:
    """`$ ` starts a command, a backslash at the end of a line continues it, other lines are its output."""
    found: list[Command] = []
    for line in text.splitlines():
        if found and found[-1].shown is None and found[-1].text.endswith("\\"):
            found[-1] = Command(f"{found[-1].text[:-1]}{line.strip()}", None)
        elif line.startswith("$ "):
            found.append(Command(line[2:].strip(), None))
        elif found:
            found[-1] = Command(found[-1].text, f"{found[-1].shown or ''}{line}\n")
        elif line.strip():
            raise ValueError(f"output before any `$ ` line: {line!r}")
    return found


def matches_text(shown: str, actual: str) -> bool:
    """Whether output is as shown: `…` in a line stands for any text, alone in its line for any lines; trailing blanks don't count."""
    pattern = "".join(map(line_pattern, shown.strip().splitlines()))
    plain = "".join(f"{line.rstrip()}\n" for line in actual.strip().splitlines())
    return re.fullmatch(pattern, plain) is not None


def line_pattern(line: str) -> str:
    if line.strip() == ELISION:
        return r"(?:.*\n)*?"
    return "[^\n]*?".join(re.escape(part) for part in line.rstrip().split(ELISION)) + r"\n"


def matches_json(shown: object, actual: object) -> bool:
    """Whether a value is as shown: `"…"` stands for any value or any part of a text, as a key or last item for any more of them."""
    if isinstance(shown, str):
        return shown == ELISION or (isinstance(actual, str) and matches_text(shown, actual))
    if isinstance(shown, dict) and isinstance(actual, dict):
        named = {key: value for key, value in shown.items() if key != ELISION}
        complete = ELISION in shown or named.keys() == actual.keys()
        return complete and all(key in actual and matches_json(value, actual[key]) for key, value in named.items())
    if isinstance(shown, list) and isinstance(actual, list):
        return matches_items(shown, actual)
    return type(shown) is type(actual) and shown == actual


def matches_items(shown: list[object], actual: list[object]) -> bool:
    if shown[-1:] == [ELISION]:
        shown, actual = shown[:-1], actual[: len(shown) - 1]
    return len(shown) == len(actual) and all(map(matches_json, shown, actual))


def contains_lines(excerpt: str, whole: str) -> bool:
    """Whether a file holds these lines in this order; a line with `…` alone skips some of them. Indentation counts relatively."""
    pieces = [textwrap.dedent(piece).strip("\n") for piece in re.split(rf"(?m)^\s*{ELISION}\s*$", excerpt) if piece.strip()]
    lines = whole.splitlines()
    start = 0
    for piece in pieces:
        wanted = piece.splitlines()
        found = next((at for at in range(start, len(lines)) if same_lines(wanted, lines[at : at + len(wanted)])), None)
        if found is None:
            return False
        start = found + len(wanted)
    return bool(pieces)


def same_lines(wanted: list[str], lines: list[str]) -> bool:
    return textwrap.dedent("\n".join(lines)).splitlines() == wanted
