"""One run of the demo's backends for all tests that only read, its assistant before them, and its company, founded on a fixed day."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import httpx2
import pytest

from gateway import app
from gateway.demo.company import Company
from gateway.demo.founding import found_company
from gateway.demo.process import Backends

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def backends() -> Iterator[Backends]:
    with Backends.start() as running:
        asyncio.run(answer_at_once(running))
        yield running


async def answer_at_once(backends: Backends) -> None:
    """Tests needn't wait for what only makes the page's bars look true."""
    for state in await backends.states():
        await backends.turn({**state, "latency_ms": 0})


@pytest.fixture(scope="session")
def company() -> Company:
    return found_company(date(2026, 11, 20))


@asynccontextmanager
async def lifespan(asgi: Any) -> AsyncIterator[None]:
    """Starts and stops an ASGI application as a server would."""
    told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    running = asyncio.create_task(asgi({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, told.get, heard.put))
    await told.put({"type": "lifespan.startup"})
    assert (await heard.get())["type"] == "lifespan.startup.complete"
    try:
        yield
    finally:
        await told.put({"type": "lifespan.shutdown"})
        assert (await heard.get())["type"] == "lifespan.shutdown.complete"
        await running


@pytest.fixture
async def client(backends: Backends) -> AsyncIterator[httpx2.AsyncClient]:
    application = app.build(ROOT, environ=backends.environ)
    async with (
        lifespan(application.asgi),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app=application.asgi), base_url="http://gateway.example") as client,
    ):
        yield client
    for state in await backends.states():
        if state["mode"] != "ok":
            await backends.turn({"name": state["name"], "mode": "ok"})
