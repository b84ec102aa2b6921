"""`gateway audit`: what is legal in a configuration and unwise all the same."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gateway.cli.exits import FINDINGS, OK, plan_or_exit
from gateway.cli.options import Common, common, environment, output_format, shared
from gateway.cli.printing import print_json, print_text
from gateway.planner.audit import SEVERITIES, audit
from gateway.planner.audit.finding import at_least
from gateway.planner.audit.report import github, json_record, render_text, sarif, tally

NEVER = "never"


@click.command()
@shared
@environment
@output_format("text", "json", "sarif", "github")
@click.option(
    "--fail-on", "threshold", type=click.Choice([*SEVERITIES, NEVER]), default="high", show_default=True,
    help="End with status 1 where there is a finding of this severity or worse.",
)  # fmt: skip
@common
def command(given: Common, *, folder: Path | None, color: str | None, env: str | None, form: str, threshold: str) -> None:
    """Show what is legal and unwise. Each finding says why, and what to do; `gateway explain GA101` tells of a code.

    A configuration with errors is not audited: they are shown, with status 3. Values are never shown, since one may be secret.
    """
    where = given.where(folder)
    _, prepared = plan_or_exit(where, env, colored=given.colored(color))
    findings = audit(prepared.planned)
    if form == "json":
        print_json(json_record(findings))
    elif form == "sarif":
        print_json(sarif(findings, folder=where))
    elif form == "github":
        print_text(github(findings, folder=where))
    else:
        print_text(render_text(findings, color=given.colored(color, err=False)))
        click.echo(tally(findings), err=True)
    counted = [] if threshold == NEVER else at_least(findings, next(each for each in SEVERITIES if each == threshold))
    sys.exit(FINDINGS if counted else OK)
