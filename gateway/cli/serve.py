"""`gateway serve`: production. Refuses to start on any error; warnings are logged."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import click

from gateway.app import Prepared, application, prepare
from gateway.cli.exits import UNREACHABLE, refuse
from gateway.cli.logging_out import logging_to_stderr
from gateway.cli.options import Common, common, environment, shared
from gateway.server.listen import run
from gateway.server.sockets import CannotListen, address, listen


@click.command()
@shared
@environment
@click.option("--port", type=click.IntRange(0, 65535), help="Listen on this port instead of `server.port`; 0 takes a free one.")
@common
def command(given: Common, *, folder: Path | None, color: str | None, env: str | None, port: int | None) -> None:
    """Serve a configuration until SIGINT or SIGTERM."""
    where = given.where(folder)
    prepared = prepare(where, env=env)
    if prepared.plan is None:
        refuse(prepared.problems, where, hidden=prepared.hidden, colored=given.colored(color))
    plan = prepared.plan
    with logging_to_stderr(plan):
        log_warnings(prepared)
        try:
            listeners = listen(plan.server.at(port), warn=logging.getLogger("gateway.serve").warning)
        except CannotListen as error:
            click.echo(str(error), err=True)
            sys.exit(UNREACHABLE)
        logging.getLogger("gateway.serve").info(
            "serving %s at %s://%s, operators at http://%s",
            plan.name,
            "http" if plan.server.tls is None else "https",
            address(listeners.public),
            address(listeners.admin),
        )
        run(application(prepared), listeners)


def log_warnings(prepared: Prepared) -> None:
    """What `check` warns of, at start."""
    for problem in prepared.problems:
        place = problem.place
        logging.getLogger("gateway.serve").warning("%s %s:%s:%s %s", problem.code, place.file, place.line, place.column, problem.message)
