"""`gateway explain`: what an intent will do, or what a problem's code means."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import NoReturn

import click
import msgspec

from gateway.cli.exits import USAGE, plan_or_exit
from gateway.cli.options import Common, common, environment, output_format, shared
from gateway.config.catalogue import ENTRIES
from gateway.config.suggest import closest
from gateway.planner.explain import account
from gateway.planner.explain_text import render


@click.command()
@click.argument("what", metavar="INTENT|CODE")
@shared
@environment
@output_format("text", "json")
@common
def command(given: Common, *, what: str, folder: Path | None, color: str | None, env: str | None, form: str) -> None:
    """Explain an intent, or a code such as GW101. An intent: its steps, what waits for what, budgets, the worst case."""
    if re.fullmatch(r"GW\d+", what.upper()):
        _explain_code(what.upper())
        return
    plan, _ = plan_or_exit(given.where(folder), env, colored=given.colored(color))
    intent = plan.catalogue.get(what)
    if intent is None:
        _unknown(what, [each.name for each in plan.catalogue])
    told = account(plan, intent)
    click.echo(msgspec.json.format(msgspec.json.encode(told), indent=2).decode() if form == "json" else render(told), nl=form == "json")


def _explain_code(code: str) -> None:
    entry = ENTRIES.get(code)
    if entry is None:
        _unknown(code, [])
    click.echo(f"{code}: {entry.title}\n\n{entry.text}")


def _unknown(name: str, known: list[str]) -> NoReturn:
    near = closest(name, known)
    click.echo(f"unknown: {name}" + (f", did you mean {near}?" if near else ""), err=True)
    sys.exit(USAGE)
