"""A Redis of the case's own, that may be killed and started again at the same port."""

from __future__ import annotations

import asyncio
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

PROGRAM = "redis-server"
MISSING = f"`{PROGRAM}` is not installed; `apt-get install redis-server` or `brew install redis` gets it"
START_SECONDS = 10.0
OPTIONS = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no")


class RedisProcess:
    """A server without persistence: what it held is gone with it."""

    def __init__(self, program: str, port: int) -> None:
        self._command = [program, "--port", str(port), *OPTIONS]
        self.port = port
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Starts it, and waits until it answers."""
        self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        async with asyncio.timeout(START_SECONDS):
            while not await self._answers():
                await asyncio.sleep(0.02)

    def kill(self) -> None:
        """Ends it as a power cut would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    async def keys(self) -> int:
        """How many keys it holds."""
        return int((await self._ask(b"DBSIZE\r\n")).strip(b":\r\n"))

    async def _answers(self) -> bool:
        try:
            return await self._ask(b"PING\r\n") == b"+PONG\r\n"
        except OSError:
            return False

    async def _ask(self, command: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(command)
            return await reader.readline()
        finally:
            writer.transport.abort()


def installed() -> str | None:
    """Where the program is."""
    return shutil.which(PROGRAM)


@asynccontextmanager
async def redis_process(program: str) -> AsyncIterator[RedisProcess]:
    """Runs one on a free port of loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    server = RedisProcess(program, port)
    try:
        await server.start()
        yield server
    finally:
        server.kill()
