"""What rules find in a folder: code, and the text under its caret."""

from __future__ import annotations

import textwrap
from pathlib import Path

from gateway.testing.scenario import prepare
from tests.planner.folders import SOURCES

Found = list[tuple[str, str]]


def found(folder: Path, specs: str, code: str, *, policies: str = "", gateway: str | None = None, sources: str = SOURCES) -> Found:
    """The problems with a code that begins with `code`, in order of place."""
    files = {
        "specs/sources.yaml": sources,
        "specs/all.yaml": textwrap.dedent(specs).lstrip("\n"),
        "policies/all.yaml": textwrap.dedent(policies),
    }
    files = {name: text for name, text in files.items() if text.strip()}
    if gateway is not None:
        files["gateway.yaml"] = textwrap.dedent(gateway)
    problems = [problem for problem in prepare(folder, files, {}).problems if problem.code.startswith(code)]
    lines = [(folder / problem.place.file).read_text().splitlines()[problem.place.line - 1] for problem in problems]
    places = [problem.place for problem in problems]
    return [(problem.code, line[place.column - 1 : place.end - 1]) for problem, line, place in zip(problems, lines, places, strict=True)]
