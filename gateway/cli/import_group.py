"""`gateway import`: first drafts from other people's descriptions."""

from __future__ import annotations

import click

from gateway.cli.import_openapi import openapi


@click.group("import")
def command() -> None:
    """Make a source and a first intent from an API description."""


command.add_command(openapi)
