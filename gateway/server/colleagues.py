"""The other workers of a gateway: operators have one listener, and whichever worker accepts there, asks the others."""

from __future__ import annotations

from typing import Protocol

from gateway.server.channel import Replies

METRICS = "metrics"
"""The topic whose question is what the worker that asks has counted itself. The supervisor adds what workers counted that are no more."""


class Colleagues(Protocol):
    """The others. `number` is this worker's own."""

    @property
    def number(self) -> int: ...

    async def ask(self, topic: str, question: bytes, /) -> Replies:
        """What each of the others says (`gateway.server.together`): None of one that doesn't answer in time, or is not there. Empty
        where the supervisor doesn't answer. Never raises."""


class Nobody:
    """Where a single process serves."""

    number = 0

    async def ask(self, topic: str, question: bytes, /) -> Replies:
        """There is nobody."""
        del topic, question
        return Replies(0, {})
