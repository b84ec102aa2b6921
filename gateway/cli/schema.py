"""`gateway schema`: the JSON Schemas of the language, for editors and for reading, and the reference of each key."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click

from gateway import builtins
from gateway.cli.exits import USAGE
from gateway.cli.key_text import key_text
from gateway.cli.options import shared
from gateway.cli.printing import print_text
from gateway.config.json_text import json_text
from gateway.config.key_examples import key_examples
from gateway.config.key_reference import UnknownKey, find
from gateway.config.kind_schema import Components
from gateway.config.schema import generate, schema_of
from gateway.config.suggest import closest
from gateway.config.wording import listed


@click.command()
@click.argument("path", required=False)
@shared
@click.option("--format", "form", type=click.Choice(["text", "json"]), help="text for a key, json for a kind by default.")
@click.option("--write", type=click.Path(path_type=Path, file_okay=False), help="Write all schemas into this folder.")
def command(path: str | None, form: str | None, write: Path | None, **_: object) -> None:
    """Print the reference of a key, such as intent.steps.*.

    A kind of document alone prints its JSON Schema; without PATH, the kinds are listed.
    """
    components = builtins.components()
    if write is not None:
        _write(write, components)
        return
    files = {} if path and "." in path else {name.partition(".")[0]: text for name, text in generate(components).items()}
    if path is None:
        click.echo("\n".join(sorted(files)))
    elif path in files and form != "text":
        print_text(files[path])
    elif files and path not in files:
        near = closest(path, files)
        _refuse(f"unknown kind: {path}" + (f", did you mean {near}?" if near else ""))
    else:
        _print_key(path, form, components)


def _write(folder: Path, components: Components) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in generate(components).items():
        (folder / name).write_text(text, encoding="utf-8")


def _print_key(path: str, form: str | None, components: Components) -> None:
    try:
        found = find(path, components)
    except UnknownKey as fault:
        meant = f", did you mean {fault.near}?" if fault.near else ""
        _refuse(f"{fault}{meant}" + (f"\nknown here: {listed(fault.known)}" if fault.known else ""))
    if form == "json":
        print_text(json_text(schema_of(found, components)))
        return
    examples = key_examples(components)
    print_text("\n".join(key_text(reference, examples) for reference in found))


def _refuse(message: str) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(USAGE)
