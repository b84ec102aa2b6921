"""What is committed reads the same everywhere: no machine's paths, no package index's host, nothing huge, and it is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.tree import PROJECT, ROOT, tracked_files

README_WORDS = 900
MAX_BYTES = 512 * 1024

# Package indexes and the home folders or work folders of one machine.
INDEX_HOST = re.compile(r"\b(pypi|pythonhosted|npmjs|debian)\.(org|com|net)\b")
MACHINE_PATH = re.compile(r"(?<![\w.$}~/-])/(work|root|home/\w+|Users/\w+|opt/pypi)(/|\b)(?!\w)")


def faults(text: str) -> list[str]:
    return [found.group() for pattern in (INDEX_HOST, MACHINE_PATH) for found in pattern.finditer(text)]


def readable(path: Path) -> str:
    return (ROOT / path).read_bytes().decode("utf-8", errors="replace")


def test_no_machine_and_no_index_is_named() -> None:
    found = {str(path): faults(readable(path)) for path in tracked_files()}
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize("text", ["https://" + "pypi" + ".org/simple", "cd " + "/wo" + "rk/main", "see " + "/ho" + "me/jo/x"])
def test_what_counts_as_naming(text: str) -> None:
    assert faults(text)


def test_no_file_is_huge() -> None:
    assert [str(path) for path in tracked_files() if (ROOT / path).stat().st_size > MAX_BYTES] == []


def test_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").split()) <= README_WORDS


def test_changelog_tells_this_version() -> None:
    assert f"## {PROJECT['project']['version']}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
