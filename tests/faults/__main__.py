"""`python -m tests.faults [--case NAME] [--quick] [--json]`: what the gateway makes of faults, with real servers on loopback.

Each case does something to the backends of a served gateway, or to the way to them, and is held against its limits. Exit code 1 where
one did not hold.
"""

from __future__ import annotations

import asyncio
import sys

import click
import uvloop

from tests.faults.cases import CASES, outcome_of
from tests.faults.report import Outcome, as_json, paragraphs, table


async def run(names: tuple[str, ...], *, full: bool, shown: bool) -> list[Outcome]:
    """The outcomes, one case after the other; each is shown as soon as it is there."""
    outcomes = []
    for name in names:
        outcomes.append(await outcome_of(name, full=full))
        if shown:
            click.echo(paragraphs(outcomes[-1]) + "\n")
    return outcomes


@click.command()
@click.option("--case", "names", multiple=True, type=click.Choice(list(CASES)), help="Only this case; may be given several times.")
@click.option("--quick", is_flag=True, help="Shortened, as in `make test`.")
@click.option("--json", "as_data", is_flag=True, help="For a program.")
def main(names: tuple[str, ...], quick: bool, as_data: bool) -> None:
    """What the gateway makes of faults."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        outcomes = runner.run(run(names or tuple(CASES), full=not quick, shown=not as_data))
    click.echo(as_json(outcomes).decode() if as_data else table(outcomes))
    sys.exit(any(each.broken() for each in outcomes))


if __name__ == "__main__":
    main()
