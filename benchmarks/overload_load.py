"""Open-loop load: requests are sent when they are due, whatever has become of those before. And the backend, in the same process.

A closed loop waits for answers before it asks again, and so never asks for more than can be done (Schroeder et al., "Open Versus
Closed", 2006).
"""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import cast

LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
TICK = 0.001
"""Seconds between two looks at what is due."""

MOST_CONNECTIONS = 4000
IN_TIME = 1.0
"""Seconds in which an answer is of use, from when its request was due."""

BACKEND_BODY = b'{"order_id":"1007","customer_id":"c-7","state":"in_transit","eta":"2026-11-22","events":[{"place":"Hamburg"}]}'
BACKEND_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(BACKEND_BODY), BACKEND_BODY)

NUMBER = b"########"
"""Stands in a request for a number that no other has: answers to the same question would be shared."""

Label = str


class Backend(asyncio.Protocol):
    """Answers each request the same way."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(BACKEND_ANSWER * data.count(b"\r\n\r\n"))  # type: ignore[attr-defined]


class Outcome:
    """What became of requests, by label."""

    def __init__(self) -> None:
        self.offered: Counter[Label] = Counter()
        self.shed: Counter[Label] = Counter()
        self.failed: Counter[Label] = Counter()
        self.seconds: dict[Label, list[float]] = defaultdict(list)

    def good(self, labels: Iterable[Label] | None = None) -> int:
        """Answers in time."""
        return sum(1 for label in labels or self.seconds for each in self.seconds[label] if each <= IN_TIME)

    def share_served(self, labels: Iterable[Label]) -> float:
        """The part of what was offered that was answered in time."""
        labels = tuple(labels)
        return self.good(labels) / max(1, sum(self.offered[label] for label in labels))

    def percentile(self, part: float, labels: Iterable[Label] | None = None) -> float:
        """Seconds of answered requests."""
        found = sorted(each for label in labels or self.seconds for each in self.seconds[label])
        return found[min(len(found) - 1, int(len(found) * part))] if found else float("nan")


class Connection(asyncio.Protocol):
    """One request at a time; `done` is told what came of it."""

    def __init__(self, free: Callable[[Connection], None]) -> None:
        self._free = free
        self._buffer = b""
        self._done: Callable[[int], None] | None = None
        self._due: bytes | None = None
        self._transport: asyncio.Transport | None = None

    def ask(self, request: bytes, done: Callable[[int], None]) -> None:
        """`done` gets the status, 0 where there is none."""
        self._done = done
        if self._transport is None:
            self._due = request
        else:
            self._transport.write(request)

    def give_up(self) -> None:
        """As a client does whose patience has ended."""
        if self._transport is not None:
            self._transport.abort()
        self._end(0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if self._due is not None:
            self._transport.write(self._due)
            self._due = None

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        length = LENGTH.search(self._buffer, 0, end)
        if length is None or len(self._buffer) < end + 4 + int(length[1]):
            return
        status, self._buffer = int(self._buffer[9:12]), b""
        self._end(status)
        self._free(self)

    def connection_lost(self, _: Exception | None) -> None:
        self._transport = None
        self._end(0)

    @property
    def usable(self) -> bool:
        """Whether another request may be sent."""
        return self._transport is not None and not self._transport.is_closing()

    def close(self) -> None:
        """Ends it."""
        if self._transport is not None:
            self._transport.close()

    def _end(self, status: int) -> None:
        done, self._done = self._done, None
        if done is not None:
            done(status)


class Load:
    """Sends requests to one address. `requests` are what is sent under each label."""

    def __init__(self, port: int, requests: dict[Label, bytes]) -> None:
        self._port = port
        self._requests = requests
        self._free: list[Connection] = []
        self._open = 0
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._sent = 0

    async def offer(self, rates: dict[Label, float], seconds: float, seed: int = 1) -> Outcome:
        """So many a second of each label, at random moments (Poisson), then waits until all have ended."""
        draw = random.Random(seed)
        outcome = Outcome()
        began = self._loop.time() + 0.01
        arrivals = sorted((at, label) for label, rate in rates.items() for at in _moments(rate, seconds, draw))
        sent = 0
        while sent < len(arrivals):
            now = self._loop.time() - began
            while sent < len(arrivals) and arrivals[sent][0] <= now:
                at, label = arrivals[sent]
                self._send(label, began + at, outcome)
                sent += 1
            await asyncio.sleep(TICK)
        await asyncio.sleep(2 * IN_TIME + 0.1)
        return outcome

    async def peak(self, label: Label, seconds: float, concurrent: int = 32) -> float:
        """Answers a second to so many callers who ask again as soon as they are answered."""
        answered = 0
        stop = self._loop.time() + seconds

        async def caller() -> None:
            nonlocal answered
            while self._loop.time() < stop:
                ended: asyncio.Future[int] = self._loop.create_future()
                self._connection().ask(self._request(label), ended.set_result)
                if await ended == 200:
                    answered += 1

        await asyncio.gather(*(caller() for _ in range(concurrent)))
        return answered / seconds

    def _request(self, label: Label) -> bytes:
        self._sent += 1
        return self._requests[label].replace(NUMBER, b"%08d" % self._sent)

    def _send(self, label: Label, due: float, outcome: Outcome) -> None:
        outcome.offered[label] += 1
        if not self._free and self._open >= MOST_CONNECTIONS:
            outcome.failed[label] += 1
            return
        connection = self._connection()
        timer = self._loop.call_at(due + 2 * IN_TIME, connection.give_up)

        def done(status: int) -> None:
            timer.cancel()
            if status == 200:
                outcome.seconds[label].append(self._loop.time() - due)
            elif status == 503:
                outcome.shed[label] += 1
            else:
                outcome.failed[label] += 1

        connection.ask(self._request(label), done)

    def _connection(self) -> Connection:
        while self._free:
            connection = self._free.pop()
            if connection.usable:
                return connection
        connection = Connection(self._free.append)
        self._open += 1
        task = self._loop.create_task(self._connect(connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return connection

    async def _connect(self, connection: Connection) -> None:
        try:
            await self._loop.create_connection(lambda: connection, "127.0.0.1", self._port)
        except OSError:
            connection.connection_lost(None)


def _moments(rate: float, seconds: float, draw: random.Random) -> Iterable[float]:
    if rate <= 0:
        return
    at = draw.expovariate(rate)
    while at < seconds:
        yield at
        at += draw.expovariate(rate)
