"""All kept answers of a plan: in this process's memory, and behind that where workers and nodes share them (`stores.state`)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Hashable
from typing import Any, Generic, TypeVar

import msgspec

from gateway.policies.answer_code import Address, AnswerCode
from gateway.policies.answer_memory import AnswerMemory, Held, footprint
from gateway.policies.purges import LONGEST_SHARED, Purges, covered, targets_of
from gateway.sdk import Clock, Metrics
from gateway.sdk.kept import EVERYTHING, AnswerStore, Form, Kept, Purge, label_of
from gateway.sdk.state import StateStore

Content = TypeVar("Content")

TOPIC = "purge"
SLICE = 2000
"""Answers that a purge looks at before others get their turn."""

MOST_LOOKED_UP = 2000
"""Stamps of purges that are looked up after word may have been missed; where more would be, all answers in memory are forgotten."""

MOST_AT_ONCE = 1000
"""Things to be done for other processes that may be under way; further ones are left, as nothing depends on them."""

_encode_json = msgspec.json.Encoder().encode
_encode = msgspec.msgpack.Encoder().encode


class _Word(msgspec.Struct, frozen=True, array_like=True):
    """What other processes are told of a purge; `at` is in wall time."""

    labels: tuple[str, ...]
    tenant: str | None
    at: float


_word = msgspec.msgpack.Decoder(_Word)


class KeptAnswers(AnswerStore):
    """One for a plan. `most` are the bytes that answers take in this process."""

    def __init__(self, most: int, clock: Clock, metrics: Metrics, state: StateStore | None = None) -> None:
        self.clock = clock
        self.state = state
        self.purges = Purges(clock, state)
        evictions = metrics.counter("gateway_cache_evictions_total", "Kept answers that had to make room for others.")
        self.memory = AnswerMemory(most, evictions.inc)
        metrics.gauge("gateway_cache_bytes", "Memory that kept answers take.", lambda: self.memory.size)
        metrics.gauge("gateway_cache_entries", "Answers that are kept in memory.", lambda: len(self.memory))
        self._tasks: set[asyncio.Task[Any]] = set()
        self._logger = logging.getLogger("gateway.cache")
        if state is not None:
            state.listen(TOPIC, self._hear, self._missed)

    def shelf(self, name: str, form: Form[Content], revision: bytes = b"") -> AnswerShelf[Content]:
        """See `AnswerStore.shelf`."""
        return AnswerShelf(self, name, form, revision)

    def shrink(self, most: int, /) -> int:
        """See `AnswerStore.shrink`."""
        return self.memory.shrink(most)

    async def purge(self, purge: Purge, /) -> int:
        """See `AnswerStore.purge`."""
        at = self.clock.now().timestamp()
        self.purges.note(purge, at)
        await self.purges.share(purge, at)
        if self.state is not None:
            await self.state.announce(TOPIC, _encode(_Word(purge.labels, purge.tenant, at)))
        return await self._sweep(purge)

    def _missed(self) -> None:
        """Listening begins, or begins again: what was purged meanwhile is looked up."""
        self.later(self._catch_up())

    async def _catch_up(self) -> None:
        await self.purges.share_again()
        targets = {target for held in self.memory for target in targets_of(held.labels, held.kept.tenant)}
        if len(targets) > MOST_LOOKED_UP:
            await self._sweep(Purge((EVERYTHING,)))
            return
        stamps = await self.purges.look_up(targets)
        if not stamps:
            return
        for _ in self.memory.sweep(lambda held: covered(stamps, held.labels, held.kept.tenant, held.kept.asked), SLICE):
            await asyncio.sleep(0)

    async def close(self) -> None:
        """Waits for what is under way; the store of what is shared is still open then, and never waits for long."""
        await asyncio.gather(*self._tasks)

    def later(self, work: Coroutine[Any, Any, Any]) -> None:
        """Has something done that nobody waits for; nothing where too much of that is under way already."""
        if len(self._tasks) >= MOST_AT_ONCE:
            work.close()
            return
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _sweep(self, purge: Purge) -> int:
        labels = frozenset(purge.labels)
        forgotten = 0

        def matches(held: Held) -> bool:
            return purge.tenant in (None, held.kept.tenant) and not labels.isdisjoint(held.labels)

        for some in self.memory.sweep(matches, SLICE):
            forgotten += some
            await asyncio.sleep(0)
        return forgotten

    def _hear(self, message: bytes) -> None:
        """What another process purged. Word that can't be read is none of a gateway's."""
        try:
            word = _word.decode(message)
        except msgspec.MsgspecError:
            self._logger.warning("word of a purge can't be read")
            return
        purge = Purge(word.labels, word.tenant)
        self.purges.note(purge, min(word.at, self.clock.now().timestamp()))
        self.later(self._sweep(purge))


class AnswerShelf(Generic[Content]):
    """Where the answers of one operation are kept."""

    def __init__(self, answers: KeptAnswers, name: str, form: Form[Content], revision: bytes) -> None:
        self._answers = answers
        self._memory = answers.memory
        self._purges = answers.purges
        self._state = answers.state
        self._clock = answers.clock
        self._name = name
        self._form = form
        self._revision = revision
        self._code = AnswerCode(form, answers.clock)
        self._labels = (EVERYTHING, label_of("source", name.partition(".")[0]), label_of("operation", name))

    @property
    def shared(self) -> bool:
        """See `Shelf.shared`."""
        return self._state is not None and self._state.up

    def look(self, key: Hashable, /) -> Kept[Content] | None:
        """See `Shelf.look`."""
        return self._memory.get((self._name, key))

    async def fetch(self, key: Hashable, /) -> Kept[Content] | None:
        """See `Shelf.fetch`."""
        if self._state is None:
            return None
        address = Address(self._name, self._revision, key)
        written = await self._state.get(address.key)
        kept = None if written is None else self._code.read(address.whose, written)
        if kept is None:
            return None
        labels = self._labels_of(kept)
        if await self._purges.cover_shared(labels, kept.tenant, kept.asked) or self._purges.covers(labels, kept.tenant, kept.asked):
            return None
        here = self.look(key)
        if here is not None and here.born >= kept.born:
            return here
        self._put(key, kept, labels, self._pack(kept))
        return kept

    def keep(self, key: Hashable, kept: Kept[Content], /) -> bool:
        """See `Shelf.keep`."""
        labels = self._labels_of(kept)
        if self._purges.covers(labels, kept.tenant, kept.asked):
            return False
        packed = self._pack(kept)
        if not self._put(key, kept, labels, packed):
            return False
        if self._state is not None:
            self._share(self._state, Address(self._name, self._revision, key), kept, packed)
        return True

    def drop(self, key: Hashable, /) -> None:
        """See `Shelf.drop`."""
        self._memory.drop((self._name, key))
        if self._state is not None:
            self._answers.later(self._state.delete(Address(self._name, self._revision, key).key))

    def _share(self, state: StateStore, address: Address, kept: Kept[Content], packed: Any) -> None:
        lasts = min(kept.lasts - (self._clock.monotonic() - kept.born), LONGEST_SHARED)
        written = self._code.write(address.whose, kept, packed) if lasts > 0 else None
        if written is not None:
            self._answers.later(state.set(address.key, written, lasts))

    def _put(self, key: Hashable, kept: Kept[Content], labels: tuple[str, ...], packed: Any) -> bool:
        try:
            size = footprint(_encode_json(packed))
        except (OverflowError, TypeError, ValueError, RecursionError):
            return False
        return self._memory.put((self._name, key), kept, labels, size)

    def _pack(self, kept: Kept[Content]) -> Any:
        return None if kept.content is None else self._form.pack(kept.content)

    def _labels_of(self, kept: Kept[Content]) -> tuple[str, ...]:
        return (*self._labels, *(label_of("tag", tag) for tag in kept.tags)) if kept.tags else self._labels
