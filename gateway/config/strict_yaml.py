"""Reads YAML 1.2 strictly, with positions (language §1).

libyaml only splits the text into events; what the events mean is decided here. The text is cut at its `---` lines first (such a
line ends a document wherever it stands, YAML 1.2 §9.1.2), so a syntax error in one document hides no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from gateway.config.compose import MOST_PROBLEMS, Composer
from gateway.config.decode import decode
from gateway.config.nodes import Mapping, Node, Scalar
from gateway.config.source_text import LINE_BREAK, SourceText
from gateway.sdk.problem import Path, Place, Problem

MOST_BYTES = 4 << 20
MOST_NODES = 100_000
MOST_DOCUMENTS = 1_000

_MARKER = re.compile(r"(?:\A|(?<=[\r\n]))(?:---|\.\.\.)(?=[ \t\r\n]|\Z)")
_DIRECTIVE = re.compile(r"(?:\A|(?<=[\r\n]))%[^\r\n]*")
_PRELUDE = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n)|%[^\r\n]*(?:\r\n|\r|\n|\Z))*")
_VERSION = re.compile(r"%YAML[ \t]+1\.2[ \t]*(?:#.*)?")
_NAMING_LINE = re.compile(r"""(?:\A|(?<=[\r\n]))(?P<kind>[a-z]+):[ \t]+["']?(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)""")


class RawDocument(msgspec.Struct, frozen=True):
    """One document as read. `root` is None where it could not be read to its end.

    `broken` are the paths whose value is not what was meant, each below a reported problem: what is said about them further on
    would only repeat it. `names` are key → text of the lines at its left edge; they serve where `root` is None.
    """

    root: Node | None
    broken: tuple[Path, ...]
    names: dict[str, str]


class YamlFile(msgspec.Struct, frozen=True):
    """All documents of a file, with all problems of reading it."""

    text: SourceText
    documents: list[RawDocument]
    problems: list[Problem]


def read_yaml(file: str, content: bytes) -> YamlFile:
    """Reads a file of any number of documents. Never raises for content; takes well under a second per megabyte."""
    if len(content) > MOST_BYTES:
        text = SourceText(file, "")
        return YamlFile(text, [], [_too_large(text, f"the file has more than {MOST_BYTES >> 20} MiB")])
    text, problems = decode(file, content)
    return _Reader(text, problems).read()


class _Reader:
    def __init__(self, text: SourceText, problems: list[Problem]) -> None:
        self._text = text
        self._problems = problems
        self._documents: list[RawDocument] = []
        self._cuts = _comment_cuts(text.text)
        self._nodes_left = MOST_NODES

    def read(self) -> YamlFile:
        for count, (start, end) in enumerate(self._pieces()):
            if len(self._problems) > MOST_PROBLEMS:
                break
            if count > MOST_DOCUMENTS:
                self._problems.append(_too_large(self._text, f"the file has more than {MOST_DOCUMENTS} documents", start))
                break
            self._read_piece(start, end)
        if len(self._problems) > MOST_PROBLEMS:
            at = self._problems[MOST_PROBLEMS].place
            del self._problems[MOST_PROBLEMS:]
            self._problems.append(Problem("GW011", "error", "too many faults in this file; what follows is not shown", at))
        return YamlFile(self._text, self._documents, self._problems)

    def _pieces(self) -> Iterator[tuple[int, int]]:
        text = self._text.text
        starts = [found.start() for found in _MARKER.finditer(text)] if "---" in text or "..." in text else []
        bounds = [0, *(start for start in starts if start), len(text)]
        for index in range(len(bounds) - 1):
            yield bounds[index], bounds[index + 1]

    def _read_piece(self, start: int, end: int) -> None:
        whole = self._text.text
        piece = whole[start:end]
        if piece.startswith("..."):
            piece = "   " + piece[3:]
        if not piece.startswith("---"):
            piece = self._without_directives(piece, start)
        composer = Composer(self._text, start, self._cuts, self._nodes_left)
        root, complete = composer.compose(piece)
        self._nodes_left -= composer.nodes
        self._problems.extend(composer.problems)
        if complete and root is None and not piece.startswith("---"):
            return
        empty = isinstance(root, Scalar) and root.start == root.end and not root.style
        if complete and (root is None or empty) and not composer.problems:
            place = self._text.place(start, start + 3)
            self._problems.append(
                Problem("GW012", "warning", "an empty document", place, hint="remove this `---`, or write something below it")
            )
            return
        if complete and not isinstance(root, Mapping) and not composer.problems:
            self._not_a_mapping(root, self._text.place(start, start + 3))
        names = {} if complete else _names(piece)
        known = root if complete and isinstance(root, Mapping) else None
        self._documents.append(RawDocument(known, tuple(composer.broken), names))

    def _not_a_mapping(self, root: Node | None, place: Place) -> None:
        shown = "a list" if not isinstance(root, Scalar) else "a single value"
        at = place if root is None else root.text.place(root.start, root.end)
        hint = "a document starts with a key that names it, such as `intent: track_order`"
        self._problems.append(Problem("GW013", "error", f"a document must be a mapping, not {shown}", at, hint=hint))

    def _without_directives(self, piece: str, start: int) -> str:
        """Takes out the `%` lines that may stand before `---`; all but `%YAML 1.2` are errors."""
        prelude = _PRELUDE.match(piece) if "%" in piece else None
        if prelude is None or "%" not in prelude.group():
            return piece
        stop = prelude.end()
        for found in _DIRECTIVE.finditer(piece, 0, stop):
            if not _VERSION.fullmatch(found.group()):
                place = self._text.place(start + found.start(), start + found.end())
                self._problems.append(Problem("GW006", "error", "YAML directives are not used here", place, hint="remove this line"))
                break
        return _DIRECTIVE.sub(lambda found: " " * len(found.group()), piece[:stop]) + piece[stop:]


def _too_large(text: SourceText, message: str, start: int = 0) -> Problem:
    return Problem("GW011", "error", message, text.place(start, start), hint="split it into several files")


def _names(piece: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in _NAMING_LINE.finditer(piece):
        found.setdefault(line["kind"], line["name"])
    return found


def _comment_cuts(text: str) -> dict[int, int]:
    """Where text ends before a comment that holds `${` → where that comment starts."""
    cuts: dict[int, int] = {}
    line_end = last_slot = -1
    for at in _comments(text) if "${" in text else ():
        if at >= line_end:
            ending = LINE_BREAK.search(text, at)
            line_end = ending.start() if ending else len(text)
            last_slot = text.rfind("${", at, line_end)
        if at < last_slot:
            start = at
            while start and text[start - 1] in " \t":
                start -= 1
            cuts[start] = at
    return cuts


def _comments(text: str) -> Iterator[int]:
    """Each `#` with white space before it."""
    at = text.find("#")
    while at >= 0:
        if text[at - 1 : at] in (" ", "\t"):
            yield at
        at = text.find("#", at + 1)
