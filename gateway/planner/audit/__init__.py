"""What is legal in a configuration and unwise all the same. Nothing here keeps a gateway from starting.

There is no way to accept a finding inside a file: `--fail-on` sets what counts, and a finding that is meant stays visible.
"""

from __future__ import annotations

from gateway.planner.audit.catalogue import Severity
from gateway.planner.audit.finding import SEVERITIES, Finding
from gateway.planner.audit.notes import Notes
from gateway.planner.audit.rules import RULES
from gateway.planner.planned import Planned

__all__ = ["SEVERITIES", "Finding", "Severity", "audit"]


def audit(planned: Planned) -> list[Finding]:
    """Every finding, the worst first, then in order of code and place. Keys that are not in force yet count as what they are."""
    notes = Notes()
    for rule in RULES:
        rule(planned, notes)
    return notes.in_order()
