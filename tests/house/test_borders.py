"""A broad `except` stands only at the three borders: the server, a plugin's call, a background task.

A handler that ends by raising the same error again catches nothing and is no border. `contextlib.suppress` counts too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.house.tree import files_under, functions_in, syntax_of

BROAD = {"Exception", "BaseException", "ExceptionGroup", "BaseExceptionGroup"}

# `path:function` by border. An entry that is no longer true fails.
SERVER = {
    "gateway/server/gate.py:Gate._guarded",
    "gateway/server/dispatch.py:Dispatcher._visit",
    "gateway/server/supervisor.py:Supervisor._live",
}
PLUGIN_CALL = {
    "gateway/expressions/plugin.py:guarded.guarded_call",
    "gateway/server/admin.py:_answered",
    "gateway/server/application.py:Application._close",
}
BACKGROUND_TASK = {
    "gateway/policies/audit_writer.py:AuditWriter._round",
    "gateway/config/secret_watch.py:SecretWatch._run",
    "gateway/net/health_checks.py:HealthChecks._is_healthy",
    "gateway/policies/batch.py:Batcher._fetch",
    "gateway/policies/journal.py:Journal._guarded",
    "gateway/policies/level_watch.py:LevelWatch._run",
    "gateway/policies/single_flight.py:SingleFlight._lead",
    "gateway/runtime/schedule.py:Schedule.run",
    "gateway/stores/redis_word.py:Hearing._call",
    "gateway/telemetry/logs.py:LogWriter._line",
}


def catches_broadly(node: ast.AST) -> bool:
    if isinstance(node, ast.ExceptHandler):
        return names_in(node.type) >= {"everything"} or (bool(names_in(node.type) & BROAD) and not raises_again(node))
    if isinstance(node, ast.Call) and last_name(node.func) == "suppress":
        return any(last_name(argument) in BROAD for argument in node.args)
    return False


def names_in(caught: ast.expr | None) -> set[str]:
    if caught is None:
        return {"everything"}
    return {last_name(item) for item in (caught.elts if isinstance(caught, ast.Tuple) else [caught])}


def last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    leaves = any(isinstance(node, ast.Return) for line in handler.body for node in ast.walk(line))
    return isinstance(last, ast.Raise) and last.exc is None and not leaves


def broad_functions() -> Iterator[str]:
    for path in files_under("gateway"):
        named = [("<module>", syntax_of(path)), *functions_in(path)]
        yield from (f"{path}:{name}" for name, node in named if any(map(catches_broadly, own_nodes(node))))


def own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """What is in a function but not in a function inside it."""
    for child in ast.iter_child_nodes(function):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield child
            yield from own_nodes(child)


def test_broad_excepts_stand_at_the_borders_only() -> None:
    assert set(broad_functions()) == SERVER | PLUGIN_CALL | BACKGROUND_TASK


@pytest.mark.parametrize(
    ("handler", "broad"),
    [
        ("except Exception: pass", True),
        ("except: raise", True),
        ("except (ValueError, builtins.BaseException) as e: print(e)", True),
        ("except BaseException: close(); raise", False),
        ("except ValueError: pass", False),
    ],
)
def test_what_counts_as_broad(handler: str, broad: bool) -> None:
    module = ast.parse(f"try: work()\n{handler}")
    assert any(catches_broadly(node) for node in ast.walk(module)) is broad


def test_suppressing_everything_is_broad() -> None:
    assert any(catches_broadly(node) for node in ast.walk(ast.parse("with contextlib.suppress(Exception): pass")))
