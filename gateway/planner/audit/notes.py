"""Collects findings; one fault that several documents share by `extends` is told once."""

from __future__ import annotations

from gateway.config.document import Document
from gateway.planner.audit.finding import SEVERITIES, Finding
from gateway.sdk import Path


class Notes:
    """The findings so far."""

    def __init__(self) -> None:
        self._findings: dict[tuple[str, str, int, int], Finding] = {}

    def add(self, code: str, message: str, document: Document, path: Path = (), *, key: bool = False) -> None:
        """Adds a finding at `path` of `document`, or at its key."""
        place = document.place(path, key=key)
        self._findings.setdefault((code, place.file, place.line, place.column), Finding(code, message, place, path))

    def in_order(self) -> list[Finding]:
        """The worst first, then by code and place."""

        def rank(finding: Finding) -> tuple[int, str, str, int, int]:
            place = finding.place
            return SEVERITIES.index(finding.severity), finding.code, place.file, place.line, place.column

        return sorted(self._findings.values(), key=rank)
