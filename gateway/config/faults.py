"""Collects the problems of one document, each with its place; stops at so many that more would help nobody."""

from __future__ import annotations

from typing import Any

from gateway.config.authority import decides_access
from gateway.config.document import Document
from gateway.config.nodes import Node, Scalar, child
from gateway.config.shape import Schema
from gateway.config.wording import found, owner, quoted
from gateway.sdk.problem import Path, Problem, Severity

MOST_FAULTS = 100


class Faults:
    """The problems of one document so far. Once `full`, further ones are dropped and whoever is looking may stop."""

    def __init__(self, document: Document, kind: str) -> None:
        self.document = document
        self.kind = kind
        self.problems: list[Problem] = []

    @property
    def full(self) -> bool:
        """Whether the document has more faults than are worth listing."""
        return len(self.problems) > MOST_FAULTS

    def owner(self, path: Path) -> str:
        """What is at `path`, in words."""
        return owner(self.kind, self.document.data, path)

    def shows(self, value: Any, path: Path, shape: Schema) -> bool:
        """Whether a message may hold the value: not a secret's, and not one that came from the environment."""
        if shape.get("x-gateway-kind") == "secret":
            return False
        written = written_at(self.document, path)
        return written is None or written == value or "${" not in written

    def quoted(self, value: Any, path: Path, shape: Schema) -> str:
        """The value for a message, or, where it may not be shown, what kind of thing it is."""
        return quoted(value) if self.shows(value, path, shape) else found(value, secret=True)

    def add(
        self,
        code: str,
        message: str,
        path: Path,
        *,
        key: bool = False,
        hint: str | None = None,
        help: str | None = None,  # noqa: A002 - the name of the problem's field
        fix: str | None = None,
        severity: Severity = "error",
    ) -> None:
        """Adds a problem at the value at `path`, or at its key."""
        if len(self.problems) < MOST_FAULTS:
            place = self.document.place(path, key=key)
            fix = None if fix is None or decides_access(self.document.data, path, fix) else fix
            self.problems.append(Problem(code, severity, message, place, path, hint, help, fix))
        elif not self.full:
            message = f"more than {MOST_FAULTS} faults: the rest of this document was not checked"
            self.problems.append(Problem("GW100", "error", message, self.document.place(())))


def written_at(document: Document, path: Path) -> str | None:
    """The text of the scalar at `path` as it stands in the file, before the environment was filled in."""
    node: Node | None = document.root
    for step in path:
        node = child(node, step) if node is not None else None
    return node.written if isinstance(node, Scalar) else None
