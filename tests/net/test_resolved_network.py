"""Names that change their addresses, for both engines: what is open goes on, nothing new goes to addresses that are gone."""

from __future__ import annotations

import asyncio
from typing import Any

import httpcore2
import pytest

from gateway.net import client, dial, resolver
from gateway.net.resolved_network import ResolvedNetwork, ResolvedStream
from gateway.net.server import Server
from gateway.sdk import Engine, HttpSettings
from gateway.testing import Route, http_server, read_request, render, scripted_server
from tests.net.contract import ask, until


class Moving:
    """A name whose address a test decides."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.addresses = ["127.0.0.1"]
        self.asked = 0
        monkeypatch.setattr(resolver, "REFRESH", 0.01)
        monkeypatch.setattr(resolver, "look_up", self._look_up)

    def _look_up(self, host: str, port: int) -> asyncio.Future[list[str]]:
        self.asked += 1
        found: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(found.set_result, self.addresses)
        return found

    async def move(self, *addresses: str) -> None:
        """Returns when everybody knows."""
        self.addresses, before = list(addresses), self.asked
        await until(lambda: self.asked > before)
        await asyncio.sleep(0.002)


@pytest.mark.parametrize("engine", ["fast", "httpx"])
async def test_connections_to_addresses_that_are_gone_are_used_no_more(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    name, peers = Moving(monkeypatch), []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peers.append(writer.get_extra_info("sockname")[0])
        while await read_request(reader):
            await asyncio.sleep(0.001)
            writer.write(render(200, b"ok"))

    async with scripted_server(answer, host="0.0.0.0") as url:
        some = client(HttpSettings((f"http://orders.example:{url.rpartition(':')[2]}",), engine=engine))
        for _ in range(2):
            await ask(some)
        await name.move("127.0.0.1", "127.0.0.2")
        await ask(some)
        assert peers == ["127.0.0.1"]
        await name.move("127.0.0.2")
        for _ in range(2):
            assert (await ask(some)).body == b"ok"
        assert peers == ["127.0.0.1", "127.0.0.2"]
        under_way = asyncio.ensure_future(ask(some))
        await asyncio.sleep(0)
        await name.move("127.0.0.3")
        assert (await under_way).body == b"ok"
        await ask(some)
        assert peers == ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
        await some.close()


async def test_an_address_that_is_silent_is_overtaken_and_closed_when_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    name = Moving(monkeypatch)
    name.addresses = ["127.0.0.2", "127.0.0.1"]
    monkeypatch.setattr(dial, "HEAD_START", 0.005)
    network = ResolvedNetwork(Server.parse("http://orders.example"), in_use=lambda: False)
    late, closed = asyncio.Event(), asyncio.Event()

    class Stream(httpcore2.AsyncNetworkStream):
        async def aclose(self) -> None:
            closed.set()

    async def connect_tcp(address: str, port: int, **_: Any) -> httpcore2.AsyncNetworkStream:
        if address == "127.0.0.2":
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                late.set()
        return Stream()

    monkeypatch.setattr(network._inner, "connect_tcp", connect_tcp)
    stream = await network.connect_tcp("orders.example", 80)
    assert isinstance(stream, ResolvedStream)
    await until(closed.is_set)
    assert late.is_set()
    network.close()


@pytest.mark.parametrize(("failure", "kind"), [(OSError(), httpcore2.ConnectError), (None, httpcore2.ConnectTimeout)])
async def test_failures_are_in_words_of_httpcore(failure: OSError | None, kind: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(host: str, port: int) -> asyncio.Future[list[str]]:
        future: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
        if failure is not None:
            future.set_exception(failure)
        return future

    monkeypatch.setattr(resolver, "look_up", look_up)
    network = ResolvedNetwork(Server.parse("http://orders.example"), in_use=lambda: False)
    with pytest.raises(kind):
        await network.connect_tcp("orders.example", 80, timeout=0.02)


async def test_a_stream_is_the_one_below_it() -> None:
    async with http_server({"*": Route("ok")}) as url:
        network = ResolvedNetwork(Server.parse(url), in_use=lambda: False)
        stream = await network.connect_tcp("", int(url.rpartition(":")[2]))
        await stream.write(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        assert (await stream.read(100, timeout=1)).startswith(b"HTTP/1.1 200")
        assert stream.get_extra_info("server_addr")[0] == "127.0.0.1"
        assert stream.get_extra_info("is_readable") is False
        await stream.aclose()
        await network.sleep(0)
