"""What makes a configuration easier to run and to use."""

from __future__ import annotations

from gateway.planner.audit.notes import Notes
from gateway.planner.planned import Planned


def no_metrics(planned: Planned, notes: Notes) -> None:
    """GA701"""
    parsed = planned.loaded.gateway
    if parsed is not None and not parsed.model.telemetry.metrics:
        notes.add("GA701", "metrics are switched off", parsed.document, ("telemetry", "metrics"))


def no_summary(planned: Planned, notes: Notes) -> None:
    """GA702, for intents that somebody outside may ask for."""
    for versions in planned.loaded.intents.values():
        parsed = versions[-1]
        if not parsed.model.summary and not parsed.model.access.internal:
            notes.add("GA702", f"intent `{parsed.name}` has no `summary`", parsed.document)
