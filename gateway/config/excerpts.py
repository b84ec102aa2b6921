"""The lines of the files that problems name, for whoever shows or mends them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gateway.config.source_text import LINE_BREAK
from gateway.config.strict_yaml import MOST_BYTES
from gateway.sdk.problem import Place


class Excerpts:
    """Reads each file once. A file that can't be read, or lies outside of the folder, has no lines."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lines: dict[str, Sequence[str]] = {}

    def lines(self, file: str) -> Sequence[str]:
        """The lines of a file, as places count them: without a byte order mark and without their breaks."""
        if file not in self._lines:
            self._lines[file] = self._read(file)
        return self._lines[file]

    def line(self, place: Place) -> str | None:
        """The line that a place is on, or None where the file has no such line."""
        lines = self.lines(place.file)
        return lines[place.line - 1] if 0 < place.line <= len(lines) else None

    def _read(self, file: str) -> Sequence[str]:
        path = self._folder / file
        try:
            if not path.is_file() or not path.resolve().is_relative_to(self._folder.resolve()):
                return ()  # a link may lead to a file that is nobody's business here
            with path.open("rb") as stream:
                content = stream.read(MOST_BYTES)
        except (OSError, ValueError):
            return ()
        return LINE_BREAK.split(content.decode("utf-8", "replace").removeprefix("\ufeff"))
