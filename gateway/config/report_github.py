"""Problems as annotations of GitHub Actions.

The format and its escapes: https://docs.github.com/actions/reference/workflow-commands-for-github-actions. A runner carries out every
line of output that begins with `::`, so no text from a file may begin a line or end a property.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from gateway.config.catalogue import CODES
from gateway.config.visible import one_line
from gateway.sdk.problem import Problem

_BREAK = "%0A"


def render_github(problems: Iterable[Problem], *, folder: Path) -> str:
    """One line a problem. Files are shown from where the command was run, since a runner works in the repository's folder."""
    return "".join(f"{_annotation(problem, folder)}\n" for problem in problems)


def _annotation(problem: Problem, folder: Path) -> str:
    place = problem.place
    properties = {
        "file": (folder / place.file).as_posix(),
        "line": str(place.line),
        "col": str(place.column),
        "endColumn": str(place.end),
        "title": f"{problem.code} {CODES.get(problem.code, '')}".rstrip(),
    }
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    told = (problem.message, problem.hint, problem.help)
    return f"::{problem.severity} {written}::{_BREAK.join(_data(text) for text in told if text)}"


def _data(text: str) -> str:
    return one_line(text).replace("%", "%25").replace("\r", "%0D").replace("\n", _BREAK)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
