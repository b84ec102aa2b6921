"""A document on its way from YAML to a model."""

from __future__ import annotations

from gateway.config.document import Document
from gateway.sdk.problem import Path


class Draft:
    """One document of a known kind.

    `broken` are the paths at or below which nothing more is to be said: a problem there was already reported. `failed` means
    that there will be no model.
    """

    def __init__(self, kind: str, document: Document, broken: tuple[Path, ...] = ()) -> None:
        self.kind = kind
        self.document = document
        self.broken = broken
        self.failed = bool(broken)

    @property
    def name(self) -> str | None:
        """What the document is called, where it says so."""
        name = self.document.data.get(self.kind)
        return name if isinstance(name, str) else None

    @property
    def version(self) -> int:
        """The version of an intent; 1 where it doesn't say a whole number."""
        version = self.document.data.get("version")
        return version if type(version) is int else 1

    def silence(self) -> None:
        """Says nothing more about any of it: too much of it is unknown."""
        self.broken = ((),)
        self.failed = True

    def is_broken_at(self, path: Path) -> bool:
        """Whether a problem at `path` only follows from one that was reported."""
        return any(path[: len(broken)] == broken for broken in self.broken)
