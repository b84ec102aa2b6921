"""Nodes as plain data, and what is underlined for them."""

from __future__ import annotations

from gateway.config.nodes import Node, child, count, extent, key_of, plain
from tests.config.yaml_texts import document

TEXT = """\
top:
  - {a: 1, "b c": [x, y]}
  - |
    text
empty:
flow: {}
"""


def root() -> Node:
    return document(TEXT).root


def shown(node: Node) -> str:
    text, start, end = extent(node)
    return text.text[start:end]


def at(*path: str | int) -> Node:
    node = root()
    for step in path:
        below = child(node, step)
        assert below is not None
        node = below
    return node


def test_plain_data_is_new_each_time() -> None:
    node = root()
    first = plain(node)
    assert first == {"top": [{"a": 1, "b c": ["x", "y"]}, "text\n"], "empty": None, "flow": {}}
    first["top"].clear()
    assert plain(node)["top"]


def test_what_is_not_there_is_none() -> None:
    assert child(root(), "nothing") is None
    assert child(root(), 0) is None
    assert child(at("top"), 2) is None
    assert child(at("top"), -1) is None
    assert child(at("top"), "0") is None
    assert key_of(root(), "nothing") is None
    assert key_of(at("top"), 0) is None


def test_values_are_counted() -> None:
    assert count(root()) == 1 + 1 + 1 + 1 + 1 + 2 + 1 + 1 + 1


def test_blocks_are_shown_by_what_they_start_with() -> None:
    assert shown(root()) == "top"
    assert shown(at("top")) == '{a: 1, "b c": [x, y]}'
    assert shown(at("top", 0, "b c")) == "[x, y]"
    assert shown(at("flow")) == "{}"
    key = key_of(at("top", 0), "b c")
    assert key is not None
    assert shown(key) == '"b c"'
