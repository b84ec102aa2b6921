"""A backend whose temper may be changed while it runs, and which counts who is there."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from gateway.testing import Received, read_request, render, scripted_server


class Backend:
    """Answers `GET /x/7` with `{"id": "7"}`.

    `delay` is the wait before an answer in seconds, `failing` the share of requests that are answered with `failure` (an HTTP status),
    `hanging` leaves every request without an answer until its client is gone. `calls` counts requests, `good` the answers that
    say 200, `present` the requests that are there now, `most_present` the most so far, `last_path` is what was asked for last.
    """

    def __init__(self, *, delay: float = 0.0, failing: float = 0.0, failure: int = 503, hanging: bool = False, seed: int = 7) -> None:
        self.delay = delay
        self.failing = failing
        self.failure = failure
        self.hanging = hanging
        self.calls = 0
        self.present = 0
        self.most_present = 0
        self.good = 0
        self.last_path = ""
        self._random = random.Random(seed)

    @asynccontextmanager
    async def served(self) -> AsyncIterator[str]:
        """Serves, and yields the base URL."""
        async with scripted_server(self._connection) as url:
            yield url

    def forget(self) -> None:
        """Counts from here on."""
        self.calls = 0
        self.most_present = self.present

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (request := await read_request(reader)) is not None:
            self.calls += 1
            self.last_path = request.path
            self.present += 1
            self.most_present = max(self.most_present, self.present)
            try:
                if not await self._stays(reader) or writer.is_closing():
                    return
                writer.write(self._answer(request))
                await writer.drain()
            finally:
                self.present -= 1

    async def _stays(self, reader: asyncio.StreamReader) -> bool:
        """Whether the client waits as long as this takes; it has nothing to say before it is answered."""
        try:
            await asyncio.wait_for(reader.read(1), None if self.hanging else self.delay)
        except TimeoutError:
            return not reader.at_eof()
        return False

    def _answer(self, request: Received) -> bytes:
        if self._random.random() < self.failing:
            return render(self.failure, b'{"error": "down"}', {"content-type": "application/json"})
        self.good += 1
        body = msgspec.json.encode({"id": request.path.rpartition("/")[2]})
        return render(200, body, {"content-type": "application/json"})


@asynccontextmanager
async def backends(*each: Backend) -> AsyncIterator[list[str]]:
    """Serves several, and yields their URLs in order."""
    if not each:
        yield []
        return
    async with each[0].served() as url, backends(*each[1:]) as rest:
        yield [url, *rest]
