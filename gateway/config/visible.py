"""Text from files as it may be written to a terminal or a log: characters that act or hide are written out."""

from __future__ import annotations

import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_TAB = "    "


def shown(text: str) -> str:
    """An excerpt of a line; a tab takes four columns."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_TAB if character == "\t" else _visible(character) for character in text)


def one_line(text: str) -> str:
    """A message, with every line break and tab written out."""
    return text if text.isascii() and text.isprintable() else "".join(map(_visible, text))


def width(text: str) -> int:
    """Columns of a terminal that the text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in {"W", "F"} else 1 for sign in text)


def _visible(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN:
        return character
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
