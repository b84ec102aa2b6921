"""Characters that act or hide are written out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.config.visible import one_line, shown, width


def test_what_acts_is_written_out() -> None:
    assert shown("a\tb\x1b[31m\u202e") == "a    b\\x1b[31m\\u202e"
    assert one_line("a\tb\nc\U000e0001") == "a\\x09b\\x0ac\\U000e0001"


def test_columns_of_a_terminal() -> None:
    assert [width(text) for text in ("abc", "日本", "e\u0301")] == [3, 4, 1]


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1
    assert not any(sign < " " or sign in "\x7f\x1b\u202e\u2066" for sign in one_line(text))
