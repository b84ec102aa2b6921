"""What becomes of a gateway that is asked for more than it can do: the overload curve, with and without admission.

    python -m benchmarks.overload [--seconds 5] [--picture docs/overload.svg]

Open-loop load over real connections against a gateway in a process of its own; load and backend are another. The requests ask for twenty
calls of a backend each, one in five of them with high priority. An answer is good within a second; a client gives up after two. The peak is
what callers get who wait for their answers, measured again before each step, as a machine is not always as fast. Prints a table and
fails where not held:

- at 3 × the peak at least 90 % of it is answered in time;
- at 3 × at least 99.4 % of what has high priority, and the slowest 1 % of that within 2 × unloaded + 100 ms;
- all is as before within 5 s after that;
- a tenant that asks for ten times its share costs the others at most 1 %.

It wants two cores to itself: whatever else runs there shows in the figures.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import NamedTuple

import click
import uvloop

from benchmarks.overload_gateway import TENANTS, key_of, write
from benchmarks.overload_load import NUMBER, Backend, Load, Outcome
from benchmarks.overload_picture import drawn

CALLS = 20
HIGH_PART = 0.2
FACTORS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0)
JUDGED = 3.0
GOODPUT, HIGH_SERVED, SLACK, CALM_WITHIN, OTHERS_SERVED = 0.90, 0.994, 0.100, 5.0, 0.99
GREED = 10
REST = 1.0
"""Seconds between two steps."""


class Step(NamedTuple):
    """One point of the curve."""

    factor: float
    peak: float
    seconds: float
    outcome: Outcome

    @property
    def goodput(self) -> float:
        """What is answered in time, as a part of the peak."""
        return self.outcome.good() / self.seconds / self.peak


class Findings:
    """Prints what was to hold, and whether it does."""

    def __init__(self) -> None:
        self.failed = False

    def check(self, what: str, *, holds: bool) -> None:
        """One of them."""
        print(f"{'held    ' if holds else 'NOT held'}  {what}")
        self.failed |= not holds


@click.command(help=__doc__)
@click.option("--seconds", default=5.0, show_default=True, help="How long each step lasts.")
@click.option("--picture", type=click.Path(dir_okay=False, path_type=Path), help="Draws the curve into this file, as SVG.")
def main(seconds: float, picture: Path | None) -> None:
    findings = Findings()
    admitted, plain = uvloop.run(measure(seconds, findings))
    if picture is not None:
        curves = {
            "with admission": [(each.factor, each.goodput) for each in admitted],
            "without": [(each.factor, each.goodput) for each in plain],
            "what is offered, up to the peak": [(0.0, 0.0), (1.0, 1.0), (max(FACTORS), 1.0)],
        }
        picture.write_text(drawn(curves, "Answered in time, as a part of the peak"), "utf-8")
    if findings.failed:
        raise SystemExit(1)


async def measure(seconds: float, findings: Findings) -> tuple[list[Step], list[Step]]:
    """Both curves, with and without admission."""
    async with gateway(admitted=True) as load:
        admitted = [await step(load, factor, seconds) for factor in FACTORS]
        table("with admission", admitted)
        judged = next(each for each in admitted if each.factor == JUDGED)
        await calming(load, judged, findings)
        await sharing(load, seconds, findings)
    judge(admitted[0], judged, findings)
    plain = [await alone(factor, seconds) for factor in FACTORS]
    table("without", plain)
    return admitted, plain


async def step(load: Load, factor: float, seconds: float) -> Step:
    """One point, behind a measurement of the peak."""
    peak = await load.peak("normal", max(2.0, seconds / 2))
    await asyncio.sleep(REST)
    outcome = await load.offer(mixed(peak * factor), seconds)
    await asyncio.sleep(REST)
    return Step(factor, peak, seconds, outcome)


async def alone(factor: float, seconds: float) -> Step:
    """The same without admission, where no gateway is as it was before."""
    async with gateway(admitted=False) as load:
        return await step(load, factor, seconds)


def judge(rest: Step, judged: Step, findings: Findings) -> None:
    """Holds a step against one that was hardly any load."""
    unloaded, slowest = rest.outcome.percentile(0.99, ["high"]), judged.outcome.percentile(0.99, ["high"])
    served, allowed = judged.outcome.served(["high"]), 2 * unloaded + SLACK
    findings.check(
        f"at {JUDGED:g} × {judged.goodput:.1%} of the peak are answered, at least {GOODPUT:.0%}", holds=judged.goodput >= GOODPUT
    )
    findings.check(f"of high priority {served:.2%} are answered, at least {HIGH_SERVED:.1%}", holds=served >= HIGH_SERVED)
    findings.check(f"99 % of them within {slowest * 1000:.0f} ms, at most {allowed * 1000:.0f} ms", holds=slowest <= allowed)


async def calming(load: Load, judged: Step, findings: Findings) -> None:
    """Much too much, and then half of the peak at once: when is everything answered again?"""
    await load.offer(mixed(judged.peak * JUDGED), 2.0, settle=0.0)
    after = await load.offer(mixed(judged.peak / 2), CALM_WITHIN + 3)
    calm = after.calm_from()
    findings.check(f"all is answered {calm:.1f} s after the load is half of the peak, at most {CALM_WITHIN:g} s", holds=calm <= CALM_WITHIN)


async def sharing(load: Load, seconds: float, findings: Findings) -> None:
    """All tenants but one ask for a bit less than their share, and that one for ten times of it."""
    greedy, *others = TENANTS
    share = await load.peak("normal", max(2.0, seconds / 2)) / len(TENANTS)
    outcome = await load.offer({greedy: GREED * share, **dict.fromkeys(others, 0.8 * share)}, seconds)
    served = outcome.served(others)
    findings.check(
        f"beside a tenant at {GREED} × its share {served:.2%} of the others' are answered, at least {OTHERS_SERVED:.0%}",
        holds=served >= OTHERS_SERVED,
    )


def mixed(rate: float) -> dict[str, float]:
    """So many requests a second of both priorities."""
    return {"high": rate * HIGH_PART, "normal": rate * (1 - HIGH_PART)}


def table(name: str, steps: Iterable[Step]) -> None:
    """Prints the curve."""
    print(f"\n{name}\n")
    print(
        "| offered | a second | in time | of the peak | refused a second | high in time | 50 % within | 99 % within | high: 99 % within |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for each in steps:
        outcome, seconds = each.outcome, each.seconds
        took = (outcome.percentile(0.5), outcome.percentile(0.99), outcome.percentile(0.99, ["high"]))
        cells = (
            f"{each.factor:g} ×", f"{len(outcome.ended) / seconds:.0f}", f"{outcome.good() / seconds:.0f}", f"{each.goodput:.0%}",
            f"{outcome.shed() / seconds:.0f}", f"{outcome.served(['high']):.2%}", *(f"{part * 1000:.0f} ms" for part in took),
        )  # fmt: skip
        print(f"| {' | '.join(cells)} |", flush=True)
    print()


@contextlib.asynccontextmanager
async def gateway(*, admitted: bool) -> AsyncIterator[Load]:
    """A gateway with its backend, warm."""
    loop = asyncio.get_running_loop()
    backend = await loop.create_server(Backend, "127.0.0.1", 0, backlog=2048)
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), backend.sockets[0].getsockname()[1])
        command = (sys.executable, "-m", "benchmarks.overload_gateway", folder, "yes" if admitted else "no")
        process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            load = Load(await port_of(process), requests())
            await load.peak("normal", 1.0)
            yield load
        finally:
            process.terminate()
            await process.wait()
    backend.close()


async def port_of(process: asyncio.subprocess.Process) -> int:
    """What the gateway says first."""
    told = await process.stdout.readline() if process.stdout is not None else b""
    if not told.strip().isdigit():
        raise SystemExit("the gateway did not start")
    return int(told)


def requests() -> dict[str, bytes]:
    """What is sent: both priorities as the first tenant, and as each tenant."""
    high, normal = asking("urgent", TENANTS[0]), asking("ordinary", TENANTS[0])
    return {"high": high, "normal": normal, **{tenant: asking("ordinary", tenant) for tenant in TENANTS}}


def asking(intent: str, tenant: str) -> bytes:
    """A request, with a place for its number."""
    orders = b",".join(b'"%s-%d"' % (NUMBER, number) for number in range(CALLS - 1))
    body = b'{"intent": "%s", "input": {"orders": [%s]}}' % (intent.encode(), orders)
    head = (
        "POST /v1/chat HTTP/1.1\r\nhost: gateway.example\r\ncontent-type: application/json\r\nx-api-key: {}\r\ncontent-length: {}\r\n\r\n"
    )
    return head.format(key_of(tenant), len(body)).encode() + body


if __name__ == "__main__":
    main()
