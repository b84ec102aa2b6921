"""Changes of a file's bytes at exact places; every other byte stays, whatever the line breaks, byte order mark or encoding faults."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.config.replacement import Replacement
from gateway.config.source_text import LINE_BREAK

_MARK = "\ufeff"


def lines_of(content: bytes) -> list[str]:
    """The lines as places count them. A byte that is not UTF-8 is one character."""
    return LINE_BREAK.split(_text(content).removeprefix(_MARK))


def edited(content: bytes, changes: Iterable[Replacement]) -> bytes:
    """The content with all changes made; none may overlap. Raises `ValueError` where a change's `old` is not at its place."""
    text = _text(content)
    starts = [len(_MARK) if text.startswith(_MARK) else 0, *(found.end() for found in LINE_BREAK.finditer(text))]
    for change in sorted(changes, key=lambda change: (change.place.line, change.place.column), reverse=True):
        start = starts[change.place.line - 1] + change.place.column - 1
        end = start + len(change.old)
        if text[start:end] != change.old:
            raise ValueError("the text at this place is another")
        text = text[:start] + change.new + text[end:]
    return text.encode("utf-8", "surrogateescape")


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")
