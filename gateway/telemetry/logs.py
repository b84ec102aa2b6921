"""Logging off the request path: records wait in a bounded buffer, and a thread writes them."""

from __future__ import annotations

import logging
import threading
from collections import deque
from contextlib import AbstractContextManager, nullcontext
from typing import TextIO

from gateway.telemetry.log_format import Form, Hide, formatter

CAPACITY = 10_000
"""Records that may wait; further ones are dropped and counted."""

INTERVAL = 0.1
"""Seconds between two writes."""

QUIET = ("uvicorn.access", "asyncio", "httpx2", "httpcore2")
"""Loggers of libraries that would tell of each request again."""


class LogWriter(logging.Handler):
    """A handler whose `emit` only remembers. `start` makes it the process's log, `close` writes what is left and gives it back.

    It never raises and never waits: a stream that is slow or broken costs log records, not requests.
    A process that is to be forked has no thread: there `emit` writes, until `fork_off` is called in the new process.
    """

    def __init__(
        self, stream: TextIO, *, service: str, form: Form = "json", capacity: int = CAPACITY, hide: Hide | None = None,
        turns: AbstractContextManager[object] | None = None,
    ) -> None:  # fmt: skip
        """`hide` takes out of a text what is not to stand in a log. Processes that write to one stream take `turns`."""
        super().__init__()
        self._stream = stream
        self._service, self._form, self._hide = service, form, hide
        self._format = formatter(form, service, hide)
        self._turns = turns or nullcontext()
        self._at_once = False
        self._capacity = capacity
        self._waiting: deque[logging.LogRecord] = deque()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._levels: dict[logging.Logger, int] = {}
        self._told = 0
        self.dropped = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Remembers a record, or counts it as dropped."""
        if len(self._waiting) >= self._capacity:
            self.dropped += 1
        else:
            self._waiting.append(record)
        if self._at_once:
            self.drain()

    def start(self, level: int = logging.INFO, *, at_once: bool = False) -> None:
        """Attaches to the root logger and begins to write: in a thread, or `at_once`. Called once, before the port opens."""
        self._set_level(logging.getLogger(), logging.WARNING)
        self._set_level(logging.getLogger("gateway"), level)
        for name in QUIET:
            self._set_level(logging.getLogger(name), logging.WARNING)
        logging.getLogger().addHandler(self)
        self._at_once = at_once
        if not at_once:
            self._start_thread()

    def fork_off(self, worker: int) -> None:
        """Called in a new process, whose records tell that it is worker number so-and-so: from now on a thread writes."""
        self._waiting.clear()
        self._format = formatter(self._form, self._service, self._hide, worker)
        self._at_once = False
        self._start_thread()

    def _start_thread(self) -> None:
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Writes what waits and detaches. May be called twice."""
        logging.getLogger().removeHandler(self)
        for logger, level in self._levels.items():
            logger.setLevel(level)
        self._levels.clear()
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self.drain()
        super().close()

    def drain(self) -> None:
        """Writes what waits now."""
        lines = []
        while self._waiting:
            lines.append(self._line(self._waiting.popleft()))
        if self.dropped > self._told:
            lines.append(self._line(_dropped(self.dropped - self._told)))
            self._told = self.dropped
        if lines:
            self._write("\n".join(lines) + "\n")

    def _run(self) -> None:
        while not self._stop.wait(INTERVAL):
            self.drain()

    def _line(self, record: logging.LogRecord) -> str:
        try:
            return self._format(record)
        except Exception as error:  # a message that doesn't fit its arguments, a value that can't be shown
            return self._format(_unreadable(record, error))

    def _write(self, text: str) -> None:
        try:
            with self._turns:
                self._stream.write(text)
                self._stream.flush()
        except (OSError, ValueError):  # a closed pipe or file
            self.dropped += text.count("\n")

    def _set_level(self, logger: logging.Logger, level: int) -> None:
        self._levels[logger] = logger.level
        logger.setLevel(level)


def _dropped(count: int) -> logging.LogRecord:
    message = f"{count} log records were dropped: they came faster than they could be written"
    return logging.LogRecord("gateway.logs", logging.WARNING, "", 0, message, None, None)


def _unreadable(record: logging.LogRecord, error: Exception) -> logging.LogRecord:
    message = f"a log record of `{record.name}` could not be written: {type(error).__name__}"
    return logging.LogRecord("gateway.logs", logging.WARNING, "", 0, message, None, None)
