"""The gateway, in order: files → problems → plan → ASGI application. Read this first.

    load      config     YAML with positions → JSON Schema → frozen models; every problem of every file
    plan      planner    models → references, DAG, access, chains of interceptors → one frozen `Plan`
    handle    pipeline   trace → record → render → identify → understand → authorize → validate → execute, folded once
    execute   runtime    the plan's steps as a DAG, each backend call through its interceptors to its source
    serve     server     bytes in → `Exchange` → handler → answer out

`docs/life-of-a-request.md` follows one request through all of it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from starlette.routing import BaseRoute

from gateway import builtins
from gateway.config.load import NO_CONTENTS, load
from gateway.planner.assembly import Assembly
from gateway.planner.collector import uncollected
from gateway.planner.planned import Planned
from gateway.runtime.plan import Plan
from gateway.sdk import Place, Problem
from gateway.server.application import Application
from gateway.telemetry.metrics import PrometheusMetrics


class Prepared(NamedTuple):
    """A folder that was loaded: its plan (None where there is an error), every problem, and what the plan was made from."""

    plan: Plan | None
    problems: list[Problem]
    metrics: PrometheusMetrics
    planned: Planned

    @property
    def hidden(self) -> frozenset[Place]:
        """Where secrets stand in the files as plain text, for whoever shows a file."""
        return self.planned.loaded.hidden


class Refused(Exception):
    """The configuration has errors. What `check` reports, `serve` refuses with: they are one loader."""

    def __init__(self, problems: list[Problem], hidden: frozenset[Place] = frozenset()) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems
        self.hidden = hidden


def prepare(
    folder: Path, *, env: str | None = None, environ: Mapping[str, str] | None = None, contents: Mapping[str, bytes] = NO_CONTENTS
) -> Prepared:
    """Loads and plans `folder`. Never raises for what the files hold; `env` names an overlay (`GATEWAY_ENV` where unset).

    `contents` are tried in place of what stands in the files of these names.
    """
    environ = os.environ if environ is None else environ
    components = builtins.components()
    metrics = PrometheusMetrics()
    with uncollected():
        loaded = load(folder, env=env or environ.get("GATEWAY_ENV"), environ=environ, components=components, contents=contents)
        assembled = Assembly(loaded, components, metrics).plan()
    return Prepared(assembled.plan, assembled.problems, metrics, assembled.planned)


def application(prepared: Prepared, *, routes: Sequence[BaseRoute] = ()) -> Application:
    """The ASGI application of a folder that was loaded, with further Starlette `routes`. Raises `Refused` with every problem.

    All expressions are ready to run before it is there.
    """
    if prepared.plan is None:
        raise Refused(prepared.problems, prepared.hidden)
    for expression in prepared.planned.expressions:
        expression.ready()
    return Application(prepared.plan, routes=routes, metrics=prepared.metrics if prepared.plan.metrics else None)


def build(
    folder: Path, *, env: str | None = None, environ: Mapping[str, str] | None = None, routes: Sequence[BaseRoute] = ()
) -> Application:
    """All of it: the ASGI application of `folder`."""
    return application(prepare(folder, env=env, environ=environ), routes=routes)
