"""`gateway import openapi`: an API description becomes a source document and a first intent."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from gateway.cli.exits import INVALID, USAGE
from gateway.cli.options import Common, common, output_format, shared
from gateway.importing.files import conflicts, write
from gateway.importing.openapi import Imported, import_openapi
from gateway.importing.survey import NoSuchOperation, Offered
from gateway.importing.yaml_text import shown
from gateway.sdk.fields import NAME_PATTERN
from gateway.sources.openapi_document import DocumentFault

_WIDEST = 60
ROOT_FILE = "gateway.yaml"


def _checked_name(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if not re.fullmatch(NAME_PATTERN, value):
        raise click.BadParameter("names are small letters, digits and `_`, a letter first")
    return value


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@shared
@click.option("--name", required=True, callback=_checked_name, help="Name of the source, as in `call: NAME.operation`.")
@click.option("--only", multiple=True, metavar="PATTERN", help="Only operations of this name; `*` stands for any text. Repeatable.")
@click.option("--force", is_flag=True, help="Write over files that exist.")
@click.option("--dry-run", is_flag=True, help="Print the files instead of writing them.")
@output_format("text", "json")
@common
def openapi(
    given: Common, *, file: Path, folder: Path | None, color: str | None, name: str, only: tuple[str, ...], force: bool, dry_run: bool,
    form: str,
) -> None:  # fmt: skip
    """List the operations of FILE (OpenAPI 3.0, 3.1 or Swagger 2.0), and draft a source and an intent in the configuration."""
    del color
    where = given.where(folder)
    imported = _imported(file, where, name, only)
    if not dry_run:
        _check_place(where, imported, force=force)
    click.echo(_as_json(imported, texts=dry_run) if form == "json" else _as_text(imported, texts=dry_run))
    for note in imported.notes:
        click.echo(f"note: {shown(note)}", err=True)
    if not dry_run:
        _write(where, imported, force=force)


def _imported(file: Path, folder: Path, name: str, only: Sequence[str]) -> Imported:
    try:
        return import_openapi(file, folder=folder, name=name, only=only)
    except NoSuchOperation as fault:
        _end(USAGE, str(fault), fault.hint)
    except DocumentFault as fault:
        _end(INVALID, fault.message, fault.hint)
    except OSError as fault:
        _end(USAGE, f"{file} can't be read: {fault.strerror}", None)


def _check_place(folder: Path, imported: Imported, *, force: bool) -> None:
    if not (folder / ROOT_FILE).is_file():
        _end(USAGE, f"there is no {ROOT_FILE} here", "give its folder with -C, or look first with --dry-run")
    taken = conflicts(folder, imported.files, force=force)
    if taken and force:
        _end(USAGE, f"links or folders are in the way: {', '.join(taken)}", None)
    if taken:
        _end(USAGE, f"there already, with another content: {', '.join(taken)}", "--force writes over them; --dry-run shows what would be")


def _write(folder: Path, imported: Imported, *, force: bool) -> None:
    try:
        written = write(folder, imported.files, force=force)
    except OSError as fault:
        _end(USAGE, f"{fault.filename} can't be written: {fault.strerror}", None)
    for name in written:
        click.echo(f"wrote {shown(name)}", err=True)
    if imported.draft is not None:
        click.echo(f"next: say in specs/intents/{imported.draft.intent}.yaml who may use it, then run `gateway check`", err=True)


def _end(code: int, message: str, hint: str | None) -> NoReturn:
    click.echo(f"{shown(message)}{f' ({shown(hint)})' if hint else ''}", err=True)
    sys.exit(code)


def _as_text(imported: Imported, *, texts: bool) -> str:
    offers = [(_cut(shown(offered.line)), offered) for offered in imported.operations]
    width = max((min(len(line), _WIDEST) for line, _ in offers), default=0)
    lines = [f"{line.ljust(width)}  {offered.effect.ljust(5)}  {_called(imported.source, offered)}" for line, offered in offers]
    good = sum(offered.reason is None for offered in imported.operations)
    lines.append(f"{good} of {len(offers)} operations can be called")
    lines += [f"proposed: {each.key} for {_cut(shown(each.operation))}: {_cut(shown(each.why))}" for each in imported.proposals]
    if texts:
        lines += [f"\n--- {shown(file.name)}\n{file.content.decode()}" for file in imported.files if file.name.startswith("specs/")]
    return "\n".join(lines)


def _called(source: str, offered: Offered) -> str:
    return shown(f"{source}.{offered.name}") if offered.reason is None else f"can't be called: {_cut(shown(offered.reason))}"


def _cut(text: str) -> str:
    return text if len(text) <= 2 * _WIDEST else text[: 2 * _WIDEST - 1] + "…"


def _as_json(imported: Imported, *, texts: bool) -> str:
    """ASCII only, so that nothing in a description can act on a terminal."""
    record: dict[str, Any] = {
        "schema_version": 1,
        "source": imported.source,
        "spec": imported.spec,
        "operations": [_operation(imported.source, offered) for offered in imported.operations],
        "proposals": [{"operation": each.operation, "key": each.key, "value": each.value, "why": each.why} for each in imported.proposals],
        "intent": None if imported.draft is None else imported.draft.intent,
        "files": [
            {"name": file.name, **({"text": file.content.decode()} if texts and file.name.startswith("specs/") else {})}
            for file in imported.files
        ],
        "notes": imported.notes,
    }
    return json.dumps(record, indent=2)


def _operation(source: str, offered: Offered) -> dict[str, Any]:
    return {
        "name": offered.name,
        "method": offered.entry.method,
        "path": offered.entry.path,
        "effect": offered.effect,
        "call": f"{source}.{offered.name}" if offered.reason is None else None,
        "reason": offered.reason,
    }
