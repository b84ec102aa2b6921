"""Reads that are made once per item although a backend could answer for many at once."""

from __future__ import annotations

from gateway.planner.planned import Planned
from gateway.runtime.plan import CallOperation

FEW = 10
"""A list that is never longer may be asked for item by item."""

UNBATCHED = frozenset({"static", "llm", "vector"})
"""Kinds of source without a backend, or where one question about many things is another question."""


def check_items(planned: Planned) -> None:
    """GW307. The items of a sub-intent are its own affair: the operations in it may be batched."""
    for parsed, plan in planned.sound_intents():
        for step in plan.steps:
            action, foreach = step.action, step.foreach
            if foreach is None or not isinstance(action, CallOperation) or foreach.max_items <= FEW:
                continue
            backend = planned.backends.get(action.operation.source)
            if step.writes or action.operation.batched or backend is None or backend.parsed.model.type in UNBATCHED:
                continue
            planned.findings.report(
                parsed.document,
                "GW307",
                f"`{action.operation.id}` is asked once for each item, {foreach.max_items} times at most",
                ("steps", step.id, "call"),
                hint=f"give the operation a `batch`, or write `max_items: {FEW}` where the list is always short",
                severity="warning",
            )
