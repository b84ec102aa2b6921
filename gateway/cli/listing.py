"""`gateway list`: the intents, sources and routes of a configuration, and who can call what."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec

from gateway.cli.described_caller import asker_of, described
from gateway.cli.exits import USAGE, plan_or_exit
from gateway.cli.options import Common, common, environment, output_format, shared
from gateway.cli.printing import print_json, print_text
from gateway.planner.explain.access_table import access_table
from gateway.planner.explain.access_text import render
from gateway.planner.planned import Planned
from gateway.runtime.plan import Plan
from gateway.sdk import EVERYBODY


@click.command("list")
@shared
@environment
@click.option("--access", is_flag=True, help="Who can call what, with the line that decides.")
@described
@output_format("text", "json")
@common
def command(
    given: Common, *, folder: Path | None, color: str | None, env: str | None, access: bool, said: tuple[str, ...], form: str
) -> None:
    """List intents, routes and sources. Intents with the roles that may use them, sources with their operations.

    With --access: for each intent and route the roles that may call it, that may where a condition holds, or that a rule denies it,
    each with the deciding line; with --as for one described caller.
    """
    if said and not access:
        click.echo("`--as` belongs to `--access`", err=True)
        sys.exit(USAGE)
    plan, prepared = plan_or_exit(given.where(folder), env, colored=given.colored(color))
    if access:
        _print_access(prepared.planned, said, form)
    elif form == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(_record(plan)), indent=2).decode())
    else:
        _print(plan)


def _print_access(planned: Planned, said: tuple[str, ...], form: str) -> None:
    table = access_table(planned, asker_of(said, planned) if said else None)
    if form == "json":
        print_json(msgspec.to_builtins(table))
    else:
        print_text(render(table))


def _print(plan: Plan) -> None:
    width = max((len(intent.name) for intent in plan.catalogue), default=0)
    click.echo("intents")
    for intent in plan.catalogue:
        click.echo(f"  {intent.name.ljust(width)}  {intent.summary or ''}".rstrip())
        click.echo(f"  {' ' * width}  for {_for(intent.access.roles)}")
    click.echo("routes")
    for route in plan.routes:
        click.echo(f"  {'|'.join(route.methods)} {route.path} -> {route.intent.name}")
    click.echo("sources")
    for name, source in plan.sources.items():
        operations = sorted(source.names())
        shown = ", ".join(operations[:8]) + (f", … {len(operations) - 8} more" if len(operations) > 8 else "")
        click.echo(f"  {name}: {shown}")


def _for(roles: frozenset[str]) -> str:
    """Rules may still ask for conditions: `--access` tells."""
    return "every caller" if EVERYBODY in roles else ", ".join(sorted(roles)) or "nobody"


def _record(plan: Plan) -> dict[str, object]:
    return {
        "intents": [
            {"name": each.name, "version": each.version, "summary": each.summary, "roles": sorted(each.access.roles)}
            for each in plan.catalogue
        ],
        "routes": [
            {"name": route.name, "methods": route.methods, "path": route.path, "intent": route.intent.name} for route in plan.routes
        ],
        "sources": {name: sorted(source.names()) for name, source in plan.sources.items()},
    }
