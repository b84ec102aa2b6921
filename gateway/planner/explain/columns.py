"""Text in a fixed number of terminal columns. What acts on a terminal or hides in it is written out."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.config.visible import one_line
from gateway.config.visible import width as columns

WIDTH = 80


def visible(text: str) -> str:
    """White space as single spaces, everything else that can't be seen as escapes."""
    return one_line(" ".join(text.split()))


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
        wide = columns(sign)
        if taken + wide > width:
            yield piece
            piece, taken = "", 0
        piece, taken = piece + sign, taken + wide
    yield piece
