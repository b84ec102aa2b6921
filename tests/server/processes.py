"""`gateway serve` as a process of its own, and clients that notice each request which is not answered."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-W", "error", "-c", "from gateway.cli import main; main()", "serve", "--port", "0"]


class Served:
    """A running gateway. `records` are those of its log so far."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._log = log
        self._ended: str | None = None

    @property
    def text(self) -> str:
        """All that it wrote on stderr."""
        return self._log.read_text(encoding="utf-8") if self._ended is None else self._ended

    def remember(self) -> None:
        """For who asks when its log is gone."""
        self._ended = self.text

    @property
    def records(self) -> list[dict[str, Any]]:
        """Whole lines only: the last may still be written."""
        return [json.loads(line) for line in self.text.splitlines(keepends=True) if line.endswith("\n") and line.startswith("{")]

    @property
    def messages(self) -> list[str]:
        """What its own records say."""
        return [record["message"] for record in self.records if "message" in record]

    def until(self, pattern: str, *, times: int = 1, within: float = 10.0) -> list[re.Match[str]]:
        """Waits until so many messages match."""
        give_up = time.monotonic() + within
        while True:
            found = [match for message in self.messages if (match := re.search(pattern, message))]
            if len(found) >= times:
                return found
            assert time.monotonic() < give_up, f"{pattern} in vain:\n{self.text}"
            time.sleep(0.01)

    @property
    def workers(self) -> dict[int, int]:
        """The process of each worker, the newest where there were several."""
        return {
            int(match[1]): int(match[2]) for message in self.messages if (match := re.match(r"worker (\d) serves, process (\d+)", message))
        }

    def address(self, name: str = r"serving \w+") -> tuple[str, int]:
        """Where it listens: to everybody, or as `operators`."""
        (match, *_) = self.until(name + r" at https?://([\d.]+):(\d+)")
        return match[1], int(match[2])

    def operators(self, path: str, body: Any = None) -> Any:
        """What operators see at an address: JSON, or text. With a `body` they send it."""
        host, port = self.address("operators")
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://{host}:{port}{path}", data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=5) as response:
            text = response.read().decode()
        return json.loads(text) if text.startswith("{") else text

    def counted(self, sample: str) -> float:
        """The value of one sample of its metrics; 0 where there is none."""
        lines = self.operators("/metrics").splitlines()
        return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(sample + " ")), 0.0)

    def end(self, number: signal.Signals = signal.SIGTERM, *, within: float = 15.0) -> int:
        """Asks it to end; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(within)


@contextmanager
def serving(folder: Path, *options: str, **environ: str) -> Iterator[Served]:
    """Runs it, with `environ` besides, in a process group of its own, of which nothing is left."""
    with tempfile.TemporaryDirectory() as place:
        log = Path(place) / "log"
        environ = {**os.environ, "PYTHONPATH": str(ROOT), **environ}
        with log.open("wb") as writing:
            process = subprocess.Popen(
                [*COMMAND, "-C", str(folder), *options], stdout=writing, stderr=writing, env=environ, process_group=0
            )  # fmt: skip
        served = Served(process, log)
        try:
            yield served
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            served.remember()


class Tally(NamedTuple):
    """What became of requests."""

    answered: list[int]
    lost: list[str]


class Clients:
    """Clients that ask again and again on connections that they keep, and connect anew where an answer was the last one."""

    def __init__(self, address: tuple[str, int], request: bytes) -> None:
        self._address = address
        self._request = request
        self._stop = asyncio.Event()
        self.tally = Tally([], [])

    @asynccontextmanager
    async def asking(self, count: int, pause: float = 0.0) -> AsyncIterator[Tally]:
        """So many of them, until the block ends."""
        tasks = [asyncio.create_task(self._ask_on(pause)) for _ in range(count)]
        try:
            yield self.tally
        finally:
            self._stop.set()
            await asyncio.gather(*tasks)

    async def _ask_on(self, pause: float) -> None:
        while not self._stop.is_set():
            try:
                reader, writer = await asyncio.open_connection(*self._address)
            except ConnectionError:
                await asyncio.sleep(0.01)
                continue
            try:
                await self._use(reader, writer, pause)
            finally:
                writer.close()
                with suppress(ConnectionError):
                    await writer.wait_closed()

    async def _use(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pause: float) -> None:
        while not self._stop.is_set():
            if reader.at_eof():
                return  # the gateway closed it before anything was sent
            writer.write(self._request)
            try:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"content-length: (\d+)", head)
                await reader.readexactly(int(length[1]) if length else 0)
            except (ConnectionError, asyncio.IncompleteReadError) as error:
                self.tally.lost.append(repr(error))
                return
            self.tally.answered.append(int(head.split()[1]))
            if b"connection: close" in head:
                return
            await asyncio.sleep(pause)


def post(intent: str, **given: Any) -> bytes:
    """A whole request."""
    body = json.dumps({"intent": intent, "input": given}).encode()
    head = b"POST /v1/chat HTTP/1.1\r\nHost: gateway.example\r\nContent-Type: application/json\r\n"
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body
