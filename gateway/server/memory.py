"""How much memory this process takes of what it may, as Linux tells it; elsewhere nothing is known, and nothing follows from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from mmap import PAGESIZE
from pathlib import Path
from typing import NamedTuple

ROOT = Path("/")

Share = Callable[[], float | None]
"""The part of the memory that is taken, from 0 to 1 and more; None where it can't be told."""


def share_of(limit: int | None, root: Path = ROOT) -> Share | None:
    """With a `limit` in bytes that is one of this process; else that of its container (cgroup), which all its processes share.

    None where there is no limit at all. `root` is that of the file system.
    """
    if limit is not None:
        return lambda: _part(_resident(root), limit)
    return _of_container(root)


class _Group(NamedTuple):
    """The files of a cgroup: use, limit, statistics, and what these call cached files, which can be dropped."""

    used: Path
    most: Path
    statistics: Path
    cached: str


def _of_container(root: Path) -> Share | None:
    for group in _groups(root):
        limit = _number(group.most)
        if limit is not None and _number(group.used) is not None:
            return partial(_share, group, limit)
    return None


def _share(group: _Group, limit: int) -> float | None:
    return _part(_working_set(group), limit)


def _groups(root: Path) -> Iterator[_Group]:
    """This process's own, and that at the top, which is the container's where that sees no other; of version 2, then of 1 (cgroups(7))."""
    lines = [line.split(":", 2) for line in (_text(root / "proc/self/cgroup") or "").splitlines()]
    own = {controllers: path.lstrip("/") for _, controllers, path in (line for line in lines if len(line) == 3)}
    two, one = root / "sys/fs/cgroup", root / "sys/fs/cgroup/memory"
    for folder in (two / own.get("", ""), two):
        yield _Group(folder / "memory.current", folder / "memory.max", folder / "memory.stat", "inactive_file")
    for folder in (one / own.get("memory", ""), one):
        used, most = folder / "memory.usage_in_bytes", folder / "memory.limit_in_bytes"
        yield _Group(used, most, folder / "memory.stat", "total_inactive_file")


def _working_set(group: _Group) -> int | None:
    """What can't be dropped: the same as Kubernetes evicts by."""
    taken = _number(group.used)
    if taken is None:
        return None
    lines = (line.split() for line in (_text(group.statistics) or "").splitlines())
    dropped = next((int(words[1]) for words in lines if len(words) == 2 and words[0] == group.cached and words[1].isdigit()), 0)
    return max(0, taken - dropped)


def _resident(root: Path) -> int | None:
    """Bytes of this process that are in memory (proc(5), `statm`)."""
    words = (_text(root / "proc/self/statm") or "").split()
    return int(words[1]) * PAGESIZE if len(words) > 1 and words[1].isdigit() else None


def _part(used: int | None, limit: int) -> float | None:
    return None if used is None else used / limit


def _number(file: Path) -> int | None:
    """None for `max`, and for the number that version 1 has for no limit."""
    text = (_text(file) or "").strip()
    return int(text) if text.isdigit() and int(text) < 1 << 60 else None


def _text(file: Path) -> str | None:
    try:
        return file.read_text("ascii")
    except (OSError, ValueError):
        return None
