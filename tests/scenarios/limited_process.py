"""Processes of a gateway that share its limits: `python -m tests.scenarios.limited_process FOLDER SECONDS RATE PROCESSES`.

Each asks so often in a second, in even steps whatever becomes of the answers. What all of them saw comes as JSON: for each request that
was admitted when it was sent and when that was known, and how all of them ended. Times are those of CLOCK_MONOTONIC, which all processes
of a machine share. They are forked, so that only one has to read the gateway's code.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec

from gateway.stores import redis
from gateway.stores.redis_state import RedisState
from gateway.testing.scenario import Scenario, prepare

SPECS = "source: shop\ntype: fake\noperations: {order: {}}\n---\nintent: ask\nsteps: {a: {call: shop.order}}\noutput: ${ steps.a }\n"
ROLES = "policy: roles\nroles: {customer: {allow: ['intent:*']}}\n"
ADA = {"id": "ada", "roles": ["customer"]}
PATIENT = 5.0
"""Seconds that the store has here: the test is about what is counted, and the machine may be busy with others."""


class Seen(msgspec.Struct):
    """What one process saw, or all of them."""

    admitted: list[tuple[float, float]] = []
    ends: dict[str, int] = {}


def files(url: str, policy: str) -> dict[str, str]:
    """A gateway with these limits, and `ask` to be limited."""
    entry = f"gateway: limited\nspecs: [specs]\npolicies: [policies]\nidentity: [{{scenario: {{}}}}]\nstores: {{state: '{url}'}}\n"
    return {"gateway.yaml": entry, "specs/all.yaml": SPECS, "policies/roles.yaml": ROLES, "policies/limits.yaml": policy}


def run(made: Scenario, seconds: float, rate: float, together: Any, results: Any) -> None:
    """One process."""
    results.put(asyncio.run(load(made, seconds, rate, together)))


async def load(made: Scenario, seconds: float, rate: float, together: Any) -> Seen:
    for _, start in made.plan.starters:
        await start()
    together.wait()
    seen, sent, asked = Seen(), 0, set()
    begun = time.monotonic()
    while (now := time.monotonic()) < begun + seconds:
        while sent < (now - begun) * rate:
            asked.add(asyncio.create_task(ask(made, seen)))
            sent += 1
        await asyncio.sleep(0.004)
    await asyncio.gather(*asked)
    for close in made.plan.closers:
        await close()
    return seen


async def ask(made: Scenario, seen: Seen) -> None:
    sent = time.monotonic()
    error = (await made.ask("ask", user=ADA)).error
    if error is None:
        seen.admitted.append((sent, time.monotonic()))
    end = "admitted" if error is None else error.code
    seen.ends[end] = seen.ends.get(end, 0) + 1


def main(folder: Path, seconds: float, rate: float, count: int) -> None:
    setattr(redis, "RedisState", partial(RedisState, limit=PATIENT))  # noqa: B010 -- mypy holds a class to be a class
    written = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.yaml")}
    made = prepare(folder, written, {"shop.order": 1})
    forked = get_context("fork")
    together, results = forked.Barrier(count), forked.Queue()
    processes = [forked.Process(target=run, args=(made, seconds, rate, together, results)) for _ in range(count)]
    for process in processes:
        process.start()
    found = [results.get(timeout=seconds + 60) for _ in processes]
    for process in processes:
        process.join()
    ends = sum((Counter(seen.ends) for seen in found), Counter[str]())
    sys.stdout.buffer.write(msgspec.json.encode(Seen(sorted(each for seen in found for each in seen.admitted), dict(ends))))


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
