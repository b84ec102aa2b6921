"""Processes that each serve one request of a folder, and can be killed in the middle of it.

    python -m tests.scenarios.keyed_process FOLDER

plans the folder once; each line that it reads is a `Run`: so many processes are forked, begin together, and are killed (SIGKILL) after a
while where that is asked for. It answers each line with a list of what they answered, null for one that was killed first.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from gateway import app, builtins
from gateway.config.load import load
from gateway.planner.assembly import Assembly
from gateway.sdk import SystemClock
from gateway.telemetry.metrics import PrometheusMetrics
from tests.server.gateways import Client


class Run(msgspec.Struct, frozen=True):
    """`shift` moves the wall clock on, `kill_after` is counted from when the request begins; both in seconds."""

    body: dict[str, Any]
    processes: int = 1
    shift: float = 0.0
    kill_after: float | None = None


class Answered(msgspec.Struct, frozen=True):
    status: int
    replayed: bool
    body: dict[str, Any]


class ShiftedClock(SystemClock):
    """Wall time that was moved on."""

    def __init__(self) -> None:
        self.shift = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.shift)


class Child:
    """A forked process: `ready` tells that it is about to ask, `go` lets it, `answer` is what it got."""

    def __init__(self, prepared: app.Prepared, run: Run) -> None:
        self._told, told = os.pipe()
        waiting, self._go = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                asyncio.run(ask(prepared, run, told, waiting))
            finally:
                os._exit(0)
        os.close(told)
        os.close(waiting)

    def ready(self) -> None:
        assert os.read(self._told, 1) == b"r"

    def go(self) -> None:
        os.write(self._go, b"g")

    def answer(self) -> Answered | None:
        with os.fdopen(self._told, "rb") as told:
            written = told.read()
        os.waitpid(self.pid, 0)
        os.close(self._go)
        return msgspec.json.decode(written, type=Answered) if written else None


async def ask(prepared: app.Prepared, run: Run, told: int, waiting: int) -> None:
    application = app.application(prepared)
    await application.startup()
    os.write(told, b"r")
    os.read(waiting, 1)
    received = await Client(application).chat(run.body, key="key-alice")
    answered = Answered(received.status, received.header("idempotent-replayed") == "true", received.json())
    os.write(told, msgspec.json.encode(answered))


def carry_out(prepared: app.Prepared, run: Run) -> list[Answered | None]:
    children = [Child(prepared, run) for _ in range(run.processes)]
    for child in children:
        child.ready()
    for child in children:
        child.go()
    if run.kill_after is not None:
        time.sleep(run.kill_after)
        for child in children:
            os.kill(child.pid, signal.SIGKILL)
    return [child.answer() for child in children]


def main(folder: Path) -> None:
    clock, metrics, components = ShiftedClock(), PrometheusMetrics(), builtins.components()
    loaded = load(folder, env=None, environ=os.environ, components=components)
    assembled = Assembly(loaded, components, metrics, clock).plan()
    prepared = app.Prepared(assembled.plan, assembled.problems, metrics, assembled.planned)
    app.application(prepared)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        run = msgspec.json.decode(line, type=Run)
        clock.shift = run.shift
        sys.stdout.write(msgspec.json.encode(carry_out(prepared, run)).decode() + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
