"""Tests mirror the source: `gateway/x/y.py` has `tests/x/test_y.py`, or several `tests/x/test_y_….py`.

Three kinds of file need none of their own: `__init__.py`; files that only declare (types, constants, signatures), since there is
nothing in them to run; and `x_part.py` beside `x.py`, a piece of it that the tests of `x` may cover.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.house.tree import ROOT, FunctionNode, files_under, functions_in

# A file that another test covers better than a mirror would: source → the test that covers it.
COVERED_ELSEWHERE: dict[str, str] = {}


def runs_something(path: Path) -> bool:
    return any(has_body(function.node) for function in functions_in(path))


def has_body(node: FunctionNode) -> bool:
    """Whether a function holds more than a docstring and `...`."""
    return not all(isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) for line in node.body)


def is_part(path: Path) -> bool:
    """Whether `x.py` stands beside this `x_part.py`."""
    words = path.stem.split("_")
    wholes = {f"{'_'.join(words[:count])}.py" for count in range(1, len(words))}
    return any(whole.name in wholes for whole in files_under("gateway") if whole.parent == path.parent)


def needing_a_test() -> list[Path]:
    return [path for path in files_under("gateway") if path.name != "__init__.py" and runs_something(path) and not is_part(path)]


def has_mirror(path: Path) -> bool:
    folder = ROOT / "tests" / path.relative_to("gateway").parent
    stem = path.stem.strip("_")
    return (folder / f"test_{stem}.py").is_file() or any(folder.glob(f"test_{stem}_*.py"))


def test_every_file_has_its_test() -> None:
    assert [str(path) for path in needing_a_test() if not has_mirror(path) and str(path) not in COVERED_ELSEWHERE] == []


def test_exceptions_are_needed_and_true() -> None:
    for source, test in COVERED_ELSEWHERE.items():
        assert Path(source) in needing_a_test()
        assert not has_mirror(Path(source)), f"{source} has its own test now: take it off the list"
        assert (ROOT / test).is_file()


@pytest.mark.parametrize(
    ("body", "answer"),
    [("def f():\n '''x'''", False), ("def f(): ...", False), ("def f(): return 1", True), ("class A:\n def f(self):\n  ...", False)],
)
def test_what_counts_as_a_body(body: str, answer: bool) -> None:
    found = [node for node in ast.walk(ast.parse(body)) if isinstance(node, FunctionNode)]
    assert [has_body(node) for node in found] == [answer]
