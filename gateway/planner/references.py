"""Every path that an expression reads, held against what is known to be there (language §2 "Static check")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gateway.planner import roots, shapes
from gateway.planner.compiler import Compiler, Use
from gateway.planner.reading import STEP_ROOTS
from gateway.planner.steps import StepDraft
from gateway.sdk import Reference

FIXED: Mapping[str, Any] = {
    "ctx": shapes.closed(roots.CONTEXT_FIELDS),
    "tenant": shapes.closed(roots.TENANT_FIELDS),
    "session": shapes.closed(roots.SESSION_FIELDS),
    "error": shapes.closed(roots.ERROR_FIELDS),
}


class ReferenceCheck:
    """Finds references to nothing.

    `config` is the plain data of gateway.yaml, `flags` the declared flags; None where a broken document keeps them from being known.
    """

    def __init__(self, config: dict[str, Any] | None, flags: Iterable[str] | None) -> None:
        self._fixed = {
            **FIXED,
            "config": shapes.ANY if config is None else shapes.of_data(config),
            "flags": shapes.ANY if flags is None else shapes.closed(flags),
        }

    def check(
        self, compiler: Compiler, own: Mapping[str, Any], steps: Iterable[str], drafts: Sequence[StepDraft], others: Iterable[Use]
    ) -> None:
        """Checks all expressions of one intent; `own` are the shapes of its `input` and `output`."""
        names = list(steps)
        known = {
            **self._fixed,
            **own,
            "steps": shapes.object_of({**dict.fromkeys(names, shapes.ANY), **{draft.id: draft.shape for draft in drafts}}),
            "status": shapes.closed(names),
            "meta": shapes.object_of({name: shapes.closed(roots.META_FIELDS) for name in names}),
        }
        for use in others:
            self._check_use(use, known, compiler)
        for draft in drafts:
            self._check_depends(draft, names, compiler)
            for use in draft.uses:
                self._check_use(use, {**known, "result": draft.result_shape}, compiler)

    def check_plain(self, compiler: Compiler, known: Mapping[str, Any]) -> None:
        """Checks all expressions of a document without steps."""
        for use in compiler.uses:
            self._check_use(use, {**self._fixed, **known}, compiler)

    def _check_depends(self, draft: StepDraft, names: Sequence[str], compiler: Compiler) -> None:
        for index, name in enumerate(draft.model.depends_on):
            if name not in names:
                compiler.findings.unknown(
                    compiler.document, "GW220", "step", name, known=names, path=("steps", draft.id, "depends_on", index)
                )

    def _check_use(self, use: Use, known: Mapping[str, Any], compiler: Compiler) -> None:
        for reference in sorted(use.compiled.references, key=repr):
            root = reference[0]
            if root in STEP_ROOTS and len(reference) == 1:
                for place in use.places(reference, compiler.document):
                    compiler.findings.report(
                        compiler.document, "GW235", f"`{root}` is read without the name of a step", use.path, place=place,
                        hint=f"write `{root}.<step>`",
                    )  # fmt: skip
            elif root in known:
                self._check_reference(use, reference, known[str(root)], compiler)

    def _check_reference(self, use: Use, reference: Reference, schema: Any, compiler: Compiler) -> None:
        missing = shapes.follow(schema, reference[1:])
        if missing is None:
            return
        position = missing.position + 1
        name = str(reference[position])
        step = position == 1 and reference[0] in STEP_ROOTS
        code, what, of = ("GW220", "step", None) if step else ("GW226", "field", _written(reference[:position]))
        for place in use.places(reference[: position + 1], compiler.document):
            compiler.findings.unknown(compiler.document, code, what, name, known=missing.known, path=use.path, of=of, place=place)


def _written(reference: Reference) -> str:
    """A path as it is written in an expression."""
    first, *others = reference
    return str(first) + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in others)
