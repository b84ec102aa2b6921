"""Results on stdout, whatever its encoding is: a sign that it doesn't have is replaced, never a crash."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

ASCII = "ascii"


def print_text(text: str, *, color: bool | None = None) -> None:
    """A text that ends with its own line break; colours in it stay on a terminal, or as `color` says."""
    encoding = encoding_of_stdout()
    try:
        shown = text.encode(encoding, "replace").decode(encoding)
    except LookupError:
        shown = text.encode(ASCII, "replace").decode(ASCII)
    click.echo(shown, nl=False, color=color)


def print_json(value: Any) -> None:
    """Plain data as JSON; signs beyond ASCII as escapes where stdout may not have them."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=not unicode_on_stdout()))


def encoding_of_stdout() -> str:
    """The encoding that stdout writes in."""
    return getattr(sys.stdout, "encoding", None) or ASCII


def unicode_on_stdout() -> bool:
    """Whether every sign can be written."""
    return encoding_of_stdout().lower().replace("-", "").replace("_", "") == "utf8"
