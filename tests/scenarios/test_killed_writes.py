"""Real processes over one store of records: killed at any moment, or asking at once, nothing is done twice."""

from __future__ import annotations

import asyncio
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.stores.sql_idempotency import TABLE
from gateway.testing.postgres import Postgres, ServerMissing, postgres_server
from gateway.testing.scenario import write
from gateway.testing.servers import Received, Route, http_server
from tests.house.tree import ROOT
from tests.scenarios.keyed_process import Answered, Run
from tests.scenarios.running import ROLES, assistant

LONG = 3600.0
"""Seconds after which every lease is over, and every record is kept still."""

LONGEST = 0.04
"""Seconds within which a request is killed; one takes about half of that."""

SPECS = """
source: desk
type: http
servers: ["${{ env.DESK_URL }}"]
operations:
  open:
    request: POST /tickets
    effect: write
    params: {{type: object, properties: {{text: {{type: string}}}}}}
    body: {{text: "${{ args.text }}"}}
    {heeds}
---
intent: open_ticket
input: {{type: object, properties: {{text: {{type: string}}}}}}
deadline: 5s
steps:
  ticket: {{call: desk.open, with: {{text: "${{ input.text }}"}}}}
output: {{number: "${{ steps.ticket.number }}"}}
"""
HEEDS = "idempotency: {header: Idempotency-Key}"


class Desk:
    """Opens a ticket for each request, or for each key where it heeds these. `opened` counts them by text."""

    def __init__(self, *, heeds: bool) -> None:
        self.heeds = heeds
        self.opened: Counter[str] = Counter()
        self.numbers: dict[str, int] = {}

    def answer(self, request: Received) -> Any:
        text = request.json()["text"]
        key = request.headers["idempotency-key"] if self.heeds else None
        if key is not None and key in self.numbers:
            return {"number": self.numbers[key]}
        self.opened[text] += 1
        number = self.opened.total()
        if key is not None:
            self.numbers[key] = number
        return {"number": number}


class Processes:
    """Forks processes that ask (`tests.scenarios.keyed_process`)."""

    def __init__(self, program: asyncio.subprocess.Process) -> None:
        self._program = program

    async def carry_out(self, run: Run) -> list[Answered | None]:
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._program.stdin.write(msgspec.json.encode(run) + b"\n")
        await self._program.stdin.drain()
        return msgspec.json.decode(await self._program.stdout.readline(), type=list[Answered | None])

    async def one(self, text: str, *, shift: float = 0.0, kill_after: float | None = None) -> Answered | None:
        (answered,) = await self.carry_out(Run(asking(text), shift=shift, kill_after=kill_after))
        return answered


def asking(text: str) -> dict[str, Any]:
    return {"intent": "open_ticket", "input": {"text": text}, "idempotency_key": f"key-of-{text}"}


@asynccontextmanager
async def processes(folder: Path, desk: Desk, store: str | None) -> AsyncIterator[Processes]:
    records = "" if store is None else f"stores: {{records: '{store}'}}\n"
    specs = SPECS.format(heeds=HEEDS if desk.heeds else "")
    write(folder, {"gateway.yaml": assistant(records), "policies/roles.yaml": ROLES, "specs/all.yaml": specs})
    async with http_server({"POST /tickets": Route(desk.answer)}) as url:
        program = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.scenarios.keyed_process", str(folder),
            cwd=ROOT, env={"DESK_URL": url}, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert program.stdin is not None
        assert program.stdout is not None
        assert await program.stdout.readline() == b"ready\n"
        try:
            yield Processes(program)
        finally:
            program.stdin.close()
            await program.wait()


Start = Callable[[Desk], Awaitable[Processes]]


@pytest.fixture
async def start(tmp_path: Path, store: str | None) -> AsyncIterator[Start]:
    async with AsyncExitStack() as stack:

        async def make(desk: Desk) -> Processes:
            return await stack.enter_async_context(processes(tmp_path, desk, store))

        yield make


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    try:
        with postgres_server() as server:
            yield server
    except ServerMissing as missing:
        pytest.skip(str(missing))


STORES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.service)]


@pytest.fixture
def store(request: pytest.FixtureRequest) -> str | None:
    """The URL of an empty store; None for the one of each folder."""
    if request.param == "sqlite":
        return None
    server: Postgres = request.getfixturevalue("postgres")
    server.run(f"DROP TABLE IF EXISTS {TABLE}")
    return server.url()


async def killed_and_asked_again(running: Processes, desk: Desk, text: str, kill_after: float) -> str:
    """What came of it, after all that must hold has been held against it."""
    first = await running.one(text, kill_after=kill_after)
    done = desk.opened[text]
    assert done <= 1
    second, third = await running.one(text, shift=LONG), await running.one(text, shift=LONG)
    assert second is not None
    assert third is not None
    assert desk.opened[text] <= 1, "done twice"
    if first is not None:
        assert (second.status, second.replayed, second.body["data"]) == (200, True, first.body["data"])
    if second.status == 200:
        assert desk.opened[text] == 1, "told of what was not done"
        assert (third.status, third.replayed, third.body["data"]) == (200, True, second.body["data"])
    else:
        assert not desk.heeds, "a backend that heeds keys can always be asked again"
        assert (second.status, second.body["detail_code"]) == (third.status, third.body["detail_code"]) == (409, "outcome_unknown")
        assert second.body["reply"]["text"]
    return (
        "answered"
        if first is not None
        else "unknown"
        if second.status == 409
        else "replayed"
        if second.replayed
        else "done again"
        if done
        else "done"
    )


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
@pytest.mark.parametrize("heeds", [True, False])
async def test_killed_at_any_moment_nothing_is_done_twice(start: Start, heeds: bool) -> None:
    desk, moments = Desk(heeds=heeds), random.Random(7)
    running = await start(desk)
    for number in range(5):
        await killed_and_asked_again(running, desk, f"t{number}", moments.uniform(0.0, LONGEST))


@pytest.mark.slow
@pytest.mark.parametrize("store", STORES, indirect=True)
@pytest.mark.parametrize("heeds", [True, False])
async def test_killed_at_many_moments_nothing_is_done_twice(start: Start, heeds: bool) -> None:
    desk, moments = Desk(heeds=heeds), random.Random()
    running = await start(desk)
    seen = Counter([await killed_and_asked_again(running, desk, f"t{number}", moments.uniform(0.0, LONGEST)) for number in range(80)])
    assert {"done", "answered", "done again" if heeds else "unknown"} <= seen.keys(), seen


@pytest.mark.parametrize("store", STORES, indirect=True)
async def test_of_processes_that_ask_at_once_one_does_it(start: Start) -> None:
    desk = Desk(heeds=False)
    running = await start(desk)
    for number in range(3):
        answers = await running.carry_out(Run(asking(f"t{number}"), processes=3))
        assert desk.opened[f"t{number}"] == 1
        statuses = Counter((answer.status, answer.body.get("detail_code")) for answer in answers if answer is not None)
        assert statuses.keys() <= {(200, None), (409, "still_running")}
        assert len({str(answer.body["data"]) for answer in answers if answer is not None and answer.status == 200}) == 1
        assert sum(not answer.replayed for answer in answers if answer is not None and answer.status == 200) == 1
