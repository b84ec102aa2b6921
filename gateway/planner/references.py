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
    """Finds references to nothing. `config` is the plain data of gateway.yaml, `flags` the declared flags."""

    def __init__(self, config: dict[str, Any], flags: Iterable[str]) -> None:
        self._fixed = {**FIXED, "config": shapes.of_data(config), "flags": shapes.closed(flags)}

    def check(
        self, compiler: Compiler, input_schema: Any, steps: Iterable[str], drafts: Sequence[StepDraft], others: Iterable[Use]
    ) -> None:
        """Checks all expressions of one intent."""
        names = list(steps)
        known = {
            **self._fixed,
            "input": input_schema,
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
                compiler.findings.report(
                    compiler.document, "GW235", f"`{root}` is read without the name of a step", use.path, hint=f"write `{root}.<step>`"
                )
            elif root in known:
                self._check_reference(use, reference, known[str(root)], compiler)

    def _check_reference(self, use: Use, reference: Reference, schema: Any, compiler: Compiler) -> None:
        missing = shapes.follow(schema, reference[1:])
        if missing is None:
            return
        position = missing.position + 1
        name = str(reference[position])
        owner = ".".join(str(part) for part in reference[:position])
        step = position == 1 and reference[0] in STEP_ROOTS
        code, what = ("GW220", "step") if step else ("GW226", f"field of `{owner}`")
        place = compiler.document.place_in_text(use.path, *_locate(use, reference[: position + 1]))
        compiler.findings.unknown(compiler.document, code, what, name, known=missing.known, path=use.path, place=place)


def _locate(use: Use, reference: Reference) -> tuple[int, int]:
    """Where the last part of `reference` stands in the text at the use's path; the whole expression where it can't be told."""
    text = use.compiled.source if isinstance(use.compiled.source, str) else ""
    written = ".".join(str(part) for part in reference)
    at = text.find(written)
    if at < 0:
        return use.start, use.end
    # The leaf starts with its delimiter in a template and with itself elsewhere.
    offset = use.end - use.start - len(text)
    start = use.start + (0 if offset == 0 else _inside(use, text)) + at + len(written) - len(str(reference[-1]))
    return start, start + len(str(reference[-1]))


def _inside(use: Use, text: str) -> int:
    """How far the expression's own text is from the start of its `${ … }`: both delimiters and equal white space."""
    room = use.end - use.start - len(text)
    return 2 if room == 3 else 3 if room == 5 else room - 1
