"""Replacing files of a folder: never through a link, never one that has changed, each by one rename, its mode kept."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from gateway.config.strict_yaml import MOST_BYTES


class ChangedMeanwhile(Exception):
    """A file is not any more what it was; the text names it."""


def read_in_place(folder: Path, file: str) -> bytes | None:
    """The content of a plain file that lies below `folder` without any link on the way; else None."""
    try:
        path = _in_place(folder, file)
        if path is None or not stat.S_ISREG(path.lstat().st_mode):
            return None
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except (OSError, ValueError):
        return None
    return content if len(content) <= MOST_BYTES else None


def replace_all(folder: Path, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> None:
    """Gives every file in `after` its content. Where one can't be written, or isn't as in `before`, none is changed.

    Raises `ChangedMeanwhile`, or the `OSError` of the first file that can't be written.
    """
    ready: list[tuple[Path, Path]] = []
    try:
        for file, content in after.items():
            path = _in_place(folder, file)
            if path is None or read_in_place(folder, file) != before[file]:
                raise ChangedMeanwhile(f"`{file}` has changed since it was checked")
            ready.append((_beside(path, content), path))
        while ready:
            written, path = ready[0]
            os.replace(written, path)
            del ready[0]
    finally:
        for written, _ in ready:
            with suppress(OSError):
                written.unlink()


def _beside(path: Path, content: bytes) -> Path:
    """A new file with the content in the folder of `path`, hidden from the loader, with its mode."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    written = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        written.chmod(stat.S_IMODE(path.stat().st_mode))
    except OSError:
        written.unlink()
        raise
    return written


def _in_place(folder: Path, file: str) -> Path | None:
    """The path of a file, where it has no `..` and no link below the folder."""
    parts = PurePosixPath(file)
    root = folder.resolve()
    path = root.joinpath(*parts.parts)
    return path if not parts.is_absolute() and ".." not in parts.parts and path.resolve() == path else None
