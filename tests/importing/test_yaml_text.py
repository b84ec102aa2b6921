"""Whatever a value holds, our own strict reader reads it back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.nodes import plain
from gateway.config.strict_yaml import read_yaml
from gateway.expressions.scanner import Escape, Slot, Text, scan
from gateway.importing.yaml_text import lines, literal, scalar, shown

HOSTILE = [
    "a: b", "a #b", "#", "- a", "{a: 1}", "[a]", "'", '"', "\\", "a\nb: c", "a\n---\nb: c", "\x1b[31m", "\u2028x", "\ufeffa", "\x85",
    "\x9b",
    "null", "True", "NO", "on", "007", "1e3", ".5", "0x1f", "12:30", "", " a", "a ", "<<", "*a", "&a", "!t", "%YAML", "@", "`", "|", ">",
    "?", "? a", "\ud7ff", "😀", "\x00", "${ env.HOME }", "$${x}", "a" * 200, "a, b", "-", "a-", "~",
]  # fmt: skip

TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"])))
SCALARS = st.one_of(TEXTS, st.integers(-(1 << 53), 1 << 53), st.booleans(), st.none(), st.floats(-1e300, 1e300))
KEYS = TEXTS.filter(lambda key: "${" not in key and key != "<<")
DATA = st.dictionaries(
    KEYS, st.recursive(SCALARS, lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=3), max_leaves=8),
    min_size=1, max_size=4,
)  # fmt: skip


def read_back(text: str) -> Any:
    file = read_yaml("x.yaml", text.encode())
    assert file.problems == []
    (document,) = file.documents
    assert document.root is not None
    return plain(document.root)


@given(DATA)
def test_data_is_read_back(data: dict[str, Any]) -> None:
    text = "\n".join(lines(data)) + "\n"
    assert read_back(text) == data
    assert all(line.isprintable() for line in text.splitlines())


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts(text: str) -> None:
    data = {"a": text, "b": [text], "c": {"d": text}}
    assert read_back("\n".join(lines(data)) + "\n") == data


@pytest.mark.parametrize("text", ["issues/list", "a b", "int32", "repos.get", "text_1", "${ input.id }"])
def test_harmless_texts_need_no_quotes(text: str) -> None:
    assert scalar(text) == text


def test_layout() -> None:
    data = {
        "steps": {"answer": {"call": "a.b", "with": {"id": "${ input.id }", "list": [1, "x", True]}}},
        "wide": dict.fromkeys("abcdef", "word " * 4),
        "none": {},
        "nothing": [],
    }
    wide = [f'  {name}: "word word word word "' for name in "abcdef"]
    assert list(lines(data)) == [
        'steps: {answer: {call: a.b, with: {id: "${ input.id }", list: [1, x, true]}}}', "wide:", *wide, "none: {}", "nothing: []",
    ]  # fmt: skip


def test_half_characters_have_no_place() -> None:
    assert scalar("a\ud800") == '"a\ufffd"'


@given(st.text("${} a"))
def test_a_literal_stands_for_itself(text: str) -> None:
    pieces = list(scan(literal(text)))
    assert not any(isinstance(piece, Slot) for piece in pieces)
    assert "".join("${" if isinstance(piece, Escape) else piece.text for piece in pieces if isinstance(piece, Escape | Text)) == text


def test_shown() -> None:
    assert shown("a\x1b[2J\nb\u202e") == "a\\x1b[2J\\x0ab\\u202e"
    assert shown("Grüße 猫") == "Grüße 猫"
