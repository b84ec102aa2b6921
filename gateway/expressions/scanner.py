"""Finds `${ … }` in a text (language §2.1, §2.3).

Braces, brackets, texts in `'…'`, names in `"…"` and literals in backticks that belong to the expression don't end it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import msgspec

from gateway.expressions.faults import Fault, SyntaxFault

OPENING = "${"
ESCAPED = "$${"
_SINGLE = re.compile(r"""\$\{[^{}'"`]*\}""")
_SIGN = re.compile(r"""[{}'"`]""")
_TO_END: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {quote: re.compile(rf"[^{quote}\\]*+(?:\\.[^{quote}\\]*+)*+{quote}", re.DOTALL) for quote in "'\"`"}
)
"""What follows an opening quote, the closing one included."""


class Text(msgspec.Struct, frozen=True):
    """A stretch that is written as it stands, `$${` already resolved."""

    text: str


class Slot(msgspec.Struct, frozen=True):
    """An expression: `text[start:end]` is what stands between `${` and `}`."""

    start: int
    end: int


class Escape(msgspec.Struct, frozen=True):
    """A `$${` at `start`, which writes `${`."""

    start: int


Piece = Text | Slot | Escape


def scan(text: str) -> list[Piece]:
    """The pieces of a text in order. Raises `SyntaxFault` where a `${` is never closed."""
    if _SINGLE.fullmatch(text):
        return [Slot(len(OPENING), len(text) - 1)]
    return list(_pieces(text))


def holds_slot(text: str) -> bool:
    """Whether a text has to be scanned at all."""
    return OPENING in text


def only_slot(pieces: list[Piece]) -> Slot | None:
    """The expression of a text that, white space aside, is one `${ }`."""
    slots = [piece for piece in pieces if not (isinstance(piece, Text) and not piece.text.strip())]
    return slots[0] if len(slots) == 1 and isinstance(slots[0], Slot) else None


def _pieces(text: str) -> Iterator[Piece]:
    position = 0
    while (found := text.find(OPENING, position)) >= 0:
        escaped = found > position and text[found - 1] == "$"
        before = text[position : found - 1 if escaped else found]
        if before:
            yield Text(before)
        if escaped:
            yield Escape(found - 1)
            position = found + len(OPENING)
        else:
            end = _closing(text, found)
            yield Slot(found + len(OPENING), end)
            position = end + 1
    if position < len(text):
        yield Text(text[position:])


def _closing(text: str, opening: int) -> int:
    """Where the `}` is that closes the `${` at `opening`."""
    position, depth = opening + len(OPENING), 0
    while (found := _SIGN.search(text, position)) is not None:
        character, position = found.group(), found.end()
        if character == "{":
            depth += 1
        elif character != "}":
            position = _after_quoted(text, position, opening)
        elif depth:
            depth -= 1
        else:
            return found.start()
    raise SyntaxFault(_unclosed(text, opening, "`${` is never closed", "end the expression with `}`, or write `$${` for a literal `${`"))


def _after_quoted(text: str, start: int, opening: int) -> int:
    """Where what begins behind a quote at `start` has ended."""
    quote = text[start - 1]
    found = _TO_END[quote].match(text, start)
    if found is None:
        raise SyntaxFault(
            _unclosed(text, opening, f"a {quote} in this expression is never closed", f"a text inside {quote} writes it as \\{quote}")
        )
    return found.end()


def _unclosed(text: str, opening: int, message: str, hint: str) -> Fault:
    return Fault("GW201", message, hint, opening, len(text))
