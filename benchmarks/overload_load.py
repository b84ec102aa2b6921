"""Open-loop load: requests are sent when they are due, whatever has become of those before. And the backend, in the same process.

A closed loop waits for answers before it asks again, and so never asks for more than can be done (Schroeder et al., "Open Versus
Closed", 2006).
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, cast

LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
TICK = 0.001
"""Seconds between two looks at what is due."""

MOST_CONNECTIONS = 4000
IN_TIME = 1.0
"""Seconds in which an answer is of use, from when its request was due."""

PATIENCE = 2.0
"""Seconds after which a client gives up, and its connection."""

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


class Ended(NamedTuple):
    """What became of a request: when it was due, in seconds from the beginning, its status (0 for none), and how long it took."""

    label: Label
    due: float
    status: int
    seconds: float

    @property
    def good(self) -> bool:
        """Whether it was answered in time."""
        return self.status == 200 and self.seconds <= IN_TIME


class Outcome:
    """What became of all requests. Without `labels` it is about all of them."""

    def __init__(self) -> None:
        self.ended: list[Ended] = []

    def of(self, labels: Iterable[Label] = ()) -> list[Ended]:
        """Those of some labels."""
        wanted = set(labels)
        return [each for each in self.ended if not wanted or each.label in wanted]

    def good(self, labels: Iterable[Label] = ()) -> int:
        """Answers in time."""
        return sum(each.good for each in self.of(labels))

    def shed(self) -> int:
        """Those that were told to come again."""
        return sum(each.status == 503 for each in self.ended)

    def served(self, labels: Iterable[Label] = ()) -> float:
        """The part of what was offered that was answered in time."""
        return self.good(labels) / max(1, len(self.of(labels)))

    def percentile(self, part: float, labels: Iterable[Label] = ()) -> float:
        """Seconds of answered requests."""
        found = sorted(each.seconds for each in self.of(labels) if each.status == 200)
        return found[min(len(found) - 1, int(len(found) * part))] if found else float("nan")

    def calm_from(self) -> float:
        """When the last request was due that was not answered in time; 0 where all were."""
        return max((each.due for each in self.ended if not each.good), default=0.0)


class Connection(asyncio.Protocol):
    """One request at a time; `done` is told what came of it."""

    def __init__(self, free: Callable[[Connection], None], closed: Callable[[], None]) -> None:
        self._free = free
        self._closed = closed
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
        self._closed()
        self._end(0)

    @property
    def usable(self) -> bool:
        """Whether another request may be sent."""
        return self._transport is not None and not self._transport.is_closing()

    def _end(self, status: int) -> None:
        done, self._done = self._done, None
        if done is not None:
            done(status)


class Load:
    """Sends requests to one address. `requests` are what is sent under each label."""

    def __init__(self, port: int, requests: Mapping[Label, bytes]) -> None:
        self._port = port
        self._requests = requests
        self._free: list[Connection] = []
        self._open = 0
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._sent = 0

    async def offer(self, rates: Mapping[Label, float], seconds: float, *, settle: float = PATIENCE + 0.1) -> Outcome:
        """So many a second of each label, at random moments (Poisson), then waits `settle` seconds: all have ended by then."""
        draw = random.Random(1)
        outcome = Outcome()
        began = self._loop.time() + 0.01
        arrivals = sorted((at, label) for label, rate in rates.items() for at in _moments(rate, seconds, draw))
        sent = 0
        while sent < len(arrivals):
            now = self._loop.time() - began
            while sent < len(arrivals) and arrivals[sent][0] <= now:
                at, label = arrivals[sent]
                self._send(label, began, at, outcome)
                sent += 1
            await asyncio.sleep(TICK)
        await asyncio.sleep(settle)
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

    def _send(self, label: Label, began: float, at: float, outcome: Outcome) -> None:
        if not self._free and self._open >= MOST_CONNECTIONS:
            outcome.ended.append(Ended(label, at, 0, 0.0))
            return
        connection = self._connection()
        timer = self._loop.call_at(began + at + PATIENCE, connection.give_up)

        def done(status: int) -> None:
            timer.cancel()
            outcome.ended.append(Ended(label, at, status, self._loop.time() - began - at))

        connection.ask(self._request(label), done)

    def _connection(self) -> Connection:
        while self._free:
            connection = self._free.pop()
            if connection.usable:
                return connection
        connection = Connection(self._free.append, self._closed)
        self._open += 1
        task = self._loop.create_task(self._connect(connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return connection

    def _closed(self) -> None:
        self._open -= 1

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
