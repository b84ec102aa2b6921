"""Text in a fixed number of terminal columns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.visible import width as columns
from gateway.planner.explain.columns import WIDTH, cut, visible, wrapped


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("  two\n\tlines ", "two lines"),
        ("größer", "größer"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("a\u202eb", "a\\u202eb"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_what_acts_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_words_are_kept_whole_and_further_lines_indented() -> None:
    assert list(wrapped("label  ", "word " * 20, 4)) == ["label  " + " ".join(["word"] * 14), "    " + " ".join(["word"] * 6)]


def test_nothing_is_a_label_alone() -> None:
    assert list(wrapped("label  ", "", 4)) == ["label"]


@given(st.text(), st.integers(0, 20), st.integers(0, 20))
def test_no_line_is_too_wide_and_nothing_is_lost(text: str, label: int, indent: int) -> None:
    lines = list(wrapped("-" * label, text, indent))
    assert max(map(columns, lines)) <= WIDTH
    assert "".join("".join(lines).split()) == "-" * label + "".join(visible(text).split())


@pytest.mark.parametrize(("text", "shown"), [("abc", "abc   "), ("abcdefgh", "abcd.."), ("日本語日本語", "日本..")])
def test_cut_to_a_width(text: str, shown: str) -> None:
    assert cut(text, 6) == shown
