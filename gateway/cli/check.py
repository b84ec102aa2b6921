"""`gateway check`: every problem at once, by the loader that `serve` uses."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from gateway.app import Prepared, prepare
from gateway.cli.exits import INVALID, OK, tally
from gateway.cli.options import Common, common, environment, output_format, shared
from gateway.cli.printing import print_json, print_text
from gateway.config.mending import Mended, mend
from gateway.config.replacement import Replacement
from gateway.config.report import json_record, render_text
from gateway.config.report_github import render_github
from gateway.config.report_sarif import sarif_log
from gateway.config.veil import Veil
from gateway.config.visible import one_line
from gateway.sdk import Problem


@click.command()
@shared
@environment
@output_format("text", "json", "sarif", "github")
@click.option("--fix", is_flag=True, help="First mend what is certain, such as a misspelt key.")
@common
def command(given: Common, *, folder: Path | None, color: str | None, env: str | None, form: str, fix: bool) -> None:
    """Show every problem of a configuration. What this accepts, `serve` starts with, and the reverse.

    With --fix, changes the files where it is certain what was meant and nothing about who may do what depends on it; what is
    left is shown.
    """
    where = given.where(folder)
    mended = _mend(where, env) if fix else None
    prepared = prepare(where, env=env)
    veil = Veil(where, prepared.hidden)
    problems = [veil.over(problem) for problem in prepared.problems]
    if form == "json":
        print_json(json_record(problems) | ({} if mended is None else _mended_record(mended)))
    else:
        _tell(mended, err=form != "text")
        if form == "sarif":
            print_json(sarif_log(problems, folder=where))
        elif form == "github":
            print_text(render_github(problems, folder=where))
        else:
            _show(prepared, where, colored=given.colored(color, err=False))
    sys.exit(INVALID if prepared.plan is None else OK)


def _mend(folder: Path, env: str | None) -> Mended:
    def check(contents: Mapping[str, bytes]) -> Sequence[Problem]:
        return prepare(folder, env=env, contents=contents).problems

    return mend(folder, check)


def _show(prepared: Prepared, folder: Path, *, colored: bool) -> None:
    if prepared.problems:
        text = render_text(prepared.problems, folder=folder, color=colored, hidden=prepared.hidden)
        print_text(f"{text}\n", color=colored)
    click.echo(f"{tally(prepared.problems)}: {'refused' if prepared.plan is None else 'ready to serve'}", err=True)


def _tell(mended: Mended | None, *, err: bool) -> None:
    """What was mended: part of the result where that is text, else a word beside it."""
    for change in () if mended is None else mended.replacements:
        place = change.place
        told = f"mended {one_line(f'{place.file}:{place.line}:{place.column} `{change.old}` → `{change.new}`')}\n"
        if err:
            click.echo(told, nl=False, err=True)
        else:
            print_text(told)
    if mended is not None and mended.refused is not None:
        click.echo(one_line(mended.refused), err=True)


def _mended_record(mended: Mended) -> dict[str, object]:
    return {"mended": [_change_record(change) for change in mended.replacements], "refused": mended.refused}


def _change_record(change: Replacement) -> dict[str, object]:
    place = change.place
    return {
        "code": change.code,
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "end": place.end,
        "old": change.old,
        "new": change.new,
    }
