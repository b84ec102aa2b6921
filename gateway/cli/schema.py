"""`gateway schema`: the JSON Schemas of the language, for editors and for reading."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gateway import builtins
from gateway.cli.exits import USAGE
from gateway.cli.options import shared
from gateway.config.schema import generate
from gateway.config.suggest import closest


@click.command()
@click.argument("kind", required=False)
@shared
@click.option("--write", type=click.Path(path_type=Path, file_okay=False), help="Write all schemas into this folder.")
def command(kind: str | None, write: Path | None, **_: object) -> None:
    """Print the JSON Schema of a KIND of document. Without a KIND, list the kinds."""
    files = generate(builtins.components())
    if write is not None:
        write.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (write / name).write_text(text, encoding="utf-8")
        return
    names = {name.partition(".")[0]: text for name, text in files.items()}
    if kind is None:
        click.echo("\n".join(sorted(names)))
    elif kind in names:
        click.echo(names[kind], nl=False)
    else:
        near = closest(kind, names)
        click.echo(f"unknown kind: {kind}" + (f", did you mean {near}?" if near else ""), err=True)
        sys.exit(USAGE)
