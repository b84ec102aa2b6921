"""The files of one API description and the references between them. Nothing is fetched, and nothing outside the folder is opened."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any
from urllib.parse import unquote

import msgspec

from gateway.sources.openapi_document import DocumentFault, read_document

_MAX_HOPS = 32
_ABSENT: Any = object()


class Located(msgspec.Struct, frozen=True):
    """A part of a description: `node`, the `file` that it stands in (relative references start there), and its JSON pointer."""

    node: Any
    file: FilePath
    pointer: str = ""

    def below(self, node: Any) -> Located:
        """A part of this part."""
        return Located(node, self.file)


class Library:
    """Opens files of a description once, the first time that they are referred to; `opened` are already there, by absolute path."""

    def __init__(self, folder: FilePath, opened: Mapping[FilePath, Any] | None = None) -> None:
        self._folder = folder.resolve()
        self._files: dict[FilePath, Any] = dict(opened or {})

    def open(self, name: str, beside: FilePath | None = None) -> Located:
        """A file by its name relative to `beside` (or the folder). Raises `DocumentFault`."""
        start = self._folder if beside is None else beside.parent
        try:
            file = (start / name).resolve()
        except (OSError, ValueError, RuntimeError) as fault:
            raise DocumentFault("this is not the name of a file") from fault
        if not file.is_relative_to(self._folder):
            raise DocumentFault(f"`{name}` lies outside the configuration's folder")
        if file not in self._files:
            self._files[file] = read_document(file)
        return Located(self._files[file], file)

    def follow(self, part: Located) -> Located | None:
        """The part itself, or what its `$ref` finally leads to; None for a remote, missing, outside or endless one."""
        for _ in range(_MAX_HOPS):
            reference = part.node.get("$ref") if isinstance(part.node, dict) else None
            if not isinstance(reference, str):
                return part
            target = self._target(reference, part.file)
            if target is None:
                return None
            part = target
        return None

    def _target(self, reference: str, file: FilePath) -> Located | None:
        name, _, fragment = reference.partition("#")
        if ":" in name or name.startswith("//"):
            return None
        try:
            document = self.open(unquote(name), file) if name else Located(self._files[file], file)
        except DocumentFault:
            return None
        pointer = unquote(fragment)
        node = document.node if not pointer else _at(document.node, pointer)
        return None if node is _ABSENT else Located(node, document.file, pointer)


def _at(node: Any, pointer: str) -> Any:
    """RFC 6901; `_ABSENT` where there is nothing."""
    if not pointer.startswith("/"):
        return _ABSENT
    for token in pointer[1:].split("/"):
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict):
            node = node.get(name, _ABSENT)
        elif isinstance(node, list) and name.isascii() and name.isdigit() and len(name) < 10 and int(name) < len(node):
            node = node[int(name)]
        else:
            return _ABSENT
    return node


def map_at(node: Any, name: str) -> dict[str, Any]:
    """A member that should be a map; empty where it is missing or something else."""
    value = node.get(name) if isinstance(node, dict) else None
    return value if isinstance(value, dict) else {}
