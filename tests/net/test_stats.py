"""What a client says it is busy with."""

from __future__ import annotations

import asyncio

import pytest

from gateway.net import Stats, client
from gateway.sdk import Engine, HttpSettings
from gateway.testing import scripted_server
from tests.net.contract import ask, until
from tests.net.pool_contract import Crowd


@pytest.mark.parametrize("engine", ["fast", "httpx"])
async def test_connections_and_waiting_callers_are_counted(engine: Engine) -> None:
    crowd = Crowd()
    async with scripted_server(crowd) as url:
        some = client(HttpSettings((url,), engine=engine, connections=2))
        assert some.stats() == Stats(open=0, idle=0, waiting=0)
        calls = [asyncio.ensure_future(ask(some)) for _ in range(5)]
        await until(lambda: crowd.asked == 2)
        assert some.stats() == Stats(open=2, idle=0, waiting=3)
        crowd.let.set()
        await asyncio.gather(*calls)
        assert some.stats() == Stats(open=2, idle=2, waiting=0)
        await some.close()
        assert some.stats() == Stats(open=0, idle=0, waiting=0)
