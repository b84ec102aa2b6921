"""`gateway demo`: demo backends, the gateway, and what to try."""

from __future__ import annotations

import logging
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click
from starlette.routing import Route

from gateway.app import Refused, application, prepare
from gateway.cli.exits import UNREACHABLE, refuse
from gateway.cli.logging_out import logging_to_stderr
from gateway.cli.options import Common, common, shared
from gateway.demo.folder import assistant_folder
from gateway.demo.launch import run as run_demo
from gateway.demo.process import BackendsGone
from gateway.server.listen import run
from gateway.server.sockets import CannotListen, Listeners, listen_admin


@click.command()
@shared
@click.option("--port", type=click.IntRange(0, 65535), help="Listen on this port; 8080 by default, or a free one where it is busy.")
@common
def command(given: Common, *, folder: Path | None, color: str | None, port: int | None) -> None:
    """Run the demo: real backends, and the gateway in front."""
    where = Path()
    try:
        where = folder or given.folder or assistant_folder()
        run_demo(where, port, serve, click.echo)
    except Refused as refused:
        refuse(refused.problems, where, hidden=refused.hidden, colored=given.colored(color))
    except (BackendsGone, CannotListen, OSError) as error:
        click.echo(f"the demo can't start: {error}", err=True)
        sys.exit(UNREACHABLE)


def serve(folder: Path, *, listener: socket.socket, environ: Mapping[str, str], routes: Sequence[Route], ready: Callable[[], None]) -> None:
    """Serves `folder` on a socket that is bound already."""
    prepared = prepare(folder, environ=environ)
    if prepared.plan is None:
        raise Refused(prepared.problems)
    with logging_to_stderr(prepared.plan):
        listener.setblocking(False)
        admin = listen_admin(prepared.plan.server, logging.getLogger("gateway.demo").info)
        run(application(prepared, routes=routes), Listeners(listener, admin), on_started=ready)
