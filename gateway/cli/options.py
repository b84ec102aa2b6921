"""The options that several verbs have. `-C` and `--color` may stand before or after the verb."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

FOLDER = click.Path(path_type=Path, file_okay=False)
COLORS = click.Choice(["auto", "always", "never"])


def shared(command: F) -> F:
    """Adds `-C DIR` and `--color`."""
    command = click.option("-C", "folder", type=FOLDER, help="The folder with gateway.yaml.")(command)
    return click.option("--color", type=COLORS, help="Colour in the output; on a terminal by default.")(command)


def environment(command: F) -> F:
    """Adds `--env NAME`."""
    return click.option("--env", help="Lays gateway.NAME.yaml over gateway.yaml (or set GATEWAY_ENV).")(command)


def output_format(*formats: str) -> Callable[[F], F]:
    """Adds `--format`, the first being the default."""
    return click.option("--format", "form", type=click.Choice(formats), default=formats[0], show_default=True)


class Common:
    """What the options before the verb said."""

    def __init__(self, folder: Path | None, color: str | None) -> None:
        self.folder = folder
        self.color = color

    def where(self, folder: Path | None) -> Path:
        """The folder: after the verb, before it, or the current one."""
        return folder or self.folder or Path()

    def colored(self, color: str | None, *, err: bool = True) -> bool:
        """Whether to colour stderr (or stdout): as asked, else only on a terminal without NO_COLOR (no-color.org)."""
        asked = color or self.color or "auto"
        stream = sys.stderr if err else sys.stdout
        return asked == "always" or (asked == "auto" and stream.isatty() and not os.environ.get("NO_COLOR"))


common = click.make_pass_decorator(Common)
