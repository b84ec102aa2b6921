"""A module is named for the one thing it holds."""

from __future__ import annotations

import re

from tests.house.tree import files_under

FORBIDDEN = {"utils", "util", "helpers", "helper", "manager", "managers", "base", "core", "common", "misc", "shared", "stuff"}


def test_no_module_is_named_for_nothing() -> None:
    bad = {
        str(path): sorted(words)
        for folder in ("gateway", "benchmarks", "tests")
        for path in files_under(folder)
        if (words := FORBIDDEN & set(re.split(r"[/_]", str(path.with_suffix("")).removeprefix("tests/"))))
    }
    assert bad == {}


def test_test_files_have_a_package_each() -> None:
    """Two `test_http.py` in different folders may only live side by side in packages."""
    bare = {str(path.parent) for path in files_under("tests") if path.parent / "__init__.py" not in files_under("tests")}
    assert bare == set()
