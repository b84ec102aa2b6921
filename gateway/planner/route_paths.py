"""Whether requests can reach the paths of routes, and each of them one only."""

from __future__ import annotations

import re

from gateway.config.models import Route
from gateway.planner.compiler import Compiler
from gateway.sdk import Path

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_AT: Path = ("match", "path")
_ANY, _REST = "*", "**"


class RoutePaths:
    """The paths of one plan. Of two routes of one shape, such as `/a/{b}` and `/a/*`, both must name the same parts of it."""

    def __init__(self) -> None:
        self._taken: dict[tuple[str, tuple[str, ...]], str] = {}
        self._named: dict[tuple[str, ...], Route] = {}

    def claim(self, model: Route, methods: tuple[str, ...], compiler: Compiler) -> None:
        """Takes a route's path; reports what keeps requests from it."""
        segments = model.match.path[1:].split("/")
        shape = tuple("{}" if _is_parameter(segment) else segment for segment in segments)
        first = self._named.setdefault(shape, model)
        others = {method: self._taken.setdefault((method, shape), model.route) for method in methods}
        clashes = {method: other for method, other in others.items() if other != model.route}
        fault = _unreachable(segments)
        if fault is not None:
            message, hint = fault
            compiler.findings.report(compiler.document, "GW104", message, _AT, hint=hint)
        elif not clashes and _names(first.match.path) != _names(model.match.path):
            message = f"route `{first.route}` has the same path with other names: `{first.match.path}`"
            compiler.findings.report(compiler.document, "GW238", message, _AT, hint="give the parts of the path the same names")
        for method, other in clashes.items():
            message = f"route `{other}` answers {method} {model.match.path} already"
            compiler.findings.report(compiler.document, "GW238", message, _AT, hint="give one of them another path or method")


def _names(path: str) -> list[str | None]:
    """What the variable parts of a path are called, None for one without a name."""
    found = (PLACEHOLDER.fullmatch(segment) for segment in path.split("/") if _is_parameter(segment))
    return [match[1] if match else None for match in found]


def _is_parameter(segment: str) -> bool:
    return segment == _ANY or PLACEHOLDER.fullmatch(segment) is not None


def _unreachable(segments: list[str]) -> tuple[str, str] | None:
    """Why no request, as it is read, has such a path, and what to write."""
    names = [segment for segment in segments if PLACEHOLDER.fullmatch(segment)]
    twice = next((name for index, name in enumerate(names) if name in names[:index]), None)
    if twice is not None:
        return f"`{twice}` stands twice in the path", "give one of them another name"
    if _REST in segments[:-1]:
        return "`**` stands at the end of a path only", "one segment of any text is `*`"
    if "" in segments[:-1]:
        return "no request has an empty segment in its path", "take one of the slashes out"
    if {".", ".."} & set(segments):
        return "dots in a path are resolved before it is matched", "write the path that is left then"
    if any("%" in segment for segment in segments):
        return "a path is decoded before it is matched", "write the characters themselves"
    return None
