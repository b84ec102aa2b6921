"""What is remembered of many, in bounded memory: whoever was not seen for longest is forgotten first."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """Two generations of at most `most / 2` each. Whoever is seen gets into the young one; when that is full it becomes the old one, and
    who was not seen since the last time is forgotten. Finding somebody who was seen lately costs one look-up, and forgetting none.
    """

    __slots__ = ("_half", "_old", "_young")

    def __init__(self, most: int) -> None:
        self._half = most // 2
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def get(self, key: K) -> V | None:
        """What is remembered; it counts as seen."""
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is not None:
                self.put(key, found)
        return found

    def put(self, key: K, value: V) -> None:
        """Remembers somebody."""
        if len(self._young) >= self._half and key not in self._young:
            self._old = self._young
            self._young = {}
        self._old.pop(key, None)
        self._young[key] = value

    def __iter__(self) -> Iterator[tuple[K, V]]:
        """All that is remembered, once each."""
        yield from self._old.items()
        yield from self._young.items()
