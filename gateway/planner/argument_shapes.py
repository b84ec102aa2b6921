"""Arguments held against what the operation or intent declares."""

from __future__ import annotations

from gateway.expressions.shape import CONTAINERS, NULL, Shape, told, without_null
from gateway.planner.compiler import Compiler
from gateway.sdk import Path


def check_argument(given: Shape, declared: Shape, name: str, compiler: Compiler, path: Path) -> None:
    """Reports an argument that can never be taken. Numbers, truth values and texts are turned into each other where that is possible."""
    if not given.known or not declared.known:
        return
    kinds, wanted = given.kinds - NULL, declared.kinds - NULL
    if not kinds or not wanted:
        return
    scalars = kinds.isdisjoint(CONTAINERS) and wanted.isdisjoint(CONTAINERS)
    if not kinds & wanted and not scalars:
        message = f"`{name}` takes {told(without_null(declared))}, and this is {told(without_null(given))}"
        compiler.findings.report(compiler.document, "GW267", message, path)
    elif given.values is not None and declared.values is not None and given.only("text") and not given.values & declared.values:
        value = next(iter(given.values)) if len(given.values) == 1 else "this"
        known = [str(each) for each in declared.values]
        compiler.findings.unknown(compiler.document, "GW267", "value", str(value), known=known, path=path, of=name)
