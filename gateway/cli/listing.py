"""`gateway list`: the intents, sources and routes of a configuration."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from gateway.cli.exits import plan_or_exit
from gateway.cli.options import Common, common, environment, output_format, shared
from gateway.runtime.plan import Plan


@click.command("list")
@shared
@environment
@output_format("text", "json")
@common
def command(given: Common, *, folder: Path | None, color: str | None, env: str | None, form: str) -> None:
    """List intents, routes and sources. Intents with the roles that may use them, sources with their operations."""
    plan, _ = plan_or_exit(given.where(folder), env, colored=given.colored(color))
    if form == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(_record(plan)), indent=2).decode())
        return
    width = max((len(intent.name) for intent in plan.catalogue), default=0)
    click.echo("intents")
    for intent in plan.catalogue:
        click.echo(f"  {intent.name.ljust(width)}  {intent.summary or ''}".rstrip())
        click.echo(f"  {' ' * width}  for {', '.join(sorted(intent.access.roles)) or 'nobody'}")
    click.echo("routes")
    for route in plan.routes:
        click.echo(f"  {'|'.join(route.methods)} {route.path} -> {route.intent.name}")
    click.echo("sources")
    for name, source in plan.sources.items():
        operations = sorted(source.names())
        shown = ", ".join(operations[:8]) + (f", … {len(operations) - 8} more" if len(operations) > 8 else "")
        click.echo(f"  {name}: {shown}")


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
