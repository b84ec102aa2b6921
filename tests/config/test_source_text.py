"""Offsets to places: line ends of every kind, ends of lines and of the file."""

from __future__ import annotations

import pytest

from gateway.config.source_text import SourceText
from gateway.sdk.problem import Place


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_lines_and_columns_count_from_one_in_characters(line_end: str) -> None:
    text = SourceText("a.yaml", line_end.join(["ä: 1", "", "𝕏: zwei"]))
    start = text.text.index("zwei")
    assert text.place(start, start + 4) == Place("a.yaml", 3, 4, 8)
    assert text.line_of(start) == 3


def test_a_stretch_over_lines_ends_with_its_first_line() -> None:
    text = SourceText("a.yaml", "a: [1,  \n 2]\n")
    assert text.place(3, 12) == Place("a.yaml", 1, 4, 7)


@pytest.mark.parametrize("offset", [6, 7, 9, 100])
def test_behind_the_last_character_is_at_it(offset: int) -> None:
    text = SourceText("a.yaml", "a: [1\n\n\n")
    assert text.place(offset, offset + 1) == Place("a.yaml", 1, 6, 6)


def test_an_empty_stretch_is_empty() -> None:
    assert SourceText("a.yaml", "abc").place(1, 1) == Place("a.yaml", 1, 2, 2)


def test_an_empty_file_has_a_place() -> None:
    assert SourceText("a.yaml", "").place(0, 0) == Place("a.yaml", 1, 1, 1)


def test_the_last_line_needs_no_line_end() -> None:
    assert SourceText("a.yaml", "a\nbcd").place(2, 99) == Place("a.yaml", 2, 1, 4)
