from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.importing.wording import first_line, small_name


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Gets a pet. It may be a cat.", "Gets a pet"),
        ("Version 1.2 of it", "Version 1.2 of it"),
        ("\n\n  First\tline \nsecond", "First line"),
        ("a\x1b[31mb\u202ec", "a[31mbc"),
        ("x" * 500, "x" * 119 + "…"),
        (None, ""),
        (7, ""),
        ("", ""),
    ],
)
def test_first_line(text: Any, line: str) -> None:
    assert first_line(text) == line


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("issues/list-for-repo", "issues_list_for_repo"),
        ("getPetById", "get_pet_by_id"),
        ("$top", "top"),
        ("page[size]", "page_size"),
        ("2nd", "nd"),
        ("on", "on_"),
        ("猫", ""),
    ],
)
def test_small_name(text: str, name: str) -> None:
    assert small_name(text) == name


@given(st.text())
def test_a_small_name_is_a_name_or_nothing(text: str) -> None:
    assert re.fullmatch(r"([a-z][a-z0-9_]*)?", small_name(text))
