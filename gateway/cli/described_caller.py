"""`--as KEY=VALUE`: the caller that a verb is asked about."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn, TypeVar

import click

from gateway.cli.exits import USAGE
from gateway.config.suggest import closest
from gateway.planner.explain import Asker
from gateway.planner.explain.asker import KEYS
from gateway.planner.planned import Planned

F = TypeVar("F", bound=Callable[..., Any])


def described(command: F) -> F:
    """Adds `--as`, which gives `said`."""
    return click.option(
        "--as", "said", multiple=True, metavar="KEY=VALUE",
        help="Tell whether such a caller may: role=, scope=, group=, user=, tenant= or user.NAME=; may be repeated.",
    )(command)  # fmt: skip


def asker_of(said: Sequence[str], planned: Planned) -> Asker:
    """The caller that is told of. A key, a role or a tenant that doesn't exist is a mistake of who asks."""
    pairs = []
    for each in said:
        key, separator, value = each.partition("=")
        if not separator or not value:
            click.echo(f"`{each}` is not KEY=VALUE", err=True)
            sys.exit(USAGE)
        if key == "role" and not planned.roles.known(value):
            refuse_unknown("role", value, planned.roles.names())
        if key == "tenant" and value not in planned.tenants:
            refuse_unknown("tenant", value, planned.tenants)
        pairs.append((key, value))
    try:
        return Asker.of(pairs)
    except KeyError as unknown:
        refuse_unknown("key", str(unknown.args[0]), [*KEYS, "user.NAME"])


def refuse_unknown(what: str, name: str, known: Iterable[str]) -> NoReturn:
    """Ends the verb over a name that isn't there, with the nearest that is."""
    near = closest(name, known)
    click.echo(f"unknown {what}: {name}" + (f", did you mean {near}?" if near else ""), err=True)
    sys.exit(USAGE)
