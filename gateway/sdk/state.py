"""Where what may be lost is shared by workers and nodes: kept answers, limits, and word of what is to be forgotten (`stores.state`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from gateway.sdk.allowance import Allowance, Charge, Use, Verdict

LARGEST_VALUE = 1024 * 1024
"""Bytes of a value or message, its key included, that may be shared; larger ones are not."""


class StateStore(Protocol):
    """A small, fast, forgetful store behind what each process keeps itself. It never fails a request: where it can't be reached, or is
    slow, `get`, `charge` and `uses` give None and the others do nothing, and metrics and one log record tell of it.

    Keys and values are bytes; the gateway's name is part of every key, so that two gateways can share one server.
    """

    @property
    def up(self) -> bool:
        """Whether it is asked at all: false while it is bypassed, since it could not be reached or was too slow."""

    async def get(self, key: bytes, /) -> bytes | None:
        """The value that was kept under exactly this key; None where there is none, or none can be had now."""

    async def set(self, key: bytes, value: bytes, ttl: float, /) -> None:
        """Keeps a value for `ttl` seconds."""

    async def delete(self, *keys: bytes) -> None: ...

    async def charge(self, charges: Sequence[Charge], /, *, regardless: bool = False) -> Verdict | None:
        """Makes all charges of a request in one step, by the store's own time, where all have enough left; else none of them.

        With `regardless` they are made however little is left; a cost below 0 gives back. None where that can't be known to have
        happened.
        """

    async def uses(self, quotas: Sequence[Allowance], /) -> list[Use] | None:
        """How much of these quotas is used in their present periods, by everybody; None where that can't be told now."""

    async def announce(self, topic: str, message: bytes, /) -> None:
        """Tells all processes that listen, this one not included. Word may get lost: nothing may depend on it for being right."""

    def listen(self, topic: str, hook: Callable[[bytes], None], /, missed: Callable[[], None] | None = None) -> None:
        """Has `hook` called in this process for what others announce. Called at load.

        `missed` is called each time listening begins: once at the start, and whenever the connection was lost and is there again.
        What was announced until then may never come. Both are called on the event loop, and should be short.
        """
