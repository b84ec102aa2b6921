"""How many connections each worker has, seen by all of them: who has many more than another leaves the next ones to that one.

Workers share a listening socket, and the system wakes any of them. Without this, whoever wakes first takes a whole burst: of 64
connections that came at once, one of two workers took 62 to 64.
"""

from __future__ import annotations

import mmap
import struct

AHEAD = 2
"""Connections that a worker may have more than the one that has fewest, and an eighth besides."""

_AWAY = 0xFFFFFFFF
_ENTRY = struct.Struct("=I")


class Headcount:
    """Made before the workers are; each entry is written by one process at a time. Everybody is away at first."""

    def __init__(self, workers: int) -> None:
        self._memory = mmap.mmap(-1, workers * _ENTRY.size)
        self._entries = range(workers)
        for worker in self._entries:
            self.away(worker)

    def set(self, worker: int, connections: int) -> None:
        """A worker tells how many it has."""
        _ENTRY.pack_into(self._memory, worker * _ENTRY.size, connections)

    def away(self, worker: int) -> None:
        """A worker takes no connections any more, or not yet."""
        self.set(worker, _AWAY)

    def room(self, worker: int) -> int:
        """How many connections a worker may take before others have had their chance; may be below 0."""
        least = min(self._of(other) for other in self._entries)
        return least + AHEAD + least // 8 - self._of(worker)

    def _of(self, worker: int) -> int:
        found: int = _ENTRY.unpack_from(self._memory, worker * _ENTRY.size)[0]
        return found
