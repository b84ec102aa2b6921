"""Who doesn't read an answer doesn't make the gateway hold it."""

from __future__ import annotations

import asyncio
import errno
import socket

import pytest

from gateway.sdk import Answer, Exchange
from gateway.server import departure
from gateway.server.application import Application
from gateway.server.departure import LEAST, Departure
from tests.server.connections import bare, chat, connected, status
from tests.server.gateways import make_plan


class FakeTransport:
    def __init__(self, size: int) -> None:
        self.size = size
        self.aborted = False

    def get_write_buffer_size(self) -> int:
        return self.size

    def get_extra_info(self, name: str) -> None:
        return None

    def abort(self) -> None:
        self.aborted = True


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(departure, "INTERVAL", 0.02)


@pytest.mark.parametrize(("step", "aborted"), [(0, True), (LEAST - 1, True), (LEAST, False)])
async def test_so_much_must_have_gone_at_each_look(step: int, aborted: bool) -> None:
    transport = FakeTransport(10 * LEAST)
    watch = Departure(asyncio.get_running_loop(), transport)  # type: ignore[arg-type]
    watch.watch()
    for _ in range(200):
        await asyncio.sleep(0.001)
        if watch._timer is None:
            break
        if transport.size > 0 and watch._left == transport.size:
            transport.size = max(0, transport.size - step)
    assert (transport.aborted, transport.size == 0) == (aborted, not aborted)


async def test_nothing_to_send_is_not_looked_at() -> None:
    transport = FakeTransport(0)
    watch = Departure(asyncio.get_running_loop(), transport)  # type: ignore[arg-type]
    watch.watch()
    assert watch._timer is None


async def test_a_client_that_does_not_read_is_cut_off() -> None:
    large = "x" * 8_000_000
    async with bare(Application(make_plan({"track_order": lambda exchange: Answer("complete", data=large)}))) as address:
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(client, address)
            await loop.sock_sendall(client, chat())
            async with asyncio.timeout(3):
                while client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != errno.ECONNRESET:
                    await asyncio.sleep(0.01)


async def test_a_client_that_reads_gets_all_of_a_large_answer() -> None:
    def work(exchange: Exchange) -> Answer:
        return Answer("complete", data="x" * 5_000_000)

    async with bare(Application(make_plan({"track_order": work}))) as address, connected(address) as (reader, writer):
        for _ in range(2):
            writer.write(chat())
            assert await status(reader) == 200
