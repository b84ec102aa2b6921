"""`gateway`: the verbs by name. A verb's module is imported when it is used, so that `--help` is quick."""

from __future__ import annotations

import atexit
import gc
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from gateway import __version__
from gateway.cli.exits import OwnFaults
from gateway.cli.options import COLORS, FOLDER, Common

VERBS = {
    "demo": "gateway.cli.demo",
    "serve": "gateway.cli.serve",
    "check": "gateway.cli.check",
    "explain": "gateway.cli.explain",
    "audit": "gateway.cli.audit",
    "audit-log": "gateway.cli.audit_log",
    "call": "gateway.cli.call",
    "list": "gateway.cli.listing",
    "import": "gateway.cli.import_group",
    "schema": "gateway.cli.schema",
    "plugins": "gateway.cli.plugins",
}


class Verbs(click.Group):
    """Finds each verb in a module of its own."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """What the console script calls."""
        atexit.register(gc.freeze)  # else Python sorts through all that was loaded, only to end: a second for 500 specs
        with OwnFaults():
            return super().main(*args, **kwargs)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, in the order in which a newcomer needs them."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's command."""
        del ctx
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(VERBS[cmd_name]).command
        return command


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="gateway")
@click.option("-C", "folder", type=FOLDER, help="The folder with gateway.yaml.")
@click.option("--color", type=COLORS, help="Colour in the output; on a terminal by default.")
@click.pass_context
def main(ctx: click.Context, folder: Path | None, color: str | None) -> None:
    """A declarative integration gateway: YAML intents in, federated answers out."""
    ctx.obj = Common(folder, color)
