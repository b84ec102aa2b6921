"""Where secrets stand in a document as plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gateway.config.document import Document
from gateway.config.nodes import Mapping, Node, Scalar, child
from gateway.config.plain_parts import plain_parts
from gateway.config.positions import Position
from gateway.sdk.problem import Place

_LINE = re.compile(r"[^\r\n]+")


def plain_secrets(document: Document, positions: Iterable[Position]) -> Iterator[Place]:
    """A place for each line of what the schema calls a secret, but for its `${ }`. A list or mapping there hides all of itself."""
    for position in positions:
        if position.schema.get("x-gateway-kind") == "secret":
            node: Node | None = document.root
            for step in position.path:
                node = child(node, step) if node is not None else None
            for scalar in _scalars(node):
                yield from _lines_of(scalar)


def _scalars(node: Node | None) -> Iterator[Scalar]:
    """Every scalar of a node, keys too; an alias may lead to one more than once."""
    waiting = [] if node is None else [node]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Scalar):
            yield item
        elif isinstance(item, Mapping):
            waiting += [part for key, value in item.entries.values() for part in (key, value)]
        else:
            waiting += item.items


def _lines_of(scalar: Scalar) -> Iterator[Place]:
    written = scalar.text.text[scalar.start : scalar.end]
    for start, end in plain_parts(written):
        for line in _LINE.finditer(written, start, end):
            yield scalar.text.place(scalar.start + line.start(), scalar.start + line.end())
