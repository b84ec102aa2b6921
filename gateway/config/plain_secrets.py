"""Where secrets stand in a document as plain text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gateway.config.document import Document
from gateway.config.nodes import Node, Scalar, child
from gateway.config.positions import Position
from gateway.sdk.problem import Place

_END_OF_LINE = 1 << 30


def plain_secrets(document: Document, positions: Iterable[Position]) -> Iterator[Place]:
    """A place for each line of each value that the schema calls a secret and that is no `${ }`."""
    for position in positions:
        if position.schema.get("x-gateway-kind") == "secret":
            node: Node | None = document.root
            for step in position.path:
                node = child(node, step) if node is not None else None
            if isinstance(node, Scalar) and "${" not in node.written:
                yield from _lines_of(node)


def _lines_of(scalar: Scalar) -> Iterator[Place]:
    first, last = (scalar.text.line_of(offset) for offset in (scalar.start, scalar.end))
    place = scalar.text.place(scalar.start, scalar.end)
    yield place if first == last else Place(place.file, first, place.column, _END_OF_LINE)
    for line in range(first + 1, last + 1):
        yield Place(place.file, line, 1, _END_OF_LINE)
