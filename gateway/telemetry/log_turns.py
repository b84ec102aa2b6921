"""Several processes write to one log, one after the other: what is written at once to a pipe may else be torn apart (POSIX `write`)."""

from __future__ import annotations

import os
import tempfile
from types import TracebackType


class Turns:
    """A lock that all processes have which were forked from the one that made it. Whoever dies with it gives it back."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 -- open as long as any process logs

    def __enter__(self) -> None:
        os.lockf(self._file.fileno(), os.F_LOCK, 0)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        os.lockf(self._file.fileno(), os.F_ULOCK, 0)

    def close(self) -> None:
        """Called at this process's end."""
        self._file.close()
