"""What a YAML document is made of, before it is data: values that know where they were written."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from gateway.config.source_text import SourceText

Style = Literal["", "'", '"', "|", ">"]


class Scalar(msgspec.Struct, frozen=True):
    """A leaf. `value` is its Python value, `written` the decoded text; `start:end` are offsets in `text`, quotes included."""

    text: SourceText
    start: int
    end: int
    style: Style
    written: str
    value: Any


class Mapping(msgspec.Struct, frozen=True):
    """A mapping; `entries` holds key text → (key, value) in the order written. `flow` means `{…}`."""

    text: SourceText
    start: int
    end: int
    flow: bool
    entries: dict[str, tuple[Scalar, Node]]


class Sequence(msgspec.Struct, frozen=True):
    """A list. `flow` means `[…]`."""

    text: SourceText
    start: int
    end: int
    flow: bool
    items: list[Node]


Node = Scalar | Mapping | Sequence


def plain(node: Node) -> Any:
    """The node as plain data, newly built."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Mapping):
        return {key: plain(value) for key, (_, value) in node.entries.items()}
    return [plain(item) for item in node.items]


def count(node: Node) -> int:
    """How many values the node is made of, itself included."""
    total, waiting = 0, [node]
    while waiting:
        current = waiting.pop()
        total += 1
        if isinstance(current, Mapping):
            waiting.extend(value for _, value in current.entries.values())
        elif isinstance(current, Sequence):
            waiting.extend(current.items)
    return total


def child(node: Node, step: str | int) -> Node | None:
    """The node at one step of a path, or None."""
    if isinstance(node, Mapping):
        entry = node.entries.get(step) if isinstance(step, str) else None
        return entry[1] if entry else None
    if isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
        return node.items[step]
    return None


def key_of(node: Node, step: str | int) -> Scalar | None:
    """The key of the entry at one step of a path, or None."""
    entry = node.entries.get(step) if isinstance(node, Mapping) and isinstance(step, str) else None
    return entry[0] if entry else None


def extent(node: Node) -> tuple[SourceText, int, int]:
    """What to underline for a node: a block mapping is shown by its first key, a block list by its first item."""
    while not isinstance(node, Scalar) and not node.flow:
        first: Node | None
        if isinstance(node, Mapping):
            first = next((key for key, _ in node.entries.values()), None)
        else:
            first = node.items[0] if node.items else None
        if first is None:
            return node.text, node.start, node.start
        node = first
    return node.text, node.start, node.end
