"""The exact change of a line that carries out a problem's `fix`."""

from __future__ import annotations

import re
from typing import NamedTuple

from gateway.config.scalars import resolve
from gateway.config.suggest import closest
from gateway.sdk.problem import Place, Problem

_PLAIN = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.$/+-]*[A-Za-z0-9_])?|-[0-9.]+")
"""What means itself anywhere in YAML, unquoted and between quotes."""
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_IN_EXPRESSIONS = frozenset({"GW220", "GW226"})
_RESPELLS = frozenset({"GW102", "GW105"})
"""Codes whose fix writes a value in another form (`2 sec` as `2s`); all others mend the spelling of a name."""


class Replacement(NamedTuple):
    """`old` stands at `place`, quotes included, and `new` goes there."""

    code: str
    place: Place
    old: str
    new: str


def replacement(problem: Problem, line: str | None) -> Replacement | None:
    """How to carry out `problem.fix` on the line that the problem is on, or None where that isn't plain.

    The quotes round a name stay; round a value that is to be a number or boolean they go. What the problem marks has to be
    the misspelt name itself: `fix` says nothing about a longer text that only holds the name.
    """
    place, fix = problem.place, problem.fix
    if line is None or fix is None or not 1 <= place.column < place.end <= len(line) + 1 or not _PLAIN.fullmatch(fix):
        return None
    old = line[place.column - 1 : place.end - 1]
    quote = old[0] if len(old) > 2 and old[0] in "'\"" and old[-1] == old[0] else ""
    word = old[1:-1] if quote else old
    if problem.code in _IN_EXPRESSIONS and not _IDENTIFIER.fullmatch(fix):
        return None
    if problem.code not in _RESPELLS and (not _PLAIN.fullmatch(word) or closest(word, [fix]) is None):
        return None
    kept = quote if isinstance(resolve(fix), str) else ""
    return Replacement(problem.code, place, old, f"{kept}{fix}{kept}")
