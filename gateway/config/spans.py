"""Where each character of a scalar's value was written: through escapes, folded lines and block indentation.

Every reading is checked against the value that the YAML reader gave; where they differ the answer is None, never a guess.
"""

from __future__ import annotations

import re

from gateway.config.nodes import Scalar
from gateway.config.source_text import LINE_BREAK

_WHITE = re.compile(r"[ \t\r\n]+")
_HEX = {"x": 2, "u": 4, "U": 8}
_ESCAPES = {
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "t": "\t",
    "\t": "\t",
    "n": "\n",
    "v": "\v",
    "f": "\f",
    "r": "\r",
    "e": "\x1b",
    " ": " ",
    '"': '"',
    "/": "/",
    "\\": "\\",
    "N": "\x85",
    "_": "\xa0",
    "L": "\u2028",
    "P": "\u2029",
}
_MOST_INDENTS_TRIED = 80


class Spans:
    """The characters of a value, each with the stretch `[start:end]` of the file that writes it."""

    def __init__(self, origin: int) -> None:
        self._origin = origin
        self._characters: list[str] = []
        self._starts: list[int] = []
        self._ends: list[int] = []

    def add(self, character: str, start: int, end: int) -> None:
        """Appends one character; offsets count from the start of the scalar."""
        self._characters.append(character)
        self._starts.append(self._origin + start)
        self._ends.append(self._origin + end)

    def __len__(self) -> int:
        return len(self._characters)

    def spells(self, value: str) -> bool:
        """Whether the characters are this value."""
        return "".join(self._characters) == value

    def slice(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the file that writes `value[start:end]`; an empty slice is an empty stretch."""
        count = len(self._starts)
        if start >= count:
            last = self._ends[-1] if count else self._origin
            return last, last
        first = self._starts[max(start, 0)]
        return first, self._ends[min(end, count) - 1] if end > start else first


def spans(scalar: Scalar) -> Spans | None:
    """The spans of a scalar's text."""
    raw = scalar.text.text[scalar.start : scalar.end]
    if scalar.style in {"|", ">"}:
        return _literal(raw, scalar) if scalar.style == "|" else _folded(raw, scalar)
    found = Spans(scalar.start)
    inner = (0, len(raw)) if scalar.style == "" else (1, len(raw) - 1)
    _flow(raw, inner, scalar.style, found)
    return found if found.spells(scalar.written) else None


def _flow(raw: str, inner: tuple[int, int], style: str, found: Spans) -> None:
    """Plain and quoted scalars: a line break folds to a space, each further one is a line break."""
    at, stop = inner
    while at < stop:
        white = _WHITE.match(raw, at, stop)
        if white:
            _fold(white, found)
            at = white.end()
        elif raw[at] == "'" and style == "'":
            found.add("'", at, at + 2)
            at += 2
        elif raw[at] == "\\" and style == '"':
            at = _escape(raw, at, stop, found)
        else:
            found.add(raw[at], at, at + 1)
            at += 1


def _fold(white: re.Match[str], found: Spans) -> None:
    base = white.start()
    breaks = list(LINE_BREAK.finditer(white.group()))
    if not breaks:
        for offset, character in enumerate(white.group()):
            found.add(character, base + offset, base + offset + 1)
    elif len(breaks) == 1:
        found.add(" ", base + breaks[0].start(), base + breaks[0].end())
    for further in breaks[1:]:
        found.add("\n", base + further.start(), base + further.end())


def _escape(raw: str, at: int, stop: int, found: Spans) -> int:
    """Reads one escape of a double-quoted scalar and gives the offset behind it."""
    letter = raw[at + 1 : at + 2]
    if letter in _HEX:
        end = at + 2 + _HEX[letter]
        found.add(_character(raw[at + 2 : end]), at, end)
        return end
    if letter in {"\r", "\n"}:
        white = _WHITE.match(raw, at + 1, stop)
        end = white.end() if white else at + 2
        for further in list(LINE_BREAK.finditer(raw, at + 1, end))[1:]:
            found.add("\n", further.start(), further.end())
        return end
    found.add(_ESCAPES.get(letter, "\ufffd"), at, at + 2)
    return at + 2


def _character(digits: str) -> str:
    try:
        return chr(int(digits, 16))
    except (ValueError, OverflowError):
        return "\ufffd"


def _lines(raw: str) -> list[tuple[int, str]]:
    """The lines below a block scalar's header, each with its offset."""
    breaks = list(LINE_BREAK.finditer(raw))
    starts = [found.end() for found in breaks]
    stops = [*(found.start() for found in breaks), len(raw)][1:]
    return [(start, raw[start:stop]) for start, stop in zip(starts, stops, strict=True)]


def _literal(raw: str, scalar: Scalar) -> Spans | None:
    """Line by line: what a line of the value lacks at its left is indentation."""
    found = Spans(scalar.start)
    lines = _lines(raw)
    wanted = scalar.written.split("\n")
    for index, text in enumerate(wanted):
        start, line = lines[index] if index < len(lines) else (len(raw), "")
        if not line.endswith(text):
            return None
        begin = start + len(line) - len(text)
        for offset, character in enumerate(text):
            found.add(character, begin + offset, begin + offset + 1)
        if index < len(wanted) - 1:
            found.add("\n", start + len(line), start + len(line) + 1)
    return found if found.spells(scalar.written) else None


def _folded(raw: str, scalar: Scalar) -> Spans | None:
    """Tries the indentation of the first line with text, then less: only a header like `>2` makes it less."""
    lines = _lines(raw)
    first = next((line for _, line in lines if line.strip(" ")), "")
    widest = len(first) - len(first.lstrip(" "))
    for indent in range(widest, max(-1, widest - _MOST_INDENTS_TRIED), -1):
        found = _unfold(lines, indent, scalar)
        if found.spells(scalar.written):
            return found
    return None


def _unfold(lines: list[tuple[int, str]], indent: int, scalar: Scalar) -> Spans:
    """A break between two lines of text is a space; beside blank lines or further indented ones it stays a break."""
    found = Spans(scalar.start)
    pending: list[int] = []
    after_text = False
    more_before = False
    for start, line in lines:
        text = line[indent:]
        if not text:
            pending.append(start + len(line))
            continue
        more = text[0] in " \t"
        if after_text and not more and not more_before:
            if len(pending) == 1:
                found.add(" ", pending[0], pending[0] + 1)
            pending = pending[1:]
        for at in pending:
            found.add("\n", at, at + 1)
        for offset, character in enumerate(text):
            found.add(character, start + indent + offset, start + indent + offset + 1)
        pending, after_text, more_before = [start + len(line)], True, more
    missing = len(scalar.written) - len(found)
    for at in pending[: max(missing, 0)]:
        found.add("\n", at, at + 1)
    return found
