"""`gateway explain`: what an intent will do and who may call it, or what a code means."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NoReturn

import click
import msgspec

from gateway.cli.exits import USAGE, plan_or_exit
from gateway.cli.options import Common, common, environment, output_format, shared
from gateway.cli.printing import print_json, print_text, unicode_on_stdout
from gateway.config import catalogue
from gateway.config.suggest import closest
from gateway.planner.audit import catalogue as findings
from gateway.planner.explain import Account, Asker, account
from gateway.planner.explain.asker import KEYS
from gateway.planner.explain.columns import wrapped
from gateway.planner.explain.drawing import ASCII, UNICODE
from gateway.planner.explain.mermaid import render as render_mermaid
from gateway.planner.explain.text import render as render_text
from gateway.planner.planned import Planned
from gateway.runtime.plan import Plan

TENANTS = ("default",)
"""Without `tenants:` there is one."""


@click.command()
@click.argument("what", metavar="[INTENT|CODE]", required=False)
@shared
@environment
@click.option(
    "--as", "said", multiple=True, metavar="KEY=VALUE",
    help="Tell whether such a caller may: role=, scope=, group=, user=, tenant= or user.NAME=; may be repeated.",
)  # fmt: skip
@output_format("text", "json", "mermaid")
@common
def command(
    given: Common, *, what: str | None, folder: Path | None, color: str | None, env: str | None, said: tuple[str, ...], form: str
) -> None:
    """Explain an intent, or a code such as GW101 or GA101.

    An intent: who may call it, its steps and what waits for what, what is shared with whom, budgets and the worst case, requests to
    backends. Without an INTENT, list the intents.
    """
    if what is not None and re.fullmatch(r"G[AW]\d+", what.upper()):
        _explain_code(what.upper())
        return
    plan, prepared = plan_or_exit(given.where(folder), env, colored=given.colored(color))
    if what is None:
        _list(plan, form)
        return
    intent = plan.catalogue.get(what)
    if intent is None:
        _unknown("intent", what, [each.name for each in plan.catalogue])
    asked = _asker(said, prepared.planned) if said else None
    _print(account(prepared.planned, plan, intent, asked), form)


def _print(told: Account, form: str) -> None:
    if form == "json":
        print_json(msgspec.to_builtins(told))
    elif form == "mermaid":
        print_text(render_mermaid(told))
    else:
        print_text(render_text(told, drawing=UNICODE if unicode_on_stdout() else ASCII))


def _list(plan: Plan, form: str) -> None:
    """The intents that can be explained."""
    if form == "json":
        print_json([{"intent": each.name, "version": each.version, "summary": each.summary} for each in plan.catalogue])
        return
    for each in plan.catalogue:
        for line in wrapped("", each.name + (f": {each.summary}" if each.summary else ""), 4):
            print_text(line.rstrip() + "\n")


def _asker(said: Sequence[str], planned: Planned) -> Asker:
    """The caller that is told of. A key, a role or a tenant that doesn't exist is a mistake of who asks."""
    pairs = []
    for each in said:
        key, separator, value = each.partition("=")
        if not separator or not value:
            click.echo(f"`{each}` is not KEY=VALUE", err=True)
            sys.exit(USAGE)
        if key == "role" and not planned.roles.known(value):
            _unknown("role", value, planned.roles.names())
        if key == "tenant" and value not in TENANTS:
            _unknown("tenant", value, TENANTS)
        pairs.append((key, value))
    try:
        return Asker.of(pairs)
    except KeyError as unknown:
        _unknown("key", str(unknown.args[0]), [*KEYS, "user.NAME"])


def _explain_code(code: str) -> None:
    """A problem's code or that of a finding of `audit`; needs no configuration."""
    told = catalogue.explain(code) or findings.explain(code)
    if told is None:
        _unknown("code", code, [*catalogue.ENTRIES, *findings.ENTRIES])
    print_text(told)


def _unknown(what: str, name: str, known: Iterable[str]) -> NoReturn:
    near = closest(name, known)
    click.echo(f"unknown {what}: {name}" + (f", did you mean {near}?" if near else ""), err=True)
    sys.exit(USAGE)
