"""Exit codes (interfaces §2), and how a configuration that doesn't load ends a verb."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import NoReturn

import click

from gateway.app import Prepared, prepare
from gateway.config.report import render_text
from gateway.runtime.plan import Plan
from gateway.sdk import Place, Problem

OK, FINDINGS, USAGE, INVALID, TESTS_FAILED, UNREACHABLE, INTERNAL = 0, 1, 2, 3, 4, 5, 70


class OwnFaults:
    """Round a whole command: a fault of the gateway itself ends with 70, and its traceback for who mends it."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(fault, Exception):
            traceback.print_exception(kind, fault, trace)
            click.echo("this is a fault of the gateway itself", err=True)
            sys.exit(INTERNAL)


def plan_or_exit(folder: Path, env: str | None, *, colored: bool = False) -> tuple[Plan, Prepared]:
    """The plan of `folder`; without one, the problems on stderr and exit code 3."""
    prepared = prepare(folder, env=env)
    if prepared.plan is None:
        refuse(prepared.problems, folder, hidden=prepared.hidden, colored=colored)
    return prepared.plan, prepared


def refuse(problems: Sequence[Problem], folder: Path, *, hidden: frozenset[Place], colored: bool = False) -> NoReturn:
    """Shows the problems, without what stands at the `hidden` places, and ends with 3."""
    click.echo(render_text(problems, folder=folder, color=colored, hidden=hidden), err=True, color=colored)
    click.echo(tally(problems), err=True)
    sys.exit(INVALID)


def tally(problems: Sequence[Problem]) -> str:
    """`2 errors, 1 warning`."""
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = len(problems) - errors
    return f"{errors} error{'s' * (errors != 1)}, {warnings} warning{'s' * (warnings != 1)}"
