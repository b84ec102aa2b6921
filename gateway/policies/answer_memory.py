"""Kept answers in this process: the least recently used go first when their bytes are too many."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Any, NamedTuple

from cachetools import Cache, LRUCache

from gateway.sdk.kept import Kept

LARGEST_SHARE = 8
"""One answer takes at most this part of the memory."""

PLACE = 1024
"""Bytes that an answer takes besides its content: its key, its times, its places in the tables."""


class Held(NamedTuple):
    """An answer, the labels that it can be forgotten by, and the bytes that it takes."""

    kept: Kept[Any]
    labels: tuple[str, ...]
    size: int


class _Bounded(LRUCache[Hashable, Held]):
    """Tells of each that had to go."""

    def __init__(self, most: int, evicted: Callable[[], None]) -> None:
        super().__init__(most, getsizeof=_size)
        self._evicted = evicted

    def popitem(self) -> tuple[Hashable, Held]:
        self._evicted()
        return super().popitem()


class AnswerMemory:
    """At most `most` bytes of answers; `evicted` is told of each that had to make room."""

    def __init__(self, most: int, evicted: Callable[[], None]) -> None:
        self.largest = most // LARGEST_SHARE
        self._answers = _Bounded(most, evicted)

    def __len__(self) -> int:
        return len(self._answers)

    def __iter__(self) -> Iterator[Held]:
        for key in list(self._answers):
            yield Cache.__getitem__(self._answers, key)  # which counts as no use

    @property
    def size(self) -> int:
        """Bytes in use."""
        return int(self._answers.currsize)

    def get(self, key: Hashable) -> Kept[Any] | None:
        """What is kept, which counts as a use."""
        try:
            return self._answers[key].kept
        except KeyError:
            return None

    def put(self, key: Hashable, kept: Kept[Any], labels: tuple[str, ...], content_size: int) -> bool:
        """Keeps an answer in place of any other; not one that is too large, whose predecessor goes all the same."""
        size = content_size + PLACE
        if size > self.largest:
            self._answers.pop(key, None)
            return False
        self._answers[key] = Held(kept, labels, size)
        return True

    def drop(self, key: Hashable) -> None:
        """Forgets one."""
        self._answers.pop(key, None)

    def shrink(self, most: int) -> int:
        """Forgets up to `most`, the least recently used first; how many."""
        forgotten = min(most, len(self._answers))
        for _ in range(forgotten):
            self._answers.popitem()
        return forgotten

    def sweep(self, matches: Callable[[Held], bool], slice_size: int) -> Iterator[int]:
        """Forgets all that match, some of them at each turn; gives how many were forgotten since the last."""
        keys = list(self._answers)
        for start in range(0, len(keys), slice_size):
            forgotten = 0
            for key in keys[start : start + slice_size]:
                if key in self._answers and matches(Cache.__getitem__(self._answers, key)):
                    del self._answers[key]
                    forgotten += 1
            yield forgotten


def footprint(encoded: bytes) -> int:
    """About how many bytes a decoded value takes, told from its JSON: CPython's smallest objects have 28 to 64 bytes, a list 56 and a
    dictionary 184. Signs inside texts are counted too, so it is rather too much than too little."""
    values, members = 1 + encoded.count(b","), encoded.count(b":")
    return len(encoded) + 56 * values + 32 * members + 184 * encoded.count(b"{") + 64 * encoded.count(b"[")


def _size(held: Held) -> int:
    return held.size
