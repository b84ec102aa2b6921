"""The "did you mean" of problems that sources report."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A hint that names the known word nearest to `word`, or the few that there are; None where nothing is near."""
    candidates = sorted(known)
    by_folded = {candidate.casefold(): candidate for candidate in candidates}
    near = get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    if near:
        return f"did you mean `{by_folded[near[0]]}`?"
    if 0 < len(candidates) <= 8:
        return "known here: " + ", ".join(f"`{candidate}`" for candidate in candidates)
    return None
