"""What an API description offers: its operations, which of them can be called, and why the others can't."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from gateway.sdk import Effect
from gateway.sources.openapi_body import BodyFault
from gateway.sources.openapi_document import DocumentFault
from gateway.sources.openapi_index import MAX_NAME, Entry, Index, index_of
from gateway.sources.openapi_library import Library, Located
from gateway.sources.openapi_operation import Shape, shape_of
from gateway.sources.request_line import SAFE_METHODS, RequestLineFault
from gateway.sources.suggestion import did_you_mean


class Offered(msgspec.Struct, frozen=True):
    """One operation. `shape` is None where it can't be called, and `reason` says why."""

    entry: Entry
    shape: Shape | None
    reason: str | None

    @property
    def name(self) -> str:
        """What `call` takes behind the source's name."""
        return self.entry.name

    @property
    def effect(self) -> Effect:
        """Told from the method (RFC 9110 §9.2.1)."""
        return "read" if self.entry.method in SAFE_METHODS else "write"

    @property
    def writable(self) -> bool:
        """Whether its names can stand in a document of ours, where `${` in a key is refused (language §1)."""
        arguments = [read.parameter.argument for read in self.shape.parameters] if self.shape is not None else []
        return self.shape is not None and not any("${" in name or len(name) > MAX_NAME for name in (self.name, *arguments))

    @property
    def line(self) -> str:
        """Method and path, as the description has them."""
        return f"{self.entry.method} {self.entry.path}"


class Survey(msgspec.Struct, frozen=True):
    """A description with all its operations."""

    library: Library
    document: Located
    index: Index
    operations: tuple[Offered, ...]


class NoSuchOperation(ValueError):
    """A pattern that names no operation. `hint` may know a better spelling."""

    def __init__(self, pattern: str, hint: str | None) -> None:
        super().__init__(f"no operation is called `{pattern}`")
        self.hint = hint


def survey_of(file: Path) -> Survey:
    """Reads a description. Raises `DocumentFault`."""
    library = Library(file.resolve().parent)
    document = library.open(file.name)
    index = index_of(library, document)
    if not index.entries:
        raise DocumentFault(f"`{file.name}` describes no operation", "operations stand under `paths`")
    return Survey(library, document, index, tuple(_offered(library, entry, document) for entry in index.entries.values()))


def _offered(library: Library, entry: Entry, document: Located) -> Offered:
    try:
        return Offered(entry, shape_of(library, entry, document), None)
    except (BodyFault, RequestLineFault) as fault:
        return Offered(entry, None, str(fault))


def select(operations: Sequence[Offered], only: Iterable[str]) -> list[Offered]:
    """Those that any of the patterns names, or all where there is none; `*` stands for any text. Raises `NoSuchOperation`."""
    patterns = {pattern: _compiled(pattern) for pattern in only}
    for pattern, compiled in patterns.items():
        if not any(compiled.fullmatch(offered.name) for offered in operations):
            raise NoSuchOperation(pattern, did_you_mean(pattern, [offered.name for offered in operations]))
    return [offered for offered in operations if not patterns or any(compiled.fullmatch(offered.name) for compiled in patterns.values())]


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in re.split(r"\*+", pattern)))
