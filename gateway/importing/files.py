"""The files that an import makes, and how they get into the configuration's folder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

import msgspec

from gateway.sources.openapi_document import DocumentFault
from gateway.sources.openapi_library import Library

SPECS = "openapi"
"""The folder for descriptions, in the configuration's folder."""

_REFERENCE = re.compile(rb"""\$ref["']?\s*:\s*["']?([^#"'\s{}\[\],][^#"'\s]*)""")
_MOST_PARTS = 1_000


class NewFile(msgspec.Struct, frozen=True):
    """A file to write; `name` is relative to the configuration's folder, with `/`."""

    name: str
    content: bytes


class Description(msgspec.Struct, frozen=True):
    """Where the description will lie: `spec` as the source names it, `files` what has to be copied for it, `missing` references."""

    spec: str
    files: tuple[NewFile, ...]
    missing: tuple[str, ...]


def description_files(file: Path, folder: Path, name: str) -> Description:
    """Nothing is copied for a description inside the folder. One in several files is copied whole, below `openapi/<name>/`."""
    file, folder = file.resolve(), folder.resolve()
    parts, missing = _parts(file)
    if file.is_relative_to(folder):
        return Description(file.relative_to(folder).as_posix(), (), missing)
    below = PurePosixPath(SPECS) if len(parts) == 1 else PurePosixPath(SPECS, name)
    copies = tuple(NewFile((below / part.relative_to(file.parent).as_posix()).as_posix(), part.read_bytes()) for part in parts)
    return Description(copies[0].name, copies, missing)


def _parts(file: Path) -> tuple[list[Path], tuple[str, ...]]:
    """The description and the files that it refers to, directly or not; and the references that lead to no file beside it."""
    library = Library(file.parent)
    found = [file]
    missing: list[str] = []
    for part in found:
        for reference in _references(part):
            try:
                target = library.open(reference, part).file
            except DocumentFault:
                missing.append(reference)
                continue
            if target not in found and len(found) < _MOST_PARTS:
                found.append(target)
    return found, tuple(dict.fromkeys(missing))


def _references(part: Path) -> Iterator[str]:
    written = dict.fromkeys(found.group(1) for found in _REFERENCE.finditer(part.read_bytes()))
    for reference in written:
        name = reference.decode(errors="replace")
        if ":" not in name and not name.startswith("//"):
            yield name


def conflicts(folder: Path, files: Iterable[NewFile], *, force: bool) -> list[str]:
    """The names of files that can't be written: what is there has another content (`force` takes it), is no file, or lies elsewhere."""
    return [file.name for file in files if not _may_write(folder, file, force=force)]


def _may_write(folder: Path, file: NewFile, *, force: bool) -> bool:
    place = folder / file.name
    if place.is_symlink() or not place.resolve().is_relative_to(folder.resolve()):
        return False
    return not place.exists() or (place.is_file() and (force or place.read_bytes() == file.content))


def write(folder: Path, files: Iterable[NewFile], *, force: bool) -> list[str]:
    """Writes what isn't there yet, and with `force` what is; gives the names of what was written. Raises `OSError`.

    To be called where there are no `conflicts`; a file that came into being since then is not touched without `force`.
    """
    written: list[str] = []
    for file in files:
        place = folder / file.name
        if place.is_file() and place.read_bytes() == file.content:
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("wb" if force else "xb") as stream:
            stream.write(file.content)
        written.append(file.name)
    return written
