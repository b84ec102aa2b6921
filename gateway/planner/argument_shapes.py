"""Arguments held against what the operation or intent declares."""

from __future__ import annotations

import re

from gateway.expressions.shape import NULL, Constant, Kind, Shape, told, without_null
from gateway.planner.compiler import Compiler
from gateway.sdk import Path

_NUMBER = re.compile(r"\s*[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\s*")
_TRUTH = frozenset({"true", "false"})


def check_argument(given: Shape, declared: Shape, name: str, compiler: Compiler, path: Path) -> None:
    """Reports an argument that can never be taken. A text is read as a number or truth value where one is wanted, and these are written
    as text where that is (`gateway.runtime.schemas`).
    """
    if not given.known or not declared.known:
        return
    kinds, wanted = given.kinds - NULL, declared.kinds - NULL
    if not kinds or not wanted:
        return
    if not kinds & wanted and not _converts(kinds, wanted, given.values):
        message = f"`{name}` takes {told(without_null(declared))}, and this is {told(without_null(given))}"
        compiler.findings.report(compiler.document, "GW267", message, path)
    elif given.values is not None and declared.values is not None and given.only("text") and not given.values & declared.values:
        value = next(iter(given.values)) if len(given.values) == 1 else "this"
        known = [str(each) for each in declared.values]
        compiler.findings.unknown(compiler.document, "GW267", "value", str(value), known=known, path=path, of=name)


def _converts(kinds: frozenset[Kind], wanted: frozenset[Kind], values: frozenset[Constant] | None) -> bool:
    """Whether one of the kinds given can be made one of those wanted; `values` are the only ones given, where they are known."""
    if "text" in wanted:
        return not kinds.isdisjoint({"number", "boolean"})
    if "text" not in kinds or wanted.isdisjoint({"number", "boolean"}):
        return False
    texts = [value for value in values or () if isinstance(value, str)]
    if values is None or len(texts) < len(values):
        return True
    return any(
        ("number" in wanted and _NUMBER.fullmatch(text)) or ("boolean" in wanted and text.strip().lower() in _TRUTH) for text in texts
    )
