"""One mounted file with a secret in it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

LARGEST = 64 << 10
"""Bytes."""

Stamp = tuple[int, int, int, int, int]
"""What tells one state of a file from another: device, number, size, and both times in nanoseconds.

Mounted secrets are links that are swapped (Kubernetes): the number of the file behind the link changes then.
"""

UNSEEN: Stamp = (0, 0, 0, 0, 0)
"""The stamp of a file that can't be looked at."""


class SecretUnreadable(Exception):
    """There is something for the secret, but it can't be used. The text says why and holds nothing of the secret."""


class SecretFile:
    """Reads the file at a path, links followed."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def stamp(self) -> Stamp | None:
        """The file's state; None where there is none, `UNSEEN` where it can't be looked at."""
        try:
            found = os.stat(self._path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError):
            return UNSEEN
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns

    def read(self) -> str:
        """The text without one line break at its end. Raises `SecretUnreadable`, also for a file without any text."""
        try:
            content = self._content()
        except (OSError, ValueError) as fault:
            raise SecretUnreadable("its file can't be read") from fault
        if len(content) > LARGEST:
            raise SecretUnreadable(f"its file has more than {LARGEST >> 10} KiB")
        try:
            text = content.decode("utf-8").removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError:
            raise SecretUnreadable("its file is not UTF-8") from None
        if not text:
            raise SecretUnreadable("its file is empty")
        return text

    def _content(self) -> bytes:
        if not stat.S_ISREG(os.stat(self._path).st_mode):
            raise SecretUnreadable("it is not a file")
        with self._path.open("rb") as stream:
            return stream.read(LARGEST + 1)
