"""Bytes: what is not meant stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.edits import edited, lines_of
from gateway.config.replacement import Replacement
from gateway.sdk.problem import Place


def change(line: int, column: int, old: str, new: str) -> Replacement:
    return Replacement("GW101", Place("a.yaml", line, column, column + len(old)), old, new)


def test_everything_else_stays() -> None:
    before = b"\xef\xbb\xbfa: 1 \r\nb\xff: 'x'\rc: \xc3\xa4 old old  # old\n\n"
    after = edited(before, [change(3, 6, "old", "newer"), change(1, 1, "a", "bb"), change(3, 10, "old", "")])
    assert after == b"\xef\xbb\xbfbb: 1 \r\nb\xff: 'x'\rc: \xc3\xa4 newer   # old\n\n"


def test_another_text_is_not_touched() -> None:
    with pytest.raises(ValueError, match="another"):
        edited(b"a: 1\n", [change(1, 1, "b", "c")])


@given(st.binary(max_size=60))
def test_no_change_changes_nothing(content: bytes) -> None:
    assert edited(content, []) == content


@given(st.lists(st.sampled_from(["ab", "\r\n", "\n", "\r", "ä", "\ufeff", "日"]), max_size=12), st.data())
def test_a_line_is_found_where_places_say(pieces: list[str], data: st.DataObject) -> None:
    content = "".join(pieces).encode()
    lines = lines_of(content)
    number = data.draw(st.integers(0, len(lines) - 1))
    column = data.draw(st.integers(0, len(lines[number])))
    after = lines_of(edited(content, [change(number + 1, column + 1, lines[number][column:], "NEW")]))
    assert after == [*lines[:number], lines[number][:column] + "NEW", *lines[number + 1 :]]
