"""Word of circuits on its way from and to the other processes that share `stores.state`: beside the calls, never in them."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable

import msgspec

from gateway.policies.circuit_word import Word
from gateway.sdk import Services
from gateway.sdk.state import StateStore

MOST = 100
"""Words that may be on their way; further ones are left, as nothing depends on them."""

_encode = msgspec.msgpack.Encoder().encode
_word = msgspec.msgpack.Decoder(Word).decode


class Speaker:
    """For one topic. `hear` gets each word of others, and what tells this process from them."""

    def __init__(self, state: StateStore, topic: str, hear: Callable[[Word, bytes], None], services: Services) -> None:
        self.origin = b""
        self._state = state
        self._topic = topic
        self._hear = hear
        self._tasks: set[asyncio.Task[None]] = set()
        self._logger = logging.getLogger("gateway.circuits")
        state.listen(topic, self._on_message)
        services.at_start(self._start)
        services.at_close(self._close)

    def say(self, word: Word) -> None:
        """Tells the others, soon. Called on the event loop."""
        if len(self._tasks) >= MOST:
            return
        task = asyncio.get_running_loop().create_task(self._state.announce(self._topic, _encode(word)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _start(self) -> None:
        self.origin = secrets.token_bytes(8)  # processes that were forked are different ones

    async def _close(self) -> None:
        """Waits for what is on its way: the store is still open, and never takes long."""
        await asyncio.gather(*self._tasks)

    def _on_message(self, message: bytes) -> None:
        """Word that can't be read is none of a gateway's."""
        try:
            word = _word(message)
        except msgspec.MsgspecError:
            self._logger.warning("word of a circuit can't be read")
            return
        self._hear(word, self.origin)
