"""One run of the demo's backends for all tests that only read, and its company, founded on a fixed day."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date

import pytest

from gateway.demo.company import Company
from gateway.demo.founding import found_company
from gateway.demo.process import Backends


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
