"""Planned folders for tests: fake sources, and what was told of them."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from gateway.config.document import Document
from gateway.config.strict_yaml import read_yaml
from gateway.planner.compiler import Compiler
from gateway.planner.findings import Findings
from gateway.runtime.plan import IntentPlan
from gateway.sdk import Compiled, Problem
from gateway.testing.scenario import Scenario, prepare

SOURCES = """
source: erp
type: fake
operations:
  order:
    params: {type: object, required: [id], properties: {id: {type: string}, all: {type: boolean}}}
    output_schema: {type: object, properties: {id: {type: string}, owner: {type: string}}}
  orders: {}
  note: {effect: write, params: {type: object, required: [text], properties: {text: {type: string}}}}
  log: {effect: write}
"""

OF_RULES = frozenset({"GW307", "GW311", "GW531", "GW540", "GW541", "GW542", "GW543", *(f"GW{number}" for number in range(270, 278))})
"""Codes of warnings that have tests of their own."""


def planned(folder: Path, specs: str, *, roles: str | None = None, gateway: str | None = None) -> Scenario:
    """A folder with the sources above, these specs and these roles."""
    files = {"specs/sources.yaml": SOURCES, "specs/all.yaml": textwrap.dedent(specs).lstrip("\n")}
    if roles is not None:
        files["policies/roles.yaml"] = textwrap.dedent(roles)
    if gateway is not None:
        files["gateway.yaml"] = textwrap.dedent(gateway)
    return prepare(folder, files, {})


def intent_of(folder: Path, specs: str, name: str = "ask", **more: Any) -> IntentPlan:
    """One intent of a folder without errors."""
    plan = planned(folder, specs, **more).plan.catalogue.get(name)
    assert plan is not None
    return plan


def own(made: Scenario) -> list[Problem]:
    """The problems, without what rules tell of sound specs: short ones use little of what they declare, and open nothing."""
    return [problem for problem in made.problems if problem.code not in OF_RULES]


def told(made: Scenario) -> list[tuple[str, int, int]]:
    """Code, line and column of each problem."""
    return [(problem.code, problem.place.line, problem.place.column) for problem in own(made)]


def marked(folder: Path, made: Scenario) -> list[tuple[str, str]]:
    """Code of each problem, and the text under its caret."""
    places = [problem.place for problem in own(made)]
    lines = [(folder / place.file).read_text().splitlines()[place.line - 1] for place in places]
    words = [line[place.column - 1 : place.end - 1] for line, place in zip(lines, places, strict=True)]
    return [(problem.code, word) for problem, word in zip(own(made), words, strict=True)]


OF_SHAPES = frozenset(
    {
        *("GW204", "GW208", "GW210", "GW220", "GW226", "GW235", "GW236", "GW532", "GW533"),
        *(f"GW{number}" for number in range(260, 270)),
    }
)
"""Problems that shapes tell."""


def misshapen(folder: Path, made: Scenario) -> list[tuple[str, str]]:
    """Code and marked text of each problem that shapes tell."""
    return [(code, word) for code, word in marked(folder, made) if code in OF_SHAPES]


def messages(made: Scenario) -> list[str]:
    return [problem.message for problem in own(made)]


def document(text: str) -> Document:
    file = read_yaml("specs/a.yaml", textwrap.dedent(text).lstrip("\n").encode())
    (raw,) = file.documents
    assert raw.root is not None
    return Document(raw.root, file="specs/a.yaml")


def compiler_of(text: str, transforms: dict[str, Compiled] | None = None) -> Compiler:
    return Compiler(document(text), Findings(), functions={}, transforms=transforms or {})
