"""Finds and reads the files of a configuration, and never one outside of its folder (language §1)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import msgspec

from gateway.config.draft import Draft
from gateway.config.kinds import Family
from gateway.config.strict_yaml import MOST_BYTES
from gateway.config.suggest import closest
from gateway.sdk.problem import Path as DataPath
from gateway.sdk.problem import Place, Problem

MOST_FILES = 10_000
_TEST = ".test.yaml"


class FoundFile(msgspec.Struct, frozen=True):
    """A file to read: `name` is relative to the folder, with `/`; `families` say which kinds of document may stand in it."""

    name: str
    families: frozenset[Family]


class Folders:
    """The files below the folders that `gateway.yaml` names. `problems` holds what could not be used."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._root = folder.resolve()
        self._found: dict[str, set[Family]] = {}
        self.problems: list[Problem] = []

    def files(self) -> list[FoundFile]:
        """All files found so far, by name."""
        return [FoundFile(name, frozenset(families)) for name, families in sorted(self._found.items())]

    def add_usual(self, family: Family) -> None:
        """Looks through the folder that is used where `gateway.yaml` names none; it need not exist."""
        self._add(family, family)

    def add_named(self, root: Draft, family: Family) -> None:
        """Looks through the folders that `gateway.yaml` names under the key `family`."""
        for index, name in enumerate(root.document.data[family]):
            path: DataPath = (family, index)
            if not isinstance(name, str) or root.is_broken_at(path):
                continue
            fault = self._add(name, family)
            if fault is not None:
                message, hint = fault
                self.problems.append(Problem("GW022", "error", message, root.document.place(path), path, hint))

    def _add(self, name: str, family: Family) -> tuple[str, str | None] | None:
        """Looks through one folder; gives message and hint where it can't be used. The name may come from the environment: not shown."""
        try:
            target = (self._root / name).resolve()
            inside = not PurePosixPath(name).is_absolute() and target.is_relative_to(self._root)
            if not inside:
                return "this folder lies outside of the configuration's folder", "name a folder relative to `gateway.yaml`"
            if not target.is_dir():
                return "this folder doesn't exist", self._nearest(name)
        except (OSError, ValueError, RuntimeError):
            return "this folder can't be used", None
        for file in self._walk(target):
            self._found.setdefault(file, set()).add("tests" if file.endswith(_TEST) else family)
        return None

    def _nearest(self, name: str) -> str | None:
        near = closest(name, (entry.name for entry in self._root.iterdir() if entry.is_dir()))
        return f"did you mean `{near}`?" if near else None

    def _walk(self, target: Path) -> Iterator[str]:
        """The YAML files below a folder. Hidden files and folders are passed over; links to folders are reported."""
        for here, folders, files in os.walk(target, onerror=self._unreadable):
            kept = [name for name in sorted(folders) if not name.startswith(".")]
            folders[:] = [name for name in kept if not self._is_link(Path(here, name))]
            for name in sorted(files):
                if name.startswith(".") or not name.endswith((".yaml", ".yml")):
                    continue
                file = Path(here, name).relative_to(self._root).as_posix()
                if file == "gateway.yaml" or (file.startswith("gateway.") and "/" not in file):
                    continue
                if len(self._found) >= MOST_FILES:
                    self.problems.append(
                        _problem("GW011", file, f"more than {MOST_FILES} files; this one and those behind it are not read")
                    )
                    return
                if self._usable(file):
                    yield file

    def _is_link(self, path: Path) -> bool:
        if not path.is_symlink():
            return False
        name = path.relative_to(self._root).as_posix()
        self.problems.append(_problem("GW022", name, "a link to a folder is not followed", hint="put the folder itself here"))
        return True

    def _usable(self, file: str) -> bool:
        path = self._root / file
        if not _is_utf8(file):
            shown = file.encode("utf-8", "replace").decode()
            self.problems.append(_problem("GW023", shown, "this file's name is not UTF-8", hint="rename it"))
            return False
        if file.endswith(".yml"):
            self.problems.append(_problem("GW023", file, "this file is not read", hint="rename it to end with `.yaml`", warning=True))
            return False
        if path.is_symlink() and not os.path.exists(path):
            self.problems.append(_problem("GW022", file, "this link leads nowhere", hint="put the file here, or remove the link"))
            return False
        if path.is_symlink() and not _inside(path, self._root):
            self.problems.append(_problem("GW022", file, "this link leads out of the configuration's folder", hint="put the file here"))
            return False
        return True

    def _unreadable(self, fault: OSError) -> None:
        name = Path(fault.filename).relative_to(self._root).as_posix()
        self.problems.append(_problem("GW001", name, f"this folder can't be read: {_reason(fault)}"))


def read_file(folder: Path, name: str) -> bytes | Problem:
    """The bytes of a file (one more than may be read, where it is too large), or why there are none."""
    path = folder / name
    try:
        if not path.is_file():
            return _problem("GW001", name, "this is not a file" if path.exists() else "this file doesn't exist")
        with path.open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except OSError as fault:
        return _problem("GW001", name, f"this file can't be read: {_reason(fault)}")


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _inside(path: Path, root: Path) -> bool:
    try:
        return path.resolve().is_relative_to(root)
    except (OSError, RuntimeError):
        return False


def _reason(fault: OSError) -> str:
    return (fault.strerror or type(fault).__name__).lower()


def _problem(code: str, name: str, message: str, *, hint: str | None = None, warning: bool = False) -> Problem:
    return Problem(code, "warning" if warning else "error", message, Place(name, 1, 1, 1), (), hint)
