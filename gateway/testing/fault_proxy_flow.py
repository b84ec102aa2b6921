"""What the fault proxy does to the bytes of one direction of a connection."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

CHUNK = 16 * 1024
WAITING = 16
"""Chunks of one direction that may wait for their time; further ones stay with the sender."""

BANDWIDTH_TICK = 0.01
"""Seconds between the pieces of a stream whose bandwidth is limited."""

Ending = Literal["close", "reset", "stall"]


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to the bytes of one direction. Times in seconds, sizes in bytes.

    `latency` is how much later every byte arrives, and `jitter` the most that is added to it by chance; neither changes the order or
    slows a stream down. `bandwidth` is bytes per second. `piece` is the most that is passed on at once, `pause` the wait after each
    piece. Once `cut_after` bytes of a connection were passed on and one more comes, the connection ends as `cut_by` says: `close` ends
    it in order, `reset` with RST, `stall` leaves it open and passes nothing more.
    """

    latency: float = 0.0
    jitter: float = 0.0
    bandwidth: float | None = None
    piece: int | None = None
    pause: float = 0.0
    cut_after: int | None = None
    cut_by: Ending = "close"

    def __post_init__(self) -> None:
        """Raises `ValueError` for what no stream can do."""
        if min(self.latency, self.jitter, self.pause, self.cut_after or 0) < 0:
            raise ValueError("`latency`, `jitter`, `pause` and `cut_after` are not negative")
        if (self.bandwidth is not None and self.bandwidth <= 0) or (self.piece is not None and self.piece < 1):
            raise ValueError("`bandwidth` and `piece` are greater than 0")

    def pieces(self, data: bytes) -> Iterator[tuple[bytes, float]]:
        """`data` in the pieces in which it is passed on, each with the wait after it."""
        sizes = [len(data)]
        if self.piece is not None:
            sizes.append(self.piece)
        if self.bandwidth is not None:
            sizes.append(max(1, int(self.bandwidth * BANDWIDTH_TICK)))
        size = max(1, min(sizes))
        for start in range(0, len(data), size):
            piece = data[start : start + size]
            yield piece, self.pause + (len(piece) / self.bandwidth if self.bandwidth is not None else 0.0)


class Cut(Exception):
    """A connection ends here, as `ending` says."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending)
        self.ending = ending


class Direction:
    """One direction of one connection: `take` and `give` run side by side, and what was taken waits for its time in between.

    `flow` is looked at for each chunk, so that it may be changed at any time. `hold_end` is how long the sender's end is kept back.
    """

    def __init__(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        *,
        flow: Callable[[], Flow],
        hold_end: Callable[[], float],
        count: Callable[[int], None],
    ) -> None:
        self._source = source
        self._sink = sink
        self._flow = flow
        self._hold_end = hold_end
        self._count = count
        self._arrivals: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(WAITING)
        self._passed = 0
        self._stalled = False

    async def take(self) -> None:
        """Reads until the sender's end, and notes when each chunk came."""
        loop = asyncio.get_running_loop()
        data = b"-"
        while data:
            data = await self._source.read(CHUNK)
            await self._arrivals.put((loop.time(), data))

    async def give(self) -> None:
        """Passes on what was taken, in the manner of the flow, then the end. Raises `Cut`, and `ConnectionError` of the receiver."""
        loop = asyncio.get_running_loop()
        while True:
            arrived, data = await self._arrivals.get()
            flow = self._flow()
            due = arrived + flow.latency + random.uniform(0, flow.jitter)  # noqa: S311 -- a wait, no secret
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not data:
                break
            if not self._stalled:
                await self._pass_on(data, flow)
        await asyncio.sleep(self._hold_end())
        if not self._stalled:
            self._check_open()
            self._sink.write_eof()

    async def _pass_on(self, data: bytes, flow: Flow) -> None:
        room = len(data) if flow.cut_after is None else max(0, flow.cut_after - self._passed)
        for piece, wait in flow.pieces(data[:room]):
            self._check_open()
            self._sink.write(piece)
            await self._sink.drain()
            self._passed += len(piece)
            self._count(len(piece))
            await asyncio.sleep(wait)
        if len(data) > room:
            self._stalled = True
            if flow.cut_by != "stall":
                raise Cut(flow.cut_by)

    def _check_open(self) -> None:
        """A receiver that is gone is one error, whatever event loop is told so at the next write."""
        if self._sink.is_closing():
            raise ConnectionResetError
