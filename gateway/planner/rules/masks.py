"""Fields that masks name and that nothing shows: most often a name that is misspelt, and then the field is open."""

from __future__ import annotations

from gateway.config.suggest import closest
from gateway.expressions.field_patterns import ANY_PATH
from gateway.expressions.marked_shape import mark_of
from gateway.planner.masking import MaskPlanner
from gateway.planner.planned import Planned
from gateway.planner.rules.understood import understood

MOST_COMPARED = 2_000
"""Names that a pattern is compared with for a suggestion."""


def check_masks(planned: Planned) -> None:
    """GW504 of patterns in `fields`. Where data is shown whose fields nobody declares, any name may be right that is like no other."""
    masks = planned.masks
    if masks is None or not understood(planned):
        return
    for rule in masks.written:
        for index, field in enumerate(rule.model.fields or ()):
            if mark_of(field) in masks.matched:
                continue
            near = _near(field, masks)
            if near is not None or not masks.unnamed:
                planned.findings.report(
                    rule.document, "GW504", f"no field that is shown is called `{field}`", (*rule.path, "fields", index),
                    hint=f"did you mean `{near}`?" if near else "a name without `*.` before it is one at the top of an answer's data",
                    severity="warning",
                )  # fmt: skip


def _near(field: str, masks: MaskPlanner) -> str | None:
    """The pattern with its last name put right, or the same name anywhere."""
    first, _, last = field.rpartition(".")
    if last == ANY_PATH or len(masks.names) > MOST_COMPARED:
        return None
    if last in masks.names:
        return f"{ANY_PATH}.{last}" if first != ANY_PATH else None
    name = closest(last, sorted(masks.names))
    return None if name is None else f"{first}.{name}" if first else name
