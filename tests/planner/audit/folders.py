"""Folders with something unwise in them, and what is said of it."""

from __future__ import annotations

from pathlib import Path

from gateway.planner.audit import Finding, audit
from gateway.testing.scenario import prepare

GATEWAY = "gateway: shop\nidentity: [{anonymous: {roles: [anonymous]}}]\n"
INTENT = "intent: ask\nsummary: Asks\noutput: 1\n"


def findings(folder: Path, **files: str) -> list[Finding]:
    """The findings of a folder; `files` are `gateway`, `specs` and `policies`, what isn't given is harmless."""
    written = {"gateway.yaml": GATEWAY, "specs/all.yaml": INTENT, "policies/all.yaml": "policy: roles\nroles: {anonymous: {}}\n"}
    names = {"gateway": "gateway.yaml", "specs": "specs/all.yaml", "policies": "policies/all.yaml"}
    made = prepare(folder, written | {names[name]: text.lstrip("\n") for name, text in files.items()}, {})
    faults = [each for each in made.problems if each.severity == "error" and each.code[:3] in {"GW0", "GW1", "GW2"}]
    assert {fault.code for fault in faults} <= {"GW111"}, faults  # what isn't in force yet counts as what it is
    return audit(made.planned)


def told(folder: Path, code: str, **files: str) -> list[tuple[str, str]]:
    """Place and message of each finding with `code`."""
    found = [finding for finding in findings(folder, **files) if finding.code == code]
    return [(f"{each.place.file}:{each.place.line}:{each.place.column}", each.message) for each in found]
