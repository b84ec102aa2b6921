"""The demo's backends as the starter sees them: a process that ends with its starter, whatever ends the starter."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

import gateway

START_SECONDS = 20.0
ANSWER_SECONDS = 5.0
STOP_SECONDS = 2.0


class BackendsGone(RuntimeError):
    """The backends' process did not start, or ended, or says nothing any more."""


class _Greeting(msgspec.Struct, frozen=True):
    environ: dict[str, str]
    folder: str


class Backends:
    """The running backends. Use as a context manager; `start` blocks until they accept connections.

    `environ` is what the specs need to find them, and a place for records as short-lived as they are; `folder` is their temporary folder.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._turn = threading.Lock()
        self._folder: Path | None = None
        self.environ: Mapping[str, str] = {}

    @classmethod
    def start(cls) -> Backends:
        """Starts the process. Raises `BackendsGone`."""
        backends = cls(_spawn())
        try:
            greeting = msgspec.json.decode(backends._line(START_SECONDS), type=_Greeting)
        except msgspec.DecodeError:
            backends.stop()
            raise BackendsGone("the demo's backends did not start as they should") from None
        except BaseException:
            backends.stop()
            raise
        backends._folder = Path(greeting.folder)
        # What was recorded of backends that forget everything must not outlast them.
        backends.environ = {**greeting.environ, "RECORDS_URL": f"sqlite:///{backends._folder.absolute()}/records.db"}
        return backends

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def folder(self) -> Path | None:
        """Where the finance database lies, while it runs."""
        return self._folder

    async def states(self) -> list[dict[str, Any]]:
        """Every backend's switch: `{name, mode, latency_ms}`. Raises `BackendsGone`."""
        return await asyncio.to_thread(self._ask, b"{}")

    async def turn(self, change: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Turns a switch: `{name, mode, latency_ms?}`. Raises `ValueError` for what isn't one, `BackendsGone`."""
        return await asyncio.to_thread(self._ask, msgspec.json.encode(change))

    def stop(self) -> None:
        """Ends the process and removes what it kept. Safe to call twice."""
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):  # a question that a dead process never read
                self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Backends:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _ask(self, line: bytes) -> list[dict[str, Any]]:
        with self._turn:
            if self._process.stdin is None:
                raise BackendsGone("the demo's backends can't be asked")
            try:
                self._process.stdin.write(line + b"\n")
                self._process.stdin.flush()
            except (OSError, ValueError):
                raise BackendsGone("the demo's backends have ended") from None
            reading = msgspec.json.decode(self._line(ANSWER_SECONDS))
        if "error" in reading:
            raise ValueError(reading["error"])
        systems: list[dict[str, Any]] = reading["systems"]
        return systems

    def _line(self, within: float) -> bytes:
        """The next line out. A process that says nothing for so many seconds is ended."""
        if self._process.stdout is None:
            raise BackendsGone("the demo's backends can't be heard")
        patience = threading.Timer(within, self._process.kill)
        patience.start()
        try:
            line = self._process.stdout.readline()
        finally:
            patience.cancel()
        if not line.endswith(b"\n"):
            raise BackendsGone("the demo's backends have ended" if self._folder else "the demo's backends did not start")
        return line


def _spawn() -> subprocess.Popen[bytes]:
    """In a session of its own, so that Ctrl-C reaches the starter only, and with the starter's own copy of the package."""
    package = Path(gateway.__file__).parents[1]
    search = [str(package), *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "gateway.demo.backends"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(search)},
    )
