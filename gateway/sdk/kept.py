"""Kept answers: what a cache remembers of one, where it is kept, and how it is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Generic, Protocol, TypeVar

import msgspec

Content = TypeVar("Content")


class Absence(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of a thing that is not there: enough to say so again."""

    message: str
    status_code: int | None = None
    detail_code: str | None = None


class Kept(msgspec.Struct, Generic[Content]):
    """An answer, or an absence where `content` is None. Its content is shared by all who are given it: nobody may change it.

    Times are in seconds. `born` is when it was new, on the clock's monotonic scale; `asked` when it was asked for, in wall time (of which
    purges before that moment tell nothing). It is fresh for `fresh` from its birth on. Past that it may be used for `while_revalidate`
    while a new one is fetched, for `if_error` in place of a failure, and for `validators` until it is known to be still good.
    `tenant` is whose it is, empty where it belongs to no tenant; `tags` are the names that it can be forgotten by.
    """

    content: Content | None
    born: float
    asked: float
    fresh: float
    while_revalidate: float = 0.0
    if_error: float = 0.0
    absence: Absence | None = None
    etag: str | None = None
    modified: str | None = None
    validators: float = 0.0
    tenant: str = ""
    tags: tuple[str, ...] = ()
    resting: float = 0.0
    """Until when no other refresh is tried, after one that failed; on the monotonic scale."""

    @property
    def lasts(self) -> float:
        """How long there is any use for it, from its birth on."""
        return self.fresh + max(self.while_revalidate, self.if_error, self.validators)


class Form(msgspec.Struct, Generic[Content], frozen=True):
    """How a content leaves the process: `packed` is the type that `pack` makes of it, plain data that msgspec can write and read."""

    packed: Any
    pack: Callable[[Content], Any]
    unpack: Callable[[Any], Content]


class Shelf(Protocol[Content]):
    """Where the answers of one operation (or intent) are kept. Keys are tuples of texts, bytes, None and such tuples."""

    @property
    def shared(self) -> bool:
        """Whether other processes keep answers too."""

    def look(self, key: Hashable, /) -> Kept[Content] | None:
        """What this process keeps, fresh or not."""

    async def fetch(self, key: Hashable, /) -> Kept[Content] | None:
        """What others keep; this process keeps it from then on."""

    def keep(self, key: Hashable, kept: Kept[Content], /) -> bool:
        """Keeps an answer; not one that is too large, or was asked for before its like was purged. Others get it a little later."""

    def drop(self, key: Hashable, /) -> None:
        """Forgets one answer."""


class Purge(msgspec.Struct, frozen=True):
    """What is to be forgotten: whatever bears one of the `labels`, of one tenant alone where it is named (then not what belongs to
    none). Labels are made by `label_of`."""

    labels: tuple[str, ...]
    tenant: str | None = None


EVERYTHING = "*"


def label_of(kind: str, name: str) -> str:
    """The label of a `tag`, an `operation` or a `source`."""
    return f"{kind}:{name}"


class AnswerStore(Protocol):
    """All kept answers of a plan."""

    def shelf(self, name: str, form: Form[Content], revision: bytes = b"") -> Shelf[Content]:
        """The shelf of what `name` (as `source.operation`) answers. Called at load. With another `revision` other answers are meant."""

    def shrink(self, most: int, /) -> int:
        """Forgets up to `most` answers of this process, those that were not used for longest. How many."""

    async def purge(self, purge: Purge, /) -> int:
        """Forgets, here and wherever answers are shared. How many this process kept of them."""
