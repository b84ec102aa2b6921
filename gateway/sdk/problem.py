"""A fault in a configuration, as data: text, JSON and annotations are renderings of it (interfaces §3)."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Path = tuple[str | int, ...]
"""Where in a document: mapping keys and list positions from its top."""

Severity = Literal["error", "warning"]


class Place(msgspec.Struct, frozen=True):
    """A stretch of one line of a file. Lines and columns count from 1, columns in characters; `end` is the column behind the last one."""

    file: str
    line: int
    column: int
    end: int


class Problem(msgspec.Struct, frozen=True):
    """One fault. `code` is stable (`GW101`); `hint` says how to mend it; `fix` is the replacement text where it is certain."""

    code: str
    severity: Severity
    message: str
    place: Place
    path: Path = ()
    hint: str | None = None
    help: str | None = None
    fix: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The flat record of interfaces §3."""
        record: dict[str, Any] = {
            "code": self.code,
            "severity": self.severity,
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "end": self.place.end,
            "path": list(self.path),
            "message": self.message,
            "hint": self.hint,
        }
        if self.fix is not None:
            record["fix"] = self.fix
        return record
