"""Small files and small functions: sizes hold only while a test fails for them."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import pytest

from tests.house.tree import files_under, functions_in, text_of

FILE_LINES = 400
FUNCTION_LINES = 50
TEST_FILE_LINES = 600
MEDIAN_FILE_LINES = 150
MEDIAN_FUNCTION_LINES = 10

# What is over a limit, with its exact size: `path` or `path:function` → lines. It only shrinks.
OVERSIZED: dict[str, int] = {}


def sizes() -> dict[str, int]:
    """Everything over its limit."""
    found: dict[str, int] = {}
    for folder, limit in (("gateway", FILE_LINES), ("benchmarks", FILE_LINES), ("tests", TEST_FILE_LINES)):
        for path in files_under(folder):
            found |= {str(path): lines} if (lines := line_count(path)) > limit else {}
            found |= {f"{path}:{function.name}": function.lines for function in functions_in(path) if function.lines > FUNCTION_LINES}
    return found


def line_count(path: Path) -> int:
    return len(text_of(path).splitlines())


def test_nothing_is_over_its_limit() -> None:
    assert sizes() == OVERSIZED


@pytest.mark.parametrize("folder", ["gateway"])
def test_the_middle_is_small_too(folder: str) -> None:
    paths = [path for path in files_under(folder) if text_of(path).strip()]
    assert median(map(line_count, paths)) <= MEDIAN_FILE_LINES
    assert median(function.lines for path in paths for function in functions_in(path)) <= MEDIAN_FUNCTION_LINES
