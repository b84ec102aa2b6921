"""`gateway check`: every problem at once, by the loader that `serve` uses."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gateway.app import prepare
from gateway.cli.exits import INVALID, OK, tally
from gateway.cli.options import Common, common, environment, output_format, shared
from gateway.config.report import render_json, render_text


@click.command()
@shared
@environment
@output_format("text", "json")
@common
def command(given: Common, *, folder: Path | None, color: str | None, env: str | None, form: str) -> None:
    """Show every problem of a configuration. What this accepts, `serve` starts with, and the reverse."""
    where = given.where(folder)
    prepared = prepare(where, env=env)
    if form == "json":
        click.echo(render_json(prepared.problems))
    else:
        if prepared.problems:
            colored = given.colored(color, err=False)
            click.echo(render_text(prepared.problems, folder=where, color=colored), color=colored)
        click.echo(f"{tally(prepared.problems)}: {'refused' if prepared.plan is None else 'ready to serve'}", err=True)
    sys.exit(INVALID if prepared.plan is None else OK)
