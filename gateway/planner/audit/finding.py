"""Something unwise in a configuration, as data."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from gateway.planner.audit.catalogue import ENTRIES, Severity
from gateway.sdk import Path, Place

SEVERITIES: tuple[Severity, ...] = ("high", "medium", "low")
"""The worst first."""

SarifLevel = Literal["error", "warning", "note"]


class Finding(msgspec.Struct, frozen=True):
    """One finding. `message` tells what is there, and never a value that may be secret; why and what to do are its code's."""

    code: str
    message: str
    place: Place
    path: Path = ()

    @property
    def severity(self) -> Severity:
        """How much depends on it."""
        return ENTRIES[self.code].severity

    def as_json(self) -> dict[str, Any]:
        """The record that `gateway audit --format json` prints."""
        entry, place = ENTRIES[self.code], self.place
        return {
            "code": self.code,
            "severity": entry.severity,
            "title": entry.title,
            "file": place.file,
            "line": place.line,
            "column": place.column,
            "end": place.end,
            "path": list(self.path),
            "message": self.message,
            "why": entry.why,
            "advice": entry.advice,
        }


def at_least(findings: list[Finding], threshold: Severity) -> list[Finding]:
    """Those of `threshold` or worse."""
    counted = SEVERITIES[: SEVERITIES.index(threshold) + 1]
    return [finding for finding in findings if finding.severity in counted]
