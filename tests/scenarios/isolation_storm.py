"""Thousands of requests at once against one gateway or two, with cancels, broken backends, jumps of time and purges."""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from gateway import app
from gateway.sdk import SystemClock
from gateway.sdk.kept import EVERYTHING, Purge, label_of
from gateway.server.application import Application
from tests.scenarios.isolation_backend import Backend, serving
from tests.scenarios.isolation_company import write_company
from tests.scenarios.isolation_oracle import Oracle
from tests.scenarios.isolation_people import TENANTS, Request, Requests
from tests.server.gateways import Client

ANY = re.compile(".*")
AT_ONCE = 48
PATIENCE = 20.0
"""Seconds in which every request has to be answered."""

CANCELS = (0.0, 0.0, 0.001, 0.003, 0.008)
JUMPS = (0.02, 0.05, 0.1, 1.5, 4.0)
"""Seconds: past what is kept briefly, past everything."""


class Time:
    """The time of the gateway's clock and of the event loop, which jumps on."""

    def __init__(self, patched: pytest.MonkeyPatch) -> None:
        self._ahead = 0.0
        patched.setattr(SystemClock, "monotonic", lambda _: self._now())
        patched.setattr(SystemClock, "now", lambda _: datetime.now(UTC) + timedelta(seconds=self._ahead))
        patched.setattr(asyncio.get_running_loop(), "time", self._now)

    def jump(self, seconds: float) -> None:
        """It is later now."""
        self._ahead += seconds

    def _now(self) -> float:
        return monotonic() + self._ahead


class From(Client):
    """An ASGI client at an address of its own."""

    def __init__(self, application: Application, ip: str) -> None:
        super().__init__(self._at)
        self._application, self._ip = application.asgi, ip

    async def _at(self, scope: Any, receive: Any, send: Any) -> None:
        await self._application({**scope, "client": (self._ip, 40000)}, receive, send)


class Storm:
    """A run. `statuses` counts how requests ended."""

    def __init__(self, applications: list[Application], backend: Backend, time: Time, drawn: random.Random) -> None:
        self.oracle = Oracle(backend)
        self.statuses: Counter[str] = Counter()
        self._applications = applications
        self._time = time
        self._drawn = drawn

    async def run(self, requests: int, only: re.Pattern[str] = ANY) -> None:
        """So many requests, for intents whose names match. Raises `Leak` for the first answer that shows what isn't the caller's."""
        drawn = self._drawn
        asking = Requests(tuple(filter(only.fullmatch, intents_of(self._applications[0]))), drawn)
        left = requests

        async def ask_on() -> None:
            nonlocal left
            while left > 0:
                left -= 1
                await self._ask(asking.draw())
                if drawn.random() < 0.01:
                    self._time.jump(drawn.choice(JUMPS))
                if drawn.random() < 0.01:
                    await self._purge()

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(AT_ONCE):
                    group.create_task(ask_on())
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None

    async def _ask(self, request: Request) -> None:
        application = self._drawn.choice(self._applications)
        gone = asyncio.Event()
        client = From(application, request.person.ip)
        sending = client.send("POST", "/v1/chat", request.body(), request.headers(), key=None, host=False, hang_up=gone)
        task = asyncio.create_task(sending)
        if self._drawn.random() < 0.2:
            leave = gone.set if self._drawn.random() < 0.5 else task.cancel
            asyncio.get_running_loop().call_later(self._drawn.choice(CANCELS), leave)
        done, _ = await asyncio.wait([task], timeout=PATIENCE)
        assert done, f"{request} hangs"
        if task.cancelled() or task.result().status == 0:
            self.statuses["left"] += 1
            return
        answer = task.result()
        self.statuses[str(answer.status)] += 1
        assert answer.status != 500, answer.body
        head = "\n".join(f"{name.decode()}: {value.decode('latin-1')}" for name, value in answer.headers)
        self.oracle.look(request, 0, head)
        self.oracle.look(request, answer.status, answer.body.decode())

    async def _purge(self) -> None:
        drawn = self._drawn
        label = drawn.choice((EVERYTHING, label_of("tag", "1"), label_of("tag", "all"), label_of("source", "plain")))
        answers = drawn.choice(self._applications).plan.answers
        assert answers is not None
        await answers.purge(Purge((label,), drawn.choice((None, *TENANTS))))

    async def counted(self) -> Counter[str]:
        """What became of calls, by `hit`, `stale`, `negative` and so on, of all gateways."""
        found: Counter[str] = Counter()
        for application in self._applications:
            shown = await Client(application.admin_asgi).get("/metrics", key=None)
            for line in shown.body.decode().splitlines():
                name, _, rest = line.partition("{")
                if name in ("gateway_cache_requests_total", "gateway_hedges_total"):
                    labels = dict(part.split("=") for part in rest.partition("}")[0].split(","))
                    found[(labels.get("result") or labels["outcome"]).strip('"')] += int(float(line.rpartition(" ")[2]))
                elif name.startswith("gateway_cache_evictions_total"):
                    found["evicted"] += int(float(line.rpartition(" ")[2]))
        return found


def intents_of(application: Application) -> tuple[str, ...]:
    """All that may be asked for."""
    return tuple(plan.name for plan in application.plan.catalogue if not plan.name.startswith("inner_"))


@asynccontextmanager
async def storm(
    folder: Path, patched: pytest.MonkeyPatch, seed: int, *, memory: str = "256KiB", state: str | None = None, gateways: int = 1
) -> AsyncIterator[Storm]:
    """Starts everything and, in the end, stops it. `gateways` share what is kept at `state`."""
    drawn = random.Random(seed)
    time = Time(patched)
    async with AsyncExitStack() as stack:
        backend, url = await stack.enter_async_context(serving(drawn))
        environ = write_company(folder, url, memory=memory, state=state)
        applications = []
        for _ in range(gateways):
            prepared = app.prepare(folder, environ=environ)
            assert not [str(each) for each in prepared.problems if each.severity == "error"]
            application = app.application(prepared)
            await application.startup()
            stack.push_async_callback(application.shutdown)
            applications.append(application)
        yield Storm(applications, backend, time, drawn)
