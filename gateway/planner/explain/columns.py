"""Text in a fixed number of terminal columns. What acts on a terminal or hides in it is written out."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

WIDTH = 80

_ACTING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(text: str) -> str:
    """White space as single spaces; control, format and unassigned characters as escapes."""
    line = " ".join(text.split())
    if line.isascii() and line.isprintable():
        return line
    return "".join(_escaped(sign) if unicodedata.category(sign) in _ACTING else sign for sign in line)


def columns(text: str) -> int:
    """How many columns of a terminal the text takes (Unicode Standard Annex 11)."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def wrapped(label: str, text: str, indent: int) -> Iterator[str]:
    """`label` and the text, broken between words; a word that no line holds is cut. Further lines begin after `indent` spaces."""
    line, empty = label, True
    for word in visible(text).split(" "):
        for piece in _pieces(word, WIDTH - max(indent, columns(label))):
            gap = "" if empty else " "
            if not empty and columns(line) + columns(gap + piece) > WIDTH:
                yield line
                line, gap = " " * indent, ""
            line, empty = line + gap + piece, False
    yield line.rstrip()


def cut(text: str, width: int) -> str:
    """The text in exactly `width` columns: filled up with spaces, or cut, which two dots tell."""
    shown = visible(text)
    if columns(shown) > width:
        shown = f"{next(_pieces(shown, width - 2))}.."
    return shown + " " * (width - columns(shown))


def _pieces(word: str, width: int) -> Iterator[str]:
    piece, taken = "", 0
    for sign in word:
        wide = _columns(sign)
        if taken + wide > width:
            yield piece
            piece, taken = "", 0
        piece, taken = piece + sign, taken + wide
    yield piece


def _columns(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in {"W", "F"} else 1


def _escaped(sign: str) -> str:
    number = ord(sign)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
