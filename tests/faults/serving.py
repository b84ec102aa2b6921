"""A gateway as a process of its own, served from a real configuration: its address, metrics, log records and memory."""

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

from gateway.testing.scenario import write
from gateway.testing.servers import MIB
from tests.faults.load import Caller

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-c", "from gateway.cli import main; main()", "serve")
START_SECONDS = 20.0
STOP_SECONDS = 5.0
TICK = 0.02

GATEWAY = """
gateway: faults
specs: [specs]
policies: [policies]
identity: [{anonymous: {roles: [customer]}}]
server: {port: 0, admin: "127.0.0.1:0"}
"""
ROLES = """
policy: roles
roles:
  customer: {allow: ["intent:*", "route:*", trace]}
"""


class Served:
    """A running gateway. `caller` asks it."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, url: str, admin: str) -> None:
        self.url = url
        self.caller = Caller(url)
        self._operators = Caller(admin)
        self._process = process
        self._log = log

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
        pid = self._process.pid
        pages = Path(f"/proc/{pid}/statm")
        if pages.exists():
            return int(pages.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MIB
        shown = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)
        return int(shown.stdout) / 1024

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        self.caller.close()
        self._operators.close()


@asynccontextmanager
async def served(specs: str, *, gateway: str = "", policies: str = "", environ: Mapping[str, str] | None = None) -> AsyncIterator[Served]:
    """Serves `specs` until the block ends; `gateway` is more of gateway.yaml. `environ` are the variables that the specs name.

    Raises `RuntimeError` with what the gateway said where it doesn't start.
    """
    with tempfile.TemporaryDirectory(prefix="gateway-faults-") as name:
        folder = Path(name)
        files = {"gateway.yaml": GATEWAY + gateway, "policies/roles.yaml": ROLES, "specs/all.yaml": specs}
        write(folder, files | ({"policies/more.yaml": policies} if policies else {}))
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [*COMMAND, "-C", str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": str(ROOT), **(environ or {})},
            )
        try:
            running = await _started(process, folder / "log")
            try:
                yield running
            finally:
                running.close()
        finally:
            await _stopped(process)


async def _started(process: subprocess.Popen[bytes], log: Path) -> Served:
    """Waits until it tells where it serves."""
    async with asyncio.timeout(START_SECONDS):
        while process.poll() is None:
            for line in log.read_text().splitlines():
                if "serving faults at " in line:
                    public, _, admin = line.partition("serving faults at ")[2].partition(", operators at ")
                    return Served(process, log, public, admin.partition('"')[0])
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
