"""What the tests of state in Redis share: a server for a module, stores that are closed in the end, and servers that are no Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from gateway.sdk import CircuitSettings, SecretText
from gateway.stores.redis_driver import RedisDriver
from gateway.stores.redis_links import Links
from gateway.stores.redis_state import LIMIT, RedisState
from gateway.stores.redis_word import Hearing
from gateway.testing import FakeServices
from gateway.testing.redis import RedisServer, ServerMissing, redis_server

QUICK = CircuitSettings(failure_threshold=3, recovery_timeout=0.1, longest_recovery=0.4)
PATIENT = 5.0
"""Seconds where a test is about something else than time: other tests may take the processor."""


class Place:
    """A store at a URL, with what it counted."""

    def __init__(self, url: str, *, gateway: str = "shop", limit: float = LIMIT, most: int = 4) -> None:
        self.services = FakeServices(name=gateway)
        self.url = SecretText(url)
        connect = RedisDriver(self.url).connect
        hearing = Hearing(connect, f"gw:{{{gateway}}}:word:0", self.services.logger, beat=0.05, waits=(0.02, 0.05))
        self.links = Links(connect, most)
        self.state = RedisState(
            gateway, self.links, hearing, clock=self.services.clock, metrics=self.services.metrics, logger=self.services.logger,
            limit=limit, circuit=QUICK,
        )  # fmt: skip

    def counted(self, operation: str, outcome: str) -> float:
        return self.services.metrics.total("gateway_state_operations_total", operation=operation, outcome=outcome)

    def total(self, outcome: str) -> float:
        return sum(self.counted(operation, outcome) for operation in ("get", "set", "delete", "announce", "ping"))


Open = Callable[..., Place]


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    try:
        with redis_server() as running:
            yield running
    except ServerMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
async def at() -> AsyncIterator[Open]:
    """Makes stores that are closed in the end."""
    made: list[Place] = []

    def make(url: str, **settings: Any) -> Place:
        made.append(Place(url, **settings))
        return made[-1]

    yield make
    for place in made:
        await place.state.close()


@asynccontextmanager
async def answering(answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[str]:
    """The URL of a server that does as `answer` does with each connection."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await answer(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            tasks.discard(task)
            writer.transport.abort()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"redis://127.0.0.1:{listening.sockets[0].getsockname()[1]}/0"
    finally:
        listening.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def saying(text: bytes) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """Answers the handshake as Redis would, then everything else with `text`, and ends."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(65536):
            if b"SETINFO" in chunk:
                writer.write(b"+OK\r\n" * chunk.count(b"SETINFO"))
                continue
            writer.write(text)
            await writer.drain()
            return

    return answer


async def until(holds: Callable[[], bool | Awaitable[bool]], seconds: float = 5.0) -> None:
    """Waits until it holds; fails where it never does."""
    give_up = asyncio.get_running_loop().time() + seconds
    while True:
        found = holds()
        if found if isinstance(found, bool) else await found:
            return
        assert asyncio.get_running_loop().time() < give_up, "it never came true"
        await asyncio.sleep(0.01)
