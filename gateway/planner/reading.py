"""What an expression reads, as far as it is told by its references."""

from __future__ import annotations

from gateway.sdk import Compiled

STEP_ROOTS = frozenset({"steps", "status", "meta"})


def steps_read(compiled: Compiled) -> set[str]:
    """The steps whose value, status or meta it reads."""
    return {str(reference[1]) for reference in compiled.references if reference[0] in STEP_ROOTS and len(reference) > 1}
