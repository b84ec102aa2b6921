"""The text of one file, and the places in it."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

from gateway.sdk.problem import Place

LINE_BREAK = re.compile(r"\r\n|\r|\n")


class SourceText:
    """A file's text with offsets, in characters from its start, turned into places. `file` is its name relative to the folder."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(found.end() for found in LINE_BREAK.finditer(self.text))]

    @cached_property
    def _last(self) -> int:
        return len(self.text.rstrip())

    def line_of(self, offset: int) -> int:
        """The line, from 1, that holds `offset`."""
        return bisect_right(self._line_starts, offset)

    def place(self, start: int, end: int) -> Place:
        """The stretch `[start:end]`, cut at the end of its first line. A place behind the last character moves back to it."""
        if start > self._last:
            start = end = self._last
        line = self.line_of(start)
        begin = self._line_starts[line - 1]
        if end > (stop := self._stop(line)):
            end = start + len(self.text[start:stop].rstrip())
        return Place(self.file, line, start - begin + 1, max(start, end) - begin + 1)

    def _stop(self, line: int) -> int:
        """The offset behind the last character of a line, its break not counted."""
        begin = self._line_starts[line - 1]
        stop = self._line_starts[line] if line < len(self._line_starts) else len(self.text)
        while stop > begin and self.text[stop - 1] in "\r\n":
            stop -= 1
        return stop
