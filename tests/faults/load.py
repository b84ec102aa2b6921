"""Callers of a gateway: kept-alive connections, requests at once or at a rate, and a tally of what came back."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import msgspec

PATIENCE = 30.0
"""Seconds that a caller waits before it counts an answer as lost."""

LOST = 0
"""The status of an answer that never came."""


class Answered(msgspec.Struct, frozen=True):
    """One answer: HTTP status (0 where none came), seconds, the body."""

    status: int
    seconds: float
    body: bytes = b""
    headers: bytes = b""

    def json(self) -> Any:
        return msgspec.json.decode(self.body)


class Tally:
    """What callers saw, and in how many seconds."""

    def __init__(self) -> None:
        self.answers: list[Answered] = []
        self.seconds = 0.0

    @property
    def count(self) -> int:
        return len(self.answers)

    @property
    def failed(self) -> int:
        """Answers that are not 200."""
        return sum(each.status != 200 for each in self.answers)

    def statuses(self) -> Counter[int]:
        return Counter(each.status for each in self.answers)

    def milliseconds(self, share: float) -> float:
        """The latency that `share` of the answers didn't exceed; 0 where there were none."""
        ordered = sorted(each.seconds for each in self.answers)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000 if ordered else 0.0

    def told(self, what: str = "answers") -> str:
        """In a line: how many of which status, p50, p99 and the slowest."""
        statuses = ", ".join(f"{count} x {status or 'lost'}" for status, count in sorted(self.statuses().items()))
        return (
            f"{what}: {self.count} ({statuses}); p50 {self.milliseconds(0.5):.1f} ms, p99 {self.milliseconds(0.99):.1f} ms, "
            f"slowest {self.milliseconds(1):.1f} ms"
        )


class Caller:
    """Asks one gateway, over as many kept-alive connections as are needed at once."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, intent: str, **given: Any) -> Answered:
        """An intent with its input. Never raises for what the gateway does."""
        return await self.send("POST", "/v1/chat", {"intent": intent, "input": given})

    async def send(self, method: str, path: str, body: Any = None) -> Answered:
        """One request. A connection that the gateway closed meanwhile counts as lost: it keeps them for longer than a case takes."""
        began = time.perf_counter()
        connection = None
        try:
            async with asyncio.timeout(PATIENCE):
                connection = self._idle.pop() if self._idle else await asyncio.open_connection(self._host, self._port)
                status, head, received = await _exchange(*connection, self._request(method, path, body))
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            if connection is not None:
                connection[1].transport.abort()
            return Answered(LOST, time.perf_counter() - began)
        except asyncio.CancelledError:
            if connection is not None:
                connection[1].transport.abort()
            raise
        self._idle.append(connection)
        return Answered(status, time.perf_counter() - began, received, head)

    def close(self) -> None:
        for _, writer in self._idle:
            writer.transport.abort()
        self._idle.clear()

    def _request(self, method: str, path: str, body: Any) -> bytes:
        encoded = b"" if body is None else msgspec.json.encode(body)
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\nContent-Type: application/json\r\n"
        return f"{head}Content-Length: {len(encoded)}\r\n\r\n".encode() + encoded


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> tuple[int, bytes, bytes]:
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = next((int(line.split(b":")[1]) for line in head.splitlines() if line.startswith(b"content-length:")), 0)
    return int(head.split()[1]), head, await reader.readexactly(length)


Ask = Callable[[int], Awaitable[Answered]]


async def crowd(ask: Ask, count: int, *, at_once: int) -> Tally:
    """`count` requests by `at_once` callers, each of which asks again when it is answered. `ask` gets the number of the request."""
    tally, numbers = Tally(), iter(range(count))

    async def caller() -> None:
        for number in numbers:
            tally.answers.append(await ask(number))

    began = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(min(at_once, count))))
    tally.seconds = time.perf_counter() - began
    return tally


async def steady(ask: Ask, *, per_second: float, seconds: float) -> Tally:
    """A request every so often, whatever became of those before."""
    tally, loop = Tally(), asyncio.get_running_loop()
    began = loop.time()

    async def one(number: int) -> None:
        tally.answers.append(await ask(number))

    async with asyncio.TaskGroup() as group:
        for number in range(int(per_second * seconds)):
            await asyncio.sleep(max(0.0, began + number / per_second - loop.time()))
            group.create_task(one(number))
    tally.seconds = loop.time() - began
    return tally
