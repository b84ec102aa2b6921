"""Keeps values of the environment out of problems (interfaces §3: offending secret values are never printed)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from gateway.sdk.problem import Path, Problem

_SHORTEST = 3


def unsaid(problems: Iterable[Problem], data: Any, filled: frozenset[Path]) -> list[Problem]:
    """The problems without a value that stands at one of the `filled` paths of `data`.

    A problem at such a path keeps its code and place and loses its words; in all others the value is blotted out.
    """
    if not filled:
        return list(problems)
    values = sorted({_text_at(data, path) for path in filled}, key=len, reverse=True)
    return [_general(problem) if problem.path in filled else _blotted(problem, values) for problem in problems]


def _general(problem: Problem) -> Problem:
    lacks = "lacks a unit that is known" if problem.code == "GW105" else "doesn't fit this key"
    message = f"the value given here by the environment {lacks}"
    return msgspec.structs.replace(problem, message=message, hint=None, help=None, fix=None)


def _blotted(problem: Problem, values: list[str]) -> Problem:
    changes: dict[str, Any] = {}
    for field in ("message", "hint", "help", "fix"):
        text = getattr(problem, field)
        for value in values if text else ():
            if len(value) >= _SHORTEST and value in text:
                text = text.replace(value, "…")
        changes[field] = text
    return msgspec.structs.replace(problem, **changes)


def _text_at(data: Any, path: Path) -> str:
    for step in path:
        data = data[step]
    return str(data)
