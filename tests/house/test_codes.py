"""Every code of a configuration problem is in the catalogue, and every one there can occur."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from gateway.config import catalogue
from tests.house.tree import files_under, syntax_of

CODE = re.compile(r"GW\d{3}")
CATALOGUE = Path("gateway/config/catalogue.py")


def codes_in(path: Path) -> set[str]:
    strings = (node.value for node in ast.walk(syntax_of(path)) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return {text for text in strings if CODE.fullmatch(text)}


def used() -> set[str]:
    return set().union(*(codes_in(path) for path in files_under("gateway") if path != CATALOGUE))


def test_used_codes_are_told() -> None:
    assert used() - set(catalogue.CODES) == set()


def test_told_codes_are_used() -> None:
    assert set(catalogue.CODES) - used() == set()


def test_titles_are_one_line() -> None:
    assert all(title.strip() == title and title and "\n" not in title for title in catalogue.CODES.values())
