"""Every code of a configuration problem is in the catalogue, and every one there can occur."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from gateway.config import catalogue
from tests.house.tree import files_under, syntax_of

CODE = re.compile(r"GW\d{3}")


def codes_in(path: Path) -> set[str]:
    """The codes that a file gives to problems; the keys of a mapping are titles, not uses."""
    nodes = list(ast.walk(syntax_of(path)))
    keys = {id(key) for node in nodes if isinstance(node, ast.Dict) for key in node.keys}
    strings = [node.value for node in nodes if isinstance(node, ast.Constant) and id(node) not in keys]
    return {text for text in strings if isinstance(text, str) and CODE.fullmatch(text)}


def used() -> set[str]:
    return set().union(*map(codes_in, files_under("gateway")))


def test_used_codes_are_told() -> None:
    assert used() - set(catalogue.CODES) == set()


def test_told_codes_are_used() -> None:
    assert set(catalogue.CODES) - used() == set()


def test_titles_are_one_line() -> None:
    assert all(title.strip() == title and title and "\n" not in title for title in catalogue.CODES.values())
