"""Word between processes: who hears it, who does not, and what is told when some may have been missed."""

from __future__ import annotations

import asyncio
import logging

import msgspec
import pytest

from gateway.stores.redis_driver import RedisDriver
from gateway.stores.redis_word import Word, pack_word
from gateway.testing.redis import RedisServer, redis_server
from tests.stores.redis_places import PATIENT, Open, Place, answering, at, server, until

__all__ = ["at", "server"]

pytestmark = pytest.mark.service
CHANNEL = "gw:{shop}:word:0"


class Listener:
    """What one process heard, and how often some may have been missed."""

    def __init__(self, place: Place, topic: str = "purge") -> None:
        self.place = place
        self.heard: list[bytes] = []
        self.missed = 0
        place.state.listen(topic, self.heard.append, self._miss)

    def _miss(self) -> None:
        self.missed += 1


async def listening(place: Place, topic: str = "purge") -> Listener:
    listener = Listener(place, topic)
    await place.state.start()
    await until(lambda: listener.missed > 0)
    return listener


async def test_others_hear_it_and_who_says_it_does_not(server: RedisServer, at: Open) -> None:
    here, there, third = [await listening(at(server.url(), limit=PATIENT)) for _ in range(3)]
    bank = await listening(at(server.url(), gateway="bank", limit=PATIENT))
    other = await listening(at(server.url(), limit=PATIENT), "other")
    await here.place.state.announce("purge", b"\x00all\r\n")
    await there.place.state.announce("purge", b"more")
    await until(lambda: len(third.heard) == 2)
    await until(lambda: here.heard == [b"more"] and there.heard == [b"\x00all\r\n"])
    assert third.heard == [b"\x00all\r\n", b"more"]
    assert bank.heard == other.heard == []


async def test_what_may_have_been_missed_is_told_after_each_time_that_it_could_not_listen(at: Open) -> None:
    with redis_server() as server:
        here, there = [await listening(at(server.url())) for _ in range(2)]
        for count in (2, 3):
            server.kill()
            server.start()
            await until(lambda count=count: here.missed == there.missed == count)
        await until(lambda: here.place.state.up)
        await here.place.state.announce("purge", b"again")
        await until(lambda: there.heard == [b"again"])


async def test_a_connection_that_only_seems_to_be_there_is_given_up(server: RedisServer, at: Open) -> None:
    """Subscribed, then silent: it does not answer when it is asked, as when the machine behind it is gone."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(65536):
            writer.write(b"+OK\r\n" * chunk.count(b"SETINFO"))
            if b"SUBSCRIBE" in chunk:
                writer.write(b"*3\r\n$9\r\nsubscribe\r\n$16\r\n%s\r\n:1\r\n" % CHANNEL.encode())
            elif b"PING" in chunk:
                asked.append(chunk)
                if len(asked) == 1:
                    writer.write(b"+PONG\r\n")

    async with answering(answer) as url:
        listener = await listening(at(url))
        await until(lambda: listener.missed >= 2)
        assert len(asked) >= 2
        await listener.place.state.close()


@pytest.mark.parametrize("text", [b"", b"\xff", b"\xc1", msgspec.msgpack.encode([1, 2]), msgspec.msgpack.encode("x"), b"x" * 100_000])
async def test_what_is_no_word_is_passed_over(server: RedisServer, at: Open, text: bytes) -> None:
    here, there = [await listening(at(server.url(), limit=PATIENT)) for _ in range(2)]
    raw = await RedisDriver(here.place.url).connect()
    assert await raw.ask("PUBLISH", CHANNEL, text) == 2
    await raw.close()
    await here.place.state.announce("purge", b"after")
    await until(lambda: there.heard == [b"after"])
    assert there.missed == 1


async def test_a_hook_that_fails_is_told_and_listening_goes_on(server: RedisServer, at: Open, caplog: pytest.LogCaptureFixture) -> None:
    here, place = at(server.url(), limit=PATIENT), at(server.url(), limit=PATIENT)

    def fail(_: bytes) -> None:
        raise LookupError("of the hook")

    place.state.listen("purge", fail)
    there = await listening(place)
    await here.state.announce("purge", b"a")
    await here.state.announce("purge", b"b")
    await until(lambda: there.heard == [b"a", b"b"])
    assert [record.levelno for record in caplog.records] == [logging.ERROR, logging.ERROR]
    assert there.missed == 1


async def test_a_server_that_lets_nobody_listen_is_told_once(at: Open, caplog: pytest.LogCaptureFixture) -> None:
    with redis_server() as server:
        server.run("ACL", "SETUSER", "shop", "on", ">right", "~*", "+@all", "resetchannels")
        place = at(f"redis://shop:right@127.0.0.1:{server.port}/0", limit=PATIENT)
        await place.state.start()
        await until(lambda: bool(caplog.records))
        await asyncio.sleep(0.05)
        await place.state.set(b"k", b"v", 100)
        assert await place.state.get(b"k") == b"v"
        await place.state.close()
    assert [record.getMessage() for record in caplog.records] == ["word of other processes can't be heard: NoPermissionError"]


async def test_ending_twice_and_without_a_start_is_no_harm(server: RedisServer, at: Open) -> None:
    place = at(server.url())
    await place.state.close()
    await place.state.close()
    started = await listening(at(server.url()))
    await started.place.state.close()
    await started.place.state.close()


def test_word_of_two_processes_differs_by_its_sender() -> None:
    assert pack_word(Word(b"1", "t", b"m")) != pack_word(Word(b"2", "t", b"m"))
