"""The known word that somebody most likely meant."""

from __future__ import annotations

from collections.abc import Iterable

_LONGEST = 64
_SHORTEST_PREFIX = 3


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word nearest to `word`, or None where none is near. Deterministic: of equally near words the first by code point.

    Near is a spelling with few edits (swapped neighbours count as one), another case or separator, a plural, the same
    parts in another order (`order_get`, `get_order`), or, failing these, one that begins with the other.
    """
    if not word or len(word) > _LONGEST:
        return None
    ranked = ((rank, name) for name in known if name != word and (rank := _rank(word, name)) is not None)
    best = min(ranked, default=None)
    return best[1] if best else None


def _rank(word: str, name: str) -> tuple[int, int] | None:
    """How far `name` is from `word`: smaller is nearer, None is too far."""
    left, right = _normal(word), _normal(name)
    if left == right or sorted(left.split("_")) == sorted(right.split("_")):
        return 0, 0
    if _singular(left) == _singular(right):
        return 0, 1
    limit = _limit(len(left))
    if abs(len(left) - len(right)) <= limit:
        edits = distance(left, right)
        if edits <= limit:
            return 1, edits
    short, long = sorted((left, right), key=len)
    if len(short) >= _SHORTEST_PREFIX and long.startswith(short):
        return 2, len(long) - len(short)
    return None


def _limit(length: int) -> int:
    return 0 if length < 2 else 1 if length < 5 else 2 if length < 10 else 3


def _normal(word: str) -> str:
    return word.lower().replace("-", "_").replace(" ", "_")


def _singular(word: str) -> str:
    return word[:-3] + "y" if word.endswith("ies") else word.removesuffix("s")


def distance(left: str, right: str) -> int:
    """Edits between two words: insert, delete, replace, or swap two neighbours (optimal string alignment)."""
    before: list[int] = []
    above = list(range(len(right) + 1))
    for row, letter in enumerate(left, 1):
        line = [row]
        for column, other in enumerate(right, 1):
            cost = min(above[column] + 1, line[column - 1] + 1, above[column - 1] + (letter != other))
            if row > 1 and column > 1 and letter == right[column - 2] and left[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, above = above, line
    return above[-1]
