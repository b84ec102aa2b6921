"""Which operations an API description has, and by what names. Only the outline is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from gateway.sources.openapi_document import DocumentFault
from gateway.sources.openapi_library import Library, Located, map_at
from gateway.sources.request_line import METHODS

Version = Literal["2.0", "3.0", "3.1"]
MAX_NAME = 200
"""Characters of an operation's name; a longer operationId is not used."""

_NO_NAME = re.compile(r"[^A-Za-z0-9]+")


class Entry(msgspec.Struct, frozen=True):
    """One operation: `item` is the path's part of the document, `operation` the method's."""

    name: str
    method: str
    path: str
    item: Located
    operation: Located


class Index(msgspec.Struct, frozen=True):
    """All operations by name; `repeated` are operationIds that more than one operation has (the first keeps it)."""

    version: Version
    entries: dict[str, Entry]
    repeated: tuple[str, ...]


def version_of(document: Located) -> Version:
    """Raises `DocumentFault` for what isn't an API description of a known version."""
    written = document.node if isinstance(document.node, dict) else {}
    swagger, openapi = str(written.get("swagger", "")), str(written.get("openapi", ""))
    if swagger == "2.0":
        return "2.0"
    for version in ("3.0", "3.1"):
        if openapi == version or openapi.startswith(f"{version}."):
            return version
    named = f"version {swagger or openapi}" if swagger or openapi else "no `openapi` or `swagger` key"
    raise DocumentFault(f"`{document.file.name}` has {named}", "descriptions of OpenAPI 3.0, 3.1 and Swagger 2.0 can be read")


def index_of(library: Library, document: Located) -> Index:
    """Raises `DocumentFault` where the document is no API description."""
    version = version_of(document)
    entries: dict[str, Entry] = {}
    unnamed: list[Entry] = []
    repeated: list[str] = []
    for entry in _operations(library, document):
        if not entry.name:
            unnamed.append(entry)
        elif entry.name in entries:
            repeated.append(entry.name)
            unnamed.append(entry)
        else:
            entries[entry.name] = entry
    for entry in unnamed:
        name = _free_name(entry, entries)
        entries[name] = msgspec.structs.replace(entry, name=name)
    return Index(version, entries, tuple(repeated))


def _operations(library: Library, document: Located) -> Iterator[Entry]:
    for path, node in map_at(document.node, "paths").items():
        item = library.follow(document.below(node))
        if item is None or not isinstance(item.node, dict) or not path.startswith("/"):
            continue
        for method in METHODS:
            operation = item.node.get(method.lower())
            if isinstance(operation, dict):
                yield Entry(_usable_name(operation.get("operationId")), method, path, item, item.below(operation))


def _usable_name(written: Any) -> str:
    """An operationId as it stands; empty for one that `call` could not name."""
    name = written.strip() if isinstance(written, str) else ""
    return name if name.isprintable() and len(name) <= MAX_NAME and not name.startswith(".") else ""


def _free_name(entry: Entry, entries: dict[str, Entry]) -> str:
    """`GET /orders/{id}` is called `get_orders_id`; where that is taken, a number is put behind it."""
    name = f"{entry.method.lower()}_{_NO_NAME.sub('_', entry.path).strip('_')}"[:MAX_NAME].rstrip("_")
    number = 2
    candidate = name
    while candidate in entries:
        candidate = f"{name}_{number}"
        number += 1
    return candidate
