"""The known word that somebody most likely meant, and whether nothing else can be meant."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile

_LONGEST = 64
_SHORTEST = 3
_LONG = 8
_MOST_EDITS = 2
_MARGIN = 2

Rank = tuple[int, int, int]
"""Smaller is nearer: what kind of likeness, how much of it, and what settles between equals."""


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word nearest to `word`, or None where none is near. Deterministic: of equally near words the first by code point.

    Near is a spelling with few edits (swapped neighbours count as one), another case or separator, a plural, the same
    parts in another order (`order_get`, `get_order`), or, failing these, one that begins with the other. Of spellings with
    equally many edits the one that begins alike for longer is nearer: first letters are seldom mistyped.
    """
    if not word or len(word) > _LONGEST:
        return None
    wanted = _Wanted(word)
    best: tuple[Rank, str] | None = None
    for name in known:
        rank = wanted.rank(name) if name != word else None
        if rank is not None and (best is None or (rank, name) < best):
            best = rank, name
            wanted.no_further_than(rank)
    return best[1] if best else None


def certain(word: str, near: str | None, known: Iterable[str]) -> str | None:
    """`near`, the closest of `known` to `word`, where nothing else can be meant, so that a program may write it; else None.

    Certain is what differs in case or separators alone, or by one edit (from eight letters on by two), while every other
    known word is at least two edits further away. Nothing about a word of fewer than three letters is certain.
    """
    text = _normal(word)
    if near is None or len(text) < _SHORTEST:
        return None
    edits = edits_within(text, _normal(near), _MOST_EDITS if len(text) >= _LONG else 1)
    if edits is None:
        return None
    others = (name for name in known if name not in {near, word})
    return near if all(edits_within(text, _normal(name), edits + _MARGIN - 1) is None for name in others) else None


class _Wanted:
    """One word, prepared for being compared with many."""

    def __init__(self, word: str) -> None:
        self._text = _normal(word)
        self._parts = sorted(self._text.split("_"))
        self._singular = _singular(self._text)
        self._limit = _limit(len(self._text))

    def no_further_than(self, rank: Rank) -> None:
        """Says that something was found at `rank`, so that what is further away need not be measured."""
        if rank[0] < 2:
            self._limit = min(self._limit, rank[1])

    def rank(self, name: str) -> Rank | None:
        """How far `name` is from the word: smaller is nearer, None is too far."""
        left, right = self._text, _normal(name) if len(name) <= _LONGEST else name
        longer = len(right) - len(left)
        if longer == 0 and (left == right or ("_" in left and self._parts == sorted(right.split("_")))):
            return 0, 0, 0
        if -3 < longer < 3 and self._singular == _singular(right):
            return 0, 1, 0
        edits = edits_within(left, right, self._limit)
        if edits is not None and (len(left) > 1 or left in right):
            return 1, edits, -_alike(left, right)
        short, long = (left, right) if longer > 0 else (right, left)
        return (2, abs(longer), 0) if len(short) >= _SHORTEST and long.startswith(short) else None


def _limit(length: int) -> int:
    return 1 if length < 5 else 2 if length < 10 else 3


def _normal(word: str) -> str:
    return word.lower().replace("-", "_").replace(" ", "_")


def _singular(word: str) -> str:
    return word[:-3] + "y" if word.endswith("ies") else word.removesuffix("s")


def _alike(left: str, right: str) -> int:
    """How many letters two words have in common from their beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False)))


def edits_within(left: str, right: str, limit: int) -> int | None:
    """`distance`, or None beyond `limit`. What can be told from lengths and letters costs next to nothing."""
    if abs(len(left) - len(right)) > limit:
        return None
    letters, others = set(left), set(right)
    if len(letters - others) > limit or len(others - letters) > limit:
        return None
    edits = distance(left, right, limit)
    return edits if edits <= limit else None


def distance(left: str, right: str, limit: int = 1 << 30) -> int:
    """Edits between two words: insert, delete, replace, or swap two neighbours (optimal string alignment).

    Beyond `limit` the answer is some number above it.
    """
    before: list[int] = []
    above = list(range(len(right) + 1))
    for row, letter in enumerate(left, 1):
        line = [row]
        for column, other in enumerate(right, 1):
            cost = min(above[column] + 1, line[column - 1] + 1, above[column - 1] + (letter != other))
            if row > 1 and column > 1 and letter == right[column - 2] and left[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        if min(line) > limit and min(above) >= limit:
            return limit + 1
        before, above = above, line
    return above[-1]
