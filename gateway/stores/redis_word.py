"""Word that processes send each other over Redis' publish and subscribe, which keeps nothing for who is away."""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, NamedTuple, Protocol

import msgspec

from gateway.stores.redis_faults import RedisFault

OPENING = 2.0
"""Seconds for connecting and for the answer to what was sent."""

BEAT = 5.0
"""Seconds of silence after which the server is asked whether it is there."""

WAITS = (0.1, 5.0)
"""Seconds between two tries to connect: at first, and at most. Each is twice the one before it, and half of it is left to chance."""

Hook = Callable[[bytes], None]
Missed = Callable[[], None]


class Word(msgspec.Struct, frozen=True, array_like=True):
    """What is sent: who says it, to whom, and what."""

    sender: bytes
    topic: str
    message: bytes


pack_word = msgspec.msgpack.Encoder().encode
_read_word = msgspec.msgpack.Decoder(Word).decode


class Ear(Protocol):
    """A connection that listens; `hear` gives None when so many seconds brought nothing."""

    async def tell(self, *words: Any) -> None: ...
    async def hear(self, seconds: float, /) -> Any: ...
    async def close(self) -> None: ...


class _Hooks(NamedTuple):
    hook: Hook
    missed: Missed | None


class Hearing:
    """Listens on a channel as long as it is started, and calls hooks with what others say. `sender` is this process."""

    def __init__(
        self, connect: Callable[[], Awaitable[Ear]], channel: str, logger: logging.Logger, *, beat: float = BEAT,
        waits: tuple[float, float] = WAITS,
    ) -> None:  # fmt: skip
        self.channel = channel
        self.sender = secrets.token_bytes(8)
        self._connect = connect
        self._logger = logger
        self._beat = beat
        self._waits = waits
        self._hooks: dict[str, list[_Hooks]] = {}
        self._task: asyncio.Task[None] | None = None
        self._listens = self._refused = False

    def listen(self, topic: str, hook: Hook, missed: Missed | None = None) -> None:
        """See `StateStore.listen`."""
        self._hooks.setdefault(topic, []).append(_Hooks(hook, missed))

    def start(self, each_beat: Callable[[], Awaitable[None]]) -> None:
        """Begins to listen. `each_beat` is called when listening begins, and in each silence."""
        self.sender = secrets.token_bytes(8)  # a process that was forked is another one
        self._task = asyncio.get_running_loop().create_task(self._run(each_beat))

    async def close(self) -> None:
        """Ends it; may be called twice, and without `start`."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self, each_beat: Callable[[], Awaitable[None]]) -> None:
        """Connects again and again; having listened makes the next wait short."""
        shortest, longest = self._waits
        wait = shortest
        while True:
            self._listens = False
            try:
                await self._listen(each_beat)
            except (RedisFault, TimeoutError) as fault:
                self._tell(fault)
            if self._listens:
                wait = shortest
            await asyncio.sleep(wait * random.uniform(0.5, 1))  # noqa: S311 -- a wait, no secret
            wait = min(wait * 2, longest)

    async def _listen(self, each_beat: Callable[[], Awaitable[None]]) -> None:
        """One connection, until it ends. Raises `RedisFault` or `TimeoutError`."""
        async with asyncio.timeout(OPENING):
            ear = await self._connect()
        try:
            async with asyncio.timeout(OPENING):
                await ear.tell("SUBSCRIBE", self.channel)
                reply = await ear.hear(OPENING)
            if not _is_about(reply, b"subscribe", self.channel):
                raise RedisFault("an answer that is none")
            self._begin()
            await each_beat()
            await self._follow(ear, each_beat)
        finally:
            await ear.close()

    async def _follow(self, ear: Ear, each_beat: Callable[[], Awaitable[None]]) -> None:
        """A connection whose other side is gone tells nothing: it has to answer when it is asked."""
        asked = False
        while True:
            heard = await ear.hear(self._beat)
            if heard is not None:
                asked = False
                self._take(heard)
            elif asked:
                raise RedisFault("silence")
            else:
                asked = True
                await ear.tell("PING")
                await each_beat()

    def _begin(self) -> None:
        self._listens = True
        self._refused = False
        for hooks in self._hooks.values():
            for each in hooks:
                if each.missed is not None:
                    self._call(each.missed)

    def _take(self, heard: Any) -> None:
        """Others may write to the channel too: what is no word of a gateway's is passed over."""
        if not _is_about(heard, b"message", self.channel) or not isinstance(heard[2], bytes):
            return
        try:
            word = _read_word(heard[2])
        except msgspec.MsgspecError:
            return
        if word.sender != self.sender:
            for each in self._hooks.get(word.topic, ()):
                self._call(partial(each.hook, word.message))

    def _call(self, hook: Callable[[], None]) -> None:
        """The border of what others do with it: listening goes on."""
        try:
            hook()
        except Exception:
            self._logger.exception("word of another process could not be followed")

    def _tell(self, fault: RedisFault | TimeoutError) -> None:
        """Only of what goes on while Redis is there; that it is not there, who asks it tells."""
        if isinstance(fault, RedisFault) and fault.refused and not self._refused:
            self._refused = True
            self._logger.warning("word of other processes can't be heard: %s", fault.reason)


def _is_about(heard: Any, what: bytes, channel: str) -> bool:
    return isinstance(heard, list) and len(heard) == 3 and heard[0] == what and heard[1] == channel.encode()
