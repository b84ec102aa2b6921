"""What was purged, and when: an answer that was asked for before is not kept, and not taken from others, any more.

Answers that other processes share can't be listed, so a purge leaves a stamp for each of its labels where answers are shared, and whoever
takes an answer from there looks at the stamps of its labels. Word that is sent besides makes it quick, and may get lost.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from itertools import islice

import msgspec
from cachetools import LRUCache, TTLCache

from gateway.sdk import Clock
from gateway.sdk.kept import Purge
from gateway.sdk.state import StateStore

LONGEST_SHARED = 30 * 86400.0
"""Seconds that answers, and the stamps of purges, are shared at most."""

SKEW = 2.0
"""Seconds by which the clocks of processes may differ: answers that others asked for so soon after a purge are not taken either."""

MOST_STAMPS = 10_000
MOST_UNSHARED = 1000
AT_ONCE = 50
"""Stamps that are looked up side by side."""

LOOKED_AT = 1.0
"""Seconds for which a stamp that was looked at is believed."""

Target = tuple[str, str | None]
"""A label, and the tenant whose answers are meant, None for everybody's."""

_encode = msgspec.msgpack.Encoder().encode
_stamp = msgspec.msgpack.Decoder(float)


class Purges:
    """Stamps of purges, in wall time: those of this process or that it was told of, and those that are shared."""

    def __init__(self, clock: Clock, state: StateStore | None) -> None:
        self._clock = clock
        self._state = state
        self._stamps: LRUCache[Target, float] = LRUCache(MOST_STAMPS)
        self._shared: TTLCache[Target, float] = TTLCache(MOST_STAMPS, LOOKED_AT, timer=clock.monotonic)
        self._unshared: deque[tuple[Purge, float]] = deque(maxlen=MOST_UNSHARED)
        self._floor = -math.inf
        """The newest stamp that had to make room: what was asked for before that may have been purged."""

    def note(self, purge: Purge, at: float) -> None:
        """Remembers a purge."""
        for label in purge.labels:
            target = (label, purge.tenant)
            if target not in self._stamps and len(self._stamps) >= MOST_STAMPS:
                self._floor = max(self._floor, self._stamps.popitem()[1])
            self._stamps[target] = max(at, self._stamps.get(target, at))

    async def share(self, purge: Purge, at: float) -> None:
        """Leaves the stamps for others; while that can't be done they are remembered for later (`share_again`)."""
        if self._state is None:
            return
        stamp = _encode(at)
        await asyncio.gather(*(self._state.set(_key((label, purge.tenant)), stamp, LONGEST_SHARED) for label in purge.labels))
        if not self._state.up:
            self._unshared.append((purge, at))

    async def share_again(self) -> None:
        """Leaves the stamps that could not be left before, and believes none any more that was looked at before."""
        self._shared.clear()
        waiting = list(self._unshared)
        self._unshared.clear()
        for purge, at in waiting:
            await self.share(purge, at)

    def covers(self, labels: tuple[str, ...], tenant: str, asked: float) -> bool:
        """Whether an answer with these labels, that was asked for then, was purged as far as this process knows."""
        if not self._stamps:
            return False
        return asked <= self._floor or covered(self._stamps, labels, tenant, asked)

    async def cover_shared(self, labels: tuple[str, ...], tenant: str, asked: float) -> bool:
        """The same by the stamps that are shared, for an answer of another process."""
        stamps = await self.look_up(targets_of(labels, tenant))
        return covered(stamps, labels, tenant, asked)

    async def look_up(self, targets: Iterable[Target]) -> dict[Target, float]:
        """The stamps that are shared; later ones by what clocks may differ."""
        if self._state is None:
            return {}
        found: dict[Target, float] = {}
        for some in _some(targets, AT_ONCE):
            stamps = await asyncio.gather(*(self._look(self._state, target) for target in some))
            found |= {target: stamp + SKEW for target, stamp in zip(some, stamps, strict=True) if stamp > -math.inf}
        return found

    async def _look(self, state: StateStore, target: Target) -> float:
        known = self._shared.get(target)
        if known is None:
            known = self._shared[target] = _read(await state.get(_key(target)))
        return known


def targets_of(labels: tuple[str, ...], tenant: str) -> Iterator[Target]:
    """What purges an answer with these labels."""
    for label in labels:
        yield label, None
        if tenant:
            yield label, tenant


def covered(stamps: Mapping[Target, float], labels: tuple[str, ...], tenant: str, asked: float) -> bool:
    """Whether one of the stamps is of a purge after an answer was asked for."""
    return any(asked <= stamps.get(target, -math.inf) for target in targets_of(labels, tenant))


def _some(targets: Iterable[Target], size: int) -> Iterator[list[Target]]:
    """Some at a time."""
    rest = iter(targets)
    while some := list(islice(rest, size)):
        yield some


def _read(written: bytes | None) -> float:
    """What can't be read was not written by a gateway; it is taken for a purge of just now, which only costs a call."""
    if written is None:
        return -math.inf
    try:
        at = _stamp.decode(written)
    except msgspec.MsgspecError:
        return math.inf
    return at if math.isfinite(at) else math.inf


def _key(target: Target) -> bytes:
    return b"purged/" + blake2b(_encode(target), digest_size=24).digest()
