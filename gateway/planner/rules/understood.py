"""Whether all of a folder is understood, so that it can be told what nothing in it uses."""

from __future__ import annotations

from gateway.planner.planned import Planned


def understood(planned: Planned) -> bool:
    """Whether nothing has an error, what is not in force yet aside: a document that is broken may use anything."""
    if planned.loaded.gateway is None or planned.loaded.broken:
        return False
    return not any(problem.severity == "error" for problem in planned.findings.problems)
