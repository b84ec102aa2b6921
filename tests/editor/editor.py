"""A person's editor: opens documents, and asks the language server what it thinks of them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.editor.language_server import LanguageServer

CURSOR = "‸"
"""Where the cursor stands in a text."""


class Diagnostic(NamedTuple):
    """One remark: its line, from 1; the text that is underlined; what is said."""

    line: int
    text: str
    message: str


class Editor:
    """Documents without a place of their own are checked by the schema that is named with them."""

    def __init__(self, server: LanguageServer, root: Path) -> None:
        self._server = server
        self._root = root
        self._numbers = itertools.count(1)

    def diagnostics(self, documents: Sequence[tuple[str, str]]) -> list[list[Diagnostic]]:
        """What the server remarks about each of these documents, given as schema and text; lines are counted without the modeline.

        All are opened at once: the server waits a moment before it looks at any.
        """
        uris = dict(self._unnamed(schema, text) for schema, text in documents)
        found = self._all(uris, skip=1)
        return [found[uri] for uri in uris]

    def remarks(self, files: Mapping[str, str]) -> dict[str, list[Diagnostic]]:
        """The same for many files at once: path from the root → text. What names them a schema is in them or in the settings."""
        uris = {(self._root / path).as_uri(): path for path in files}
        found = self._all({uri: files[path] for uri, path in uris.items()}, skip=0)
        return {uris[uri]: remarks for uri, remarks in found.items()}

    def completions(self, schema: str, text: str) -> dict[str, Any]:
        """What is offered at the cursor, by its label."""
        uri, whole, position = self._at_cursor(schema, text)
        self._open(uri, whole)
        answer = self._server.request("textDocument/completion", {"textDocument": {"uri": uri}, "position": position})
        return {item["label"]: item for item in answer["items"]}

    def hover(self, schema: str, text: str) -> str:
        """What is shown at the cursor."""
        uri, whole, position = self._at_cursor(schema, text)
        self._open(uri, whole)
        answer = self._server.request("textDocument/hover", {"textDocument": {"uri": uri}, "position": position})
        return "" if answer is None else str(answer["contents"]["value"])

    def _unnamed(self, schema: str, text: str) -> tuple[str, str]:
        uri = (self._root / f"written/{next(self._numbers)}.yaml").as_uri()
        return uri, f"# yaml-language-server: $schema={(self._root / 'schemas' / schema).as_uri()}\n{text}"

    def _at_cursor(self, schema: str, text: str) -> tuple[str, str, dict[str, int]]:
        uri, whole = self._unnamed(schema, text)
        before, _, after = whole.partition(CURSOR)
        return uri, before + after, {"line": before.count("\n"), "character": len(before.rpartition("\n")[2])}

    def _open(self, uri: str, text: str) -> None:
        self._server.notify("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "yaml", "version": 1, "text": text}})

    def _all(self, texts: Mapping[str, str], *, skip: int) -> dict[str, list[Diagnostic]]:
        for uri, text in texts.items():
            self._open(uri, text)
        published = self._server.diagnostics(list(texts))
        return {uri: sorted(_diagnostic(texts[uri], item, skip) for item in items) for uri, items in published.items()}


def _diagnostic(text: str, item: Any, skip: int) -> Diagnostic:
    start, end = item["range"]["start"], item["range"]["end"]
    line = text.splitlines()[start["line"]]
    stop = end["character"] if end["line"] == start["line"] else len(line)
    return Diagnostic(start["line"] + 1 - skip, line[start["character"] : stop], item["message"])
