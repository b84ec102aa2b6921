"""`gateway plugins`: every component that configuration can name."""

from __future__ import annotations

import click
import msgspec

from gateway import builtins
from gateway.cli.options import output_format, shared


@click.command()
@shared
@output_format("text", "json")
def command(form: str, **_: object) -> None:
    """List what configuration can be made of. By kind, with what each is for and whether it is in force yet."""
    found = list(builtins.components().values())
    if form == "json":
        records = [
            {"kind": each.kind, "name": each.name, "phase": each.phase, "status": each.status, "trust": each.trust, "summary": each.summary}
            for each in found
        ]
        click.echo(msgspec.json.format(msgspec.json.encode(records), indent=2).decode())
        return
    width = max(len(each.name) for each in found)
    for kind in dict.fromkeys(each.kind for each in found):
        click.echo(kind)
        for each in found:
            if each.kind == kind:
                later = "" if each.status == "ready" else "  (checked, not in force yet)"
                click.echo(f"  {each.name.ljust(width)}  {each.summary}{later}")
