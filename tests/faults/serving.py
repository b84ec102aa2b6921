"""A gateway served from a real configuration: as a process of its own, or quicker, in the event loop that asks."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from prometheus_client.parser import text_string_to_metric_families

from gateway import app
from gateway.server.sockets import address
from gateway.telemetry.logs import LogWriter
from gateway.testing.scenario import write
from gateway.testing.servers import MIB
from tests.faults.load import Caller
from tests.server import connections

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-c", "from gateway.cli import main; main()", "serve")
START_SECONDS = 20.0
STOP_SECONDS = 5.0
TICK = 0.02

# The cases are about backends: a crowd that comes at once is to get through to them.
GATEWAY = """
gateway: faults
specs: [specs]
policies: [policies]
identity: [{anonymous: {roles: [customer]}}]
server: {port: 0, admin: "127.0.0.1:0", queue: {wait: 5s}}
"""
ROLES = """
policy: roles
roles:
  customer: {allow: ["intent:*", "route:*", trace]}
"""


class Served:
    """A running gateway. `caller` asks it. `pid` is the process that it is in."""

    def __init__(self, url: str, admin: str, log: Path, pid: int) -> None:
        self.url = url
        self.caller = Caller(url)
        self._operators = Caller(admin)
        self._log = log
        self._pid = pid

    async def metric(self, name: str, **labels: str) -> float:
        """The sum of all samples of that name that carry these labels."""
        page = await self._operators.send("GET", "/metrics")
        samples = (sample for family in text_string_to_metric_families(page.body.decode()) for sample in family.samples)
        return sum(each.value for each in samples if each.name == name and labels.items() <= each.labels.items())

    async def metrics(self) -> dict[str, float]:
        """Every sample that is not zero, by name and labels, as it is exposed."""
        page = (await self._operators.send("GET", "/metrics")).body.decode()
        lines = (line.rpartition(" ") for line in page.splitlines() if not line.startswith("#"))
        return {name: value for name, _, text in lines if (value := float(text))}

    def records(self) -> list[dict[str, Any]]:
        """The log records so far. The gateway writes them every tenth of a second."""
        lines = self._log.read_bytes().splitlines()
        return [msgspec.json.decode(line) for line in lines if line.startswith(b"{") and line.endswith(b"}")]

    def memory(self) -> float:
        """Resident memory of the process now, in MiB."""
        pages = Path(f"/proc/{self._pid}/statm")
        if pages.exists():
            return int(pages.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MIB
        shown = subprocess.run(["ps", "-o", "rss=", "-p", str(self._pid)], capture_output=True, text=True, check=True)
        return int(shown.stdout) / 1024

    def close(self) -> None:
        self.caller.close()
        self._operators.close()


@asynccontextmanager
async def served(
    specs: str, *, apart: bool, gateway: str = "", policies: str = "", environ: Mapping[str, str] | None = None
) -> AsyncIterator[Served]:
    """Serves `specs` until the block ends; `gateway` is more of gateway.yaml. `environ` are the variables that the specs name.

    `apart`: as `gateway serve` in a process of its own, so that its memory and times are its own; else in this event loop, which takes
    a tenth of the time. Raises `RuntimeError` where it doesn't start, and where it is no longer there in the end.
    """
    with tempfile.TemporaryDirectory(prefix="gateway-faults-") as name:
        folder = Path(name)
        files = {"gateway.yaml": GATEWAY + gateway, "policies/roles.yaml": ROLES, "specs/all.yaml": specs}
        write(folder, files | ({"policies/more.yaml": policies} if policies else {}))
        async with (_process if apart else _in_this_loop)(folder, environ or {}) as running:
            try:
                yield running
            finally:
                running.close()


@asynccontextmanager
async def _process(folder: Path, environ: Mapping[str, str]) -> AsyncIterator[Served]:
    log = folder / "log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [*COMMAND, "-C", str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        )
    try:
        yield await _started(process, log)
        if process.poll() is not None:
            raise RuntimeError(f"the gateway ended by itself:\n{log.read_text()[-2000:]}")
    finally:
        await _stopped(process)


async def _started(process: subprocess.Popen[bytes], log: Path) -> Served:
    """Waits until it tells where it serves."""
    async with asyncio.timeout(START_SECONDS):
        while process.poll() is None:
            for line in log.read_text().splitlines():
                if "serving faults at " in line:
                    public, _, admin = line.partition("serving faults at ")[2].partition(", operators at ")
                    return Served(public, admin.partition('"')[0], log, process.pid)
            await asyncio.sleep(TICK)
    raise RuntimeError(f"the gateway did not start:\n{log.read_text()}")


async def _stopped(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    for _ in range(int(STOP_SECONDS / TICK)):
        if process.poll() is not None:
            return
        await asyncio.sleep(TICK)
    process.kill()
    process.wait()


@asynccontextmanager
async def _in_this_loop(folder: Path, environ: Mapping[str, str]) -> AsyncIterator[Served]:
    prepared = app.prepare(folder, environ=environ)
    if prepared.plan is None:
        raise RuntimeError(f"the gateway did not start: {[(each.code, each.message) for each in prepared.problems]}")
    log = folder / "log"
    with log.open("w") as stream:
        writer = LogWriter(stream, service="faults", form="json")
        writer.start()
        try:
            async with connections.served(app.application(prepared)) as listeners:
                public, admin = (f"http://{address(each)}" for each in listeners)
                yield Served(public, admin, log, os.getpid())
        finally:
            writer.close()


class Peak:
    """The most memory of a gateway while somebody looked, in MiB."""

    def __init__(self, first: float) -> None:
        self.first = first
        self.most = first

    @property
    def grown(self) -> float:
        return self.most - self.first


@asynccontextmanager
async def memory_of(running: Served) -> AsyncIterator[Peak]:
    """Looks at its memory 50 times a second while the block runs."""
    peak = Peak(running.memory())

    async def look() -> None:
        while True:
            peak.most = max(peak.most, running.memory())
            await asyncio.sleep(TICK)

    task = asyncio.create_task(look())
    try:
        yield peak
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
