"""One listening socket: whom it takes, whom it leaves to others, and how its connections end."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from gateway.runtime.plan import ServerSettings
from gateway.sdk import Answer, Exchange
from gateway.server import listener as module
from gateway.server.application import Application
from gateway.server.listen import make_config
from gateway.server.listener import AT_ONCE, Listener
from gateway.server.sockets import listen
from tests.server.connections import chat, connected, status
from tests.server.gateways import Work, echo, make_plan

Address = tuple[str, int]


@asynccontextmanager
async def opened(work: Work = echo, **options: Callable[..., object]) -> AsyncIterator[tuple[Listener, Address]]:
    application = Application(make_plan({"track_order": work}))
    listeners = listen(ServerSettings(port=0, admin_port=0), warn=print)
    listeners.admin.close()
    made = Listener(make_config(application.asgi), listeners.public, **options)  # type: ignore[arg-type]
    address = listeners.public.getsockname()[:2]
    made.open()
    try:
        yield made, address
    finally:
        await made.end()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(2):
        while not true():
            await asyncio.sleep(0.001)


async def test_connections_are_counted_as_they_come_and_go() -> None:
    counted: list[int] = []
    async with opened(counted=counted.append) as (made, address):
        async with connected(address) as (reader, writer):
            writer.write(chat())
            assert await status(reader) == 200
            assert (made.connections, counted[-1], made.busy) == (1, 1, True)
        await until(lambda: counted[-1] == 0)
        assert not made.busy


async def test_who_has_more_than_others_waits_a_moment_and_takes_one_all_the_same() -> None:
    asked: list[int] = []

    def none() -> int:
        asked.append(1)
        return -5

    async with opened(room=none) as (_, address):
        for _ in range(3):
            async with connected(address) as (reader, writer):
                writer.write(chat())
                assert await status(reader) == 200
    assert asked


async def test_who_has_far_more_than_a_new_worker_gives_some_away_bit_by_bit() -> None:
    room = AT_ONCE
    async with opened(room=lambda: room) as (made, address):
        kept = [await asyncio.open_connection(*address) for _ in range(16)]
        for reader, writer in kept:
            writer.write(chat())
            await answer(reader)
        room = -4
        for expected in (3, 4, 4):
            made._even_out()
            assert sum(each.leaving for each in made._connections()) == expected
        for _, writer in kept:
            writer.write(chat())
        assert sum([b"connection: close" in await answer(reader) for reader, _ in kept]) == 4
        for _, writer in kept:
            writer.close()


async def test_where_the_system_has_no_room_it_tries_again(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(module, "RETRY", 0.01)
    faults = [OSError(errno.EMFILE, "Too many open files"), OSError(errno.EMFILE, "Too many open files")]

    class Full(socket.socket):
        def accept(self) -> tuple[socket.socket, object]:
            if faults:
                raise faults.pop()
            return super().accept()

    monkeypatch.setattr(socket, "socket", Full)
    async with opened() as (_, address), connected(address) as (reader, writer):
        writer.write(chat())
        assert await status(reader) == 200
    assert "no connection can be accepted: Too many open files" in caplog.text


async def test_who_waits_to_be_accepted_at_the_end_is_served_and_nobody_later() -> None:
    async with opened(room=lambda: 0) as (made, address):
        made._unwatch()
        waiting = [await asyncio.open_connection(*address) for _ in range(AT_ONCE + 10)]
        for _, writer in waiting:
            writer.write(chat())
        made.refuse()
        with pytest.raises(OSError, match="Connect call failed"):
            await asyncio.open_connection(*address)
        assert [await status(reader) for reader, _ in waiting] == [200] * len(waiting)
        for _, writer in waiting:
            writer.close()
            await writer.wait_closed()


async def test_after_it_retired_each_answer_is_the_last_one() -> None:
    async with opened() as (made, address), connected(address) as (reader, writer), connected(address) as (other, other_writer):
        writer.write(chat())
        assert b"connection: close" not in await answer(reader)
        made.retire()
        writer.write(chat())
        assert b"connection: close" in await answer(reader)
        assert await reader.read() == b""
        other_writer.write(chat())
        assert b"connection: close" in await answer(other)
        async with connected(address) as (late, late_writer):
            late_writer.write(chat())
            assert b"connection: close" in await answer(late)


async def answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(int(head.split(b"content-length: ")[1].split(b"\r\n")[0]))
    return head


async def test_requests_that_were_sent_ahead_are_all_answered_behind_a_retirement() -> None:
    began, go_on = asyncio.Event(), asyncio.Event()

    async def work(exchange: Exchange) -> Answer:
        began.set()
        await go_on.wait()
        return echo(exchange)

    async with opened(work) as (made, address), connected(address) as (reader, writer):
        writer.write(chat() * 3)
        await began.wait()
        made.retire()
        go_on.set()
        heads = [await answer(reader) for _ in range(3)]
        assert [b"connection: close" in head for head in heads] == [False, False, True]


async def test_idle_connections_are_closed_and_those_with_a_request_on_its_way_are_not() -> None:
    async with opened() as (made, address):
        kept = [await asyncio.open_connection(*address) for _ in range(3)]
        for reader, writer in kept:
            writer.write(chat())
            await answer(reader)
        (idle, _), (part, part_writer), (sent, sent_writer) = kept
        part_writer.write(chat()[:20])
        await until(lambda: sum(each.idle(silent=False) for each in made._connections()) == 2)
        sent_writer.write(chat())  # goes out at once, and nobody has looked for it yet
        made.close_idle(silent=False)
        assert await idle.read() == b""
        assert await status(sent) == 200
        part_writer.write(chat()[20:])
        assert await status(part) == 200
        for _, writer in kept:
            writer.close()


async def test_a_connection_that_never_said_anything_is_closed_only_when_asked_for() -> None:
    async with opened() as (made, address), connected(address) as (reader, _):
        await until(lambda: made.connections == 1)
        made.close_idle(silent=False)
        await asyncio.sleep(0.01)
        assert made.connections == 1
        made.close_idle(silent=True)
        assert await reader.read() == b""


async def test_who_waits_in_vain_is_told_so() -> None:
    began = asyncio.Event()
    ended: list[bool] = []

    async def work(exchange: Exchange) -> Answer:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)
        raise AssertionError

    async with opened(work) as (made, address), connected(address) as (reader, writer):
        writer.write(chat())
        await began.wait()
        await made.end()
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503")
        assert b"connection: close" in head
        assert b'"code":"unavailable"' in await reader.read()
    assert ended == [True]


async def test_the_end_may_come_twice() -> None:
    async with opened() as (made, _):
        await made.end()
        await made.end()
