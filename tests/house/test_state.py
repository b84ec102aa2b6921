"""No module state: no `global`, and nothing that a module holds is changed by its functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.house.tree import FunctionNode, files_under, syntax_of

CHANGES = {
    *("add", "append", "appendleft", "clear", "discard", "extend", "insert", "pop", "popitem", "popleft"),
    *("remove", "setdefault", "sort", "reverse", "update"),
}


def faults(module: ast.Module) -> Iterator[str]:
    held = {name for statement in module.body for name in bound_by(statement)}
    for function in outermost_functions(module):
        inside = list(ast.walk(function))
        yield from (f"{node.lineno}: global" for node in inside if isinstance(node, ast.Global))
        state = held - local_names(inside)
        yield from (f"{node.lineno}: changes {name}" for node in inside if (name := changed_name(node)) in state)


def outermost_functions(node: ast.AST) -> Iterator[FunctionNode]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, FunctionNode):
            yield child
        else:
            yield from outermost_functions(child)


def bound_by(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
        return [node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    return []


def local_names(inside: list[ast.AST]) -> set[str]:
    arguments = {node.arg for node in inside if isinstance(node, ast.arg)}
    return arguments | {node.id for node in inside if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def changed_name(node: ast.AST) -> str | None:
    """The plain name whose value `node` changes in place: `x[k] = …`, `del x[k]`, `x.append(…)`."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
        target: ast.expr = node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES:
        target = node.func.value
    else:
        return None
    return target.id if isinstance(target, ast.Name) else None


def test_modules_hold_no_state() -> None:
    found = {str(path): list(faults(syntax_of(path))) for folder in ("gateway", "benchmarks") for path in files_under(folder)}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("X = []\ndef f():\n    X.append(1)", ["3: changes X"]),
        ("X = {}\nclass A:\n    def f(self):\n        X['a'] = 1", ["4: changes X"]),
        ("x = 1\ndef f():\n    global x\n    x = 2", ["3: global"]),
        ("X = {}\ndef f(X):\n    X['a'] = 1", []),
        ("X = {'a': 1}\ndef f():\n    return X['a']", []),
    ],
)
def test_what_counts_as_state(code: str, expected: list[str]) -> None:
    assert list(faults(ast.parse(code))) == expected
