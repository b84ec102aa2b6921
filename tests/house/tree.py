"""The source tree as the house tests see it: files, syntax trees, tracked files."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ASSISTANT = tuple(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"])
"""The files and folders that make the assistant, as the wheel carries them."""

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


class Function(NamedTuple):
    """A function with its dotted name inside the file, methods and inner functions included."""

    name: str
    node: FunctionNode

    @property
    def lines(self) -> int:
        return (self.node.end_lineno or self.node.lineno) - self.node.lineno + 1


@cache
def files_under(folder: str) -> tuple[Path, ...]:
    """Every Python file under a top-level folder, relative to the root."""
    return tuple(sorted(path.relative_to(ROOT) for path in (ROOT / folder).rglob("*.py") if "__pycache__" not in path.parts))


@cache
def text_of(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def syntax_of(path: Path) -> ast.Module:
    return ast.parse(text_of(path), filename=str(path))


@cache
def functions_in(path: Path) -> tuple[Function, ...]:
    return tuple(nested_functions(syntax_of(path), ""))


def nested_functions(node: ast.AST, prefix: str) -> Iterator[Function]:
    for child in ast.iter_child_nodes(node):
        named = isinstance(child, FunctionNode | ast.ClassDef)
        name = f"{prefix}{child.name}" if named else prefix
        if isinstance(child, FunctionNode):
            yield Function(name, child)
        yield from nested_functions(child, f"{name}." if named else prefix)


@cache
def tracked_files() -> tuple[Path, ...]:
    """What git tracks and is still there; skips the test where this is no git checkout."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("git is missing, or this is not a checkout")
    return tuple(path for name in listed.split("\0") if name and (ROOT / (path := Path(name))).is_file())
