"""Steps that are named and aren't there, and roots that are read without a step's name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.planner.compiler import Compiler, Use
from gateway.planner.reading import STEP_ROOTS
from gateway.planner.steps import StepDraft


def check_references(compiler: Compiler, steps: Sequence[str], drafts: Sequence[StepDraft], others: Iterable[Use]) -> None:
    """Reports these faults of one intent; unknown names inside expressions are for the check of shapes."""
    for draft in drafts:
        _check_depends(draft, steps, compiler)
    for use in [*others, *(use for draft in drafts for use in draft.uses)]:
        _check_roots(use, compiler)


def _check_depends(draft: StepDraft, steps: Sequence[str], compiler: Compiler) -> None:
    for index, name in enumerate(draft.model.depends_on):
        if name not in steps:
            compiler.findings.unknown(compiler.document, "GW220", "step", name, known=steps, path=("steps", draft.id, "depends_on", index))


def _check_roots(use: Use, compiler: Compiler) -> None:
    for reference in sorted(use.compiled.references, key=repr):
        if len(reference) == 1 and reference[0] in STEP_ROOTS:
            for place in use.places(reference, compiler.document):
                compiler.findings.report(
                    compiler.document, "GW235", f"`{reference[0]}` is read without the name of a step", use.path, place=place,
                    hint=f"write `{reference[0]}.<step>`",
                )  # fmt: skip
