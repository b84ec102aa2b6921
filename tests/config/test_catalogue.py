"""The catalogue of codes."""

from __future__ import annotations

import re

import pytest

from gateway.config.catalogue import CODES, ENTRIES, explain
from gateway.expressions.faults import TITLES


def test_every_code_has_a_title_and_a_text() -> None:
    assert all(re.fullmatch(r"GW\d{3}", code) for code in CODES)
    assert [code for code, entry in ENTRIES.items() if not entry.title or not entry.text] == []
    assert list(CODES) == sorted(CODES)


def test_the_titles_of_expressions_are_their_own() -> None:
    assert {code: CODES[code] for code in TITLES} == dict(TITLES)


@pytest.mark.parametrize("code", ["GW004", "gw004"])
def test_a_code_is_explained_in_any_case(code: str) -> None:
    text = explain(code)
    assert text is not None
    assert text.startswith("GW004: A key is written twice\n\nTwo entries of one mapping have the same key. Most YAML")
    assert text.endswith("same key.\n")


def test_an_unknown_code_is_none() -> None:
    assert explain("GW999") is None


def test_nothing_can_be_changed() -> None:
    with pytest.raises(TypeError):
        CODES["GW999"] = "x"  # type: ignore[index]
