"""The command line, one file a verb; each calls one library function (interfaces §2)."""

from gateway.cli.main import main

__all__ = ["main"]
