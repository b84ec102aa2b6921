"""Fields that masks name and that nothing shows: most often a name that is misspelt, and then the field is open."""

from __future__ import annotations

from gateway.expressions.marked_shape import mark_of
from gateway.planner.planned import Planned
from gateway.planner.rules.understood import understood


def check_masks(planned: Planned) -> None:
    """GW504 of patterns in `fields`. Where data is shown whose fields nobody declares, any name may be right."""
    masks = planned.masks
    if masks is None or masks.unnamed or not understood(planned):
        return
    for rule in masks.written:
        for index, field in enumerate(rule.model.fields or ()):
            if mark_of(field) not in masks.matched:
                planned.findings.report(
                    rule.document, "GW504", f"no field that is shown is called `{field}`", (*rule.path, "fields", index),
                    hint="there may be a spelling mistake; without `*` before it, a name is one at the top of an answer's data",
                    severity="warning",
                )  # fmt: skip
