"""What is imported is declared, and what is declared is used."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import PROJECT, files_under, syntax_of

# Used by name, not by import: a URL or a setting names them.
NAMED_IN_SETTINGS = {
    "aiosqlite": "SQLAlchemy's driver of sqlite URLs",
    "pytest-asyncio": "runs the test kit's asynchronous contracts",
    "uvloop": "uvicorn's event loop",
}


def names(requirements: Iterable[str]) -> set[str]:
    return {canonicalize_name(Requirement(line).name) for line in requirements}


def declared() -> set[str]:
    extras = PROJECT["project"]["optional-dependencies"].values()
    return names([*PROJECT["project"]["dependencies"], *chain.from_iterable(extras)])


def imported(*folders: str) -> set[str]:
    """The distributions behind every import of another project."""
    owners = packages_distributions()
    modules = {module for folder in folders for path in files_under(folder) for module in top_modules(path)}
    others = modules - sys.stdlib_module_names - {"gateway", "tests", "benchmarks"}
    return {canonicalize_name(owners.get(module, [module])[0]) for module in others}


def top_modules(path: Path) -> Iterator[str]:
    for node in ast.walk(syntax_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def test_what_is_imported_is_declared() -> None:
    assert imported("gateway") - declared() == set()


def test_what_tests_import_is_declared() -> None:
    assert imported("tests", "benchmarks") - declared() - names(PROJECT["dependency-groups"]["dev"]) == set()


def test_what_is_declared_is_used() -> None:
    assert declared() - imported("gateway") == set(NAMED_IN_SETTINGS)
