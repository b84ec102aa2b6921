"""One YAML document: its data, and the place of everything in it."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from types import MappingProxyType
from typing import Any

from gateway.config.nodes import Mapping, Node, Scalar, child, extent, key_of, plain
from gateway.config.spans import Spans, spans
from gateway.sdk.problem import Path, Place
from gateway.sdk.secret import SecretText

Secrets = MappingOf[Path, SecretText]
NO_SECRETS: Secrets = MappingProxyType({})

KIND_KEYS = ("gateway", "source", "route", "transform", "policy", "test", "intent")
"""The keys that tell a document's kind, in the order in which they decide (a route names an intent too; language §1)."""


class Document:
    """One document after overlay and `extends`: `data` is plain Python, places point to where each value was written.

    `data` holds resolved `${ env.X }` and `${ secret.x }` values; the places and spans stay those of the text in the file.
    `secrets` are the texts that change when a secret does, by path.
    Its representation shows no data, so that no secret gets into a log by it.
    """

    def __init__(self, root: Node, *, file: str, data: Any = None, secrets: Secrets = NO_SECRETS) -> None:
        self.file = file
        self.root = root
        self.secrets = secrets
        self.data: Any = plain(root) if data is None else data
        self._spans: dict[int, Spans | None] = {}

    def __repr__(self) -> str:
        return f"Document({self.file!r}, line {self.place(()).line})"

    def place(self, path: Path, *, key: bool = False) -> Place:
        """The place of the value at `path`, or of its key.

        A path that doesn't exist gives the key of its nearest existing owner (at the top: the key that names the document).
        A value that was left empty is shown by its key.
        """
        if not path and not key:
            return self._owner_place(())
        owner, node = self._walk(path)
        if node is None:
            return self._owner_place(owner)
        if key or (isinstance(node, Scalar) and node.start == node.end):
            return self._owner_place(path)
        return _place_of(node)

    def place_in_text(self, path: Path, start: int, end: int) -> Place:
        """The place of `text[start:end]`, where `text` is the string written at `path` (before anything in it was resolved).

        Right for plain, quoted and block scalars. A slice over several lines is shown by its first line.
        """
        _, node = self._walk(path)
        if not isinstance(node, Scalar):
            return self.place(path)
        if id(node) not in self._spans:
            self._spans[id(node)] = spans(node)
        found = self._spans[id(node)]
        return self.place(path) if found is None else node.text.place(*found.slice(start, end))

    def _walk(self, path: Path) -> tuple[Path, Node | None]:
        """The longest existing part of `path`, and the node at `path` where all of it exists."""
        node = self.root
        for index, step in enumerate(path):
            below = child(node, step)
            if below is None:
                return path[:index], None
            node = below
        return path, node

    def _owner_place(self, path: Path) -> Place:
        """The key at `path`; a list's item by itself; the top by the key that names the document."""
        if not path:
            return self._name_place()
        owner: Node = self.root
        for step in path[:-1]:
            below = child(owner, step)
            if below is None:
                return self._name_place()
            owner = below
        found = key_of(owner, path[-1]) or child(owner, path[-1])
        return self._name_place() if found is None else _place_of(found)

    def _name_place(self) -> Place:
        if isinstance(self.root, Mapping):
            naming = next((name for name in KIND_KEYS if name in self.root.entries), None)
            if naming is not None:
                return _place_of(self.root.entries[naming][0])
        return _place_of(self.root)


def _place_of(node: Node) -> Place:
    text, start, end = extent(node)
    return text.place(start, end)
