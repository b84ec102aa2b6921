"""The switches, seen through real connections."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from gateway.demo.backends import switches
from gateway.demo.backends.serving import Site, server
from gateway.demo.backends.switches import Switch
from gateway.demo.backends.system import Switched


def site(name: str) -> Site:
    async def hello(_: object) -> PlainTextResponse:
        return PlainTextResponse(name)

    switch = Switch(name)
    return Site(Switched(Starlette(routes=[Route("/", hello)]), switch), switch)


@asynccontextmanager
async def served(*sites: Site) -> AsyncIterator[httpx2.AsyncClient]:
    running = server(list(sites))
    task = asyncio.create_task(running.serve(sockets=[one.socket for one in sites]))
    try:
        async with httpx2.AsyncClient(timeout=5) as client:
            yield client
    finally:
        running.stop()
        await task


async def test_each_port_is_its_own_system() -> None:
    left, right = site("left"), site("right")
    async with served(left, right) as client:
        assert [(await client.get(one.url)).text for one in (left, right)] == ["left", "right"]


async def test_down_resets_new_and_kept_connections_of_that_system_only() -> None:
    left, right = site("left"), site("right")
    async with served(left, right) as client:
        assert (await client.get(left.url)).text == "left"
        left.switch.mode = "down"
        for _ in range(2):  # the kept connection, then a new one
            with pytest.raises((httpx2.ReadError, httpx2.ConnectError, httpx2.RemoteProtocolError)):
                await client.get(left.url)
        assert (await client.get(right.url)).text == "right"
        left.switch.mode = "ok"
        assert (await client.get(left.url)).text == "left"


async def test_garbled_claims_json_and_is_not() -> None:
    one = site("one")
    one.switch.mode = "garbled"
    async with served(one) as client:
        answer = await client.get(one.url)
    assert answer.headers["content-type"] == "application/json"
    with pytest.raises(ValueError, match="Unterminated string"):
        answer.json()


async def test_slow_and_latency_delay_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switches, "SLOW_SECONDS", 0.05)
    one = site("one")
    async with served(one) as client:
        one.switch.latency_ms = 20
        assert await seconds_for(client, one.url) >= 0.02
        one.switch.mode = "slow"
        assert await seconds_for(client, one.url) >= 0.07


async def seconds_for(client: httpx2.AsyncClient, url: str) -> float:
    started = time.monotonic()
    assert (await client.get(url)).status_code == 200
    return time.monotonic() - started
