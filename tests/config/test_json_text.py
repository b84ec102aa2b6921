"""JSON that people read."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.config.json_text import json_text

LONG = ["a text that is not short"] * 6
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda below: st.lists(below) | st.dictionaries(st.text(), below),
)


def test_short_things_stand_in_one_line() -> None:
    assert json_text({"a": [1, {"b": "ä"}]}) == '{"a": [1, {"b": "ä"}]}\n'


def test_long_ones_are_broken_where_they_have_to_be() -> None:
    lines = json_text({"a": LONG, "b": {}, "c": {"d": [1, 2]}}).splitlines()
    assert lines[:3] == ["{", '  "a": [', f'    "{LONG[0]}",']
    assert lines[-4:] == ["  ],", '  "b": {},', '  "c": {"d": [1, 2]}', "}"]
    assert max(map(len, lines)) <= 120


def test_a_line_is_full_at_its_width() -> None:
    """A comma may follow, so one more character breaks the line."""
    full = {"k": {"x" * 50: "y" * 54}, "l": 1}
    assert [len(line) for line in json_text(full).splitlines()][1] == 120
    assert len(json_text({"k": {"x" * 50: "y" * 55}, "l": 1}).splitlines()) > 4


@given(VALUES)
def test_nothing_is_lost(value: Any) -> None:
    assert json.loads(json_text(value)) == value
