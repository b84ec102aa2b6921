"""What both contract suites stand on: a client of one engine, and requests that are short to write."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from gateway.net import NetClient, Tls, client
from gateway.net.unconnected import Unconnected
from gateway.sdk import BackendFailure, Engine, HttpRequest, HttpResponse, HttpSettings, Unavailable
from gateway.testing import read_request, scripted_server

PATIENCE = 5.0
"""Seconds that a call which should succeed, or fail by itself, may take."""


class EngineContract:
    """A subclass names the engine."""

    engine: Engine

    @asynccontextmanager
    async def client(self, url: str, tls: Tls | None = None, **settings: Any) -> AsyncIterator[NetClient]:
        made = client(HttpSettings((url,), engine=self.engine, **settings), tls=tls)
        try:
            yield made
        finally:
            await made.close()

    @asynccontextmanager
    async def scripted(self, answer: bytes, **settings: Any) -> AsyncIterator[NetClient]:
        """A client of a server that answers the first request of each connection with these bytes, then closes."""

        async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await read_request(reader)
            writer.write(answer)

        async with scripted_server(once) as url, self.client(url, **settings) as made:
            yield made


async def ask(client: NetClient, target: str = "/", *, method: str = "GET", within: float = PATIENCE, **fields: Any) -> HttpResponse:
    return await client.send(HttpRequest(method, target, time.monotonic() + within, **fields))


async def failing(client: NetClient, kind: type[BackendFailure], url: str = "", **fields: Any) -> BackendFailure:
    """Asks, expects exactly this failure, and that its message tells nothing of where the server is."""
    with pytest.raises(kind) as caught:
        await ask(client, **fields)
    assert caught.type is kind or (kind is Unavailable and caught.type is Unconnected)
    address = urlsplit(url)
    assert not any(part and part in caught.value.message for part in ("127.0.0.1", "localhost", address.hostname, str(address.port or "")))
    return caught.value


def lines(status: str, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode("latin-1")


async def together(calls: Sequence[Any]) -> list[Any]:
    return await asyncio.gather(*calls, return_exceptions=True)


async def until(condition: Any) -> None:
    """Waits for something that the loop is about to do."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.001)
