"""`gateway serve`: production. Refuses to start on any error; warnings are logged."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from gateway.app import Prepared, application, prepare
from gateway.cli.exits import UNREACHABLE, refuse
from gateway.cli.logging_out import logging_to_stderr, logging_together
from gateway.cli.options import Common, common, environment, shared
from gateway.runtime.plan import Plan, ServerSettings
from gateway.server.listen import run
from gateway.server.sockets import CannotListen, Listeners, address, listen
from gateway.server.workers import run_workers


@click.command()
@shared
@environment
@click.option("--port", type=click.IntRange(0, 65535), help="Listen on this port instead of `server.port`; 0 takes a free one.")
@click.option("--workers", type=click.IntRange(1, 256), help="Serve with so many processes instead of `server.workers`.")
@common
def command(given: Common, *, folder: Path | None, color: str | None, env: str | None, port: int | None, workers: int | None) -> None:
    """Serve a configuration until SIGINT or SIGTERM."""
    where = given.where(folder)
    prepared = prepare(where, env=env)
    if prepared.plan is None:
        refuse(prepared.problems, where, hidden=prepared.hidden, colored=given.colored(color))
    plan = prepared.plan
    workers = workers or plan.server.workers
    if workers == 1:
        with logging_to_stderr(plan), listening(prepared, plan.server.at(port)) as listeners:
            run(application(prepared), listeners)
        return
    with logging_together(plan) as log, listening(prepared, plan.server.at(port)) as listeners:
        tell_of_workers(plan, workers)
        metrics = prepared.metrics if plan.metrics else None
        code = run_workers(application(prepared), listeners, workers=workers, log=log, metrics=metrics)
    sys.exit(code)


@contextmanager
def listening(prepared: Prepared, settings: ServerSettings) -> Iterator[Listeners]:
    """What to listen on, and the words of the beginning. Ends the verb where it can't be listened on."""
    log_warnings(prepared)
    logger = logging.getLogger("gateway.serve")
    try:
        listeners = listen(settings, warn=logger.warning)
    except CannotListen as error:
        click.echo(str(error), err=True)
        sys.exit(UNREACHABLE)
    scheme = "http" if settings.tls is None else "https"
    name = prepared.plan.name if prepared.plan is not None else ""
    logger.info("serving %s at %s://%s, operators at http://%s", name, scheme, address(listeners.public), address(listeners.admin))
    try:
        yield listeners
    finally:
        listeners.close()


def tell_of_workers(plan: Plan, workers: int) -> None:
    """What is not shared by them."""
    if plan.state is None:
        logging.getLogger("gateway.serve").warning(
            "%s workers share nothing with `stores.state: memory://`: each has rate limits, circuits and kept answers of its own, so that "
            "callers may ask for up to %s times as much; `redis://…` shares them", workers, workers,
        )  # fmt: skip


def log_warnings(prepared: Prepared) -> None:
    """What `check` warns of, at start."""
    for problem in prepared.problems:
        place = problem.place
        logging.getLogger("gateway.serve").warning("%s %s:%s:%s %s", problem.code, place.file, place.line, place.column, problem.message)
