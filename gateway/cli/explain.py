"""`gateway explain`: what an intent will do and who may call it, or what a code means."""

from __future__ import annotations

import re
from pathlib import Path

import click
import msgspec

from gateway.cli.described_caller import asker_of, described, refuse_unknown
from gateway.cli.exits import plan_or_exit
from gateway.cli.options import Common, common, environment, output_format, shared
from gateway.cli.printing import print_json, print_text, unicode_on_stdout
from gateway.config import catalogue
from gateway.planner.audit import catalogue as findings
from gateway.planner.explain import Account, account
from gateway.planner.explain.columns import wrapped
from gateway.planner.explain.drawing import ASCII, UNICODE
from gateway.planner.explain.mermaid import render as render_mermaid
from gateway.planner.explain.text import render as render_text
from gateway.runtime.plan import Plan


@click.command()
@click.argument("what", metavar="[INTENT|CODE]", required=False)
@shared
@environment
@described
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
        refuse_unknown("intent", what, [each.name for each in plan.catalogue])
    asked = asker_of(said, prepared.planned) if said else None
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


def _explain_code(code: str) -> None:
    """A problem's code or that of a finding of `audit`; needs no configuration."""
    told = catalogue.explain(code) or findings.explain(code)
    if told is None:
        refuse_unknown("code", code, [*catalogue.ENTRIES, *findings.ENTRIES])
    print_text(told)
