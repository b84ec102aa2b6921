"""Addresses of names: kept, refreshed, never waited for by others."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from threading import Event, Thread

import pytest

from gateway.net import resolver
from gateway.net.resolver import Resolver, look_up, take_turns
from gateway.net.server import Server
from tests.net.contract import until

Answer = list[str] | OSError | None


class Names:
    """Stands in for the system: gives `answer`, or nothing yet where it is None, and counts."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked = 0
        self.changes: list[frozenset[str]] = []
        self.used = True
        self.pending: list[asyncio.Future[list[str]]] = []

    def look_up(self, host: str, port: int) -> asyncio.Future[list[str]]:
        self.asked += 1
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[str]] = loop.create_future()
        if isinstance(self.answer, OSError):
            loop.call_soon(future.set_exception, self.answer)
        elif self.answer is not None:
            loop.call_soon(future.set_result, self.answer)
        else:
            self.pending.append(future)
        return future

    def resolver(self) -> Resolver:
        return Resolver(Server.parse("http://orders.example"), self.changes.append, lambda: self.used)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[[Answer], Names]:
    def stand_in(answer: Answer) -> Names:
        made = Names(answer)
        monkeypatch.setattr(resolver, "look_up", made.look_up)
        return made

    return stand_in


async def test_an_answer_is_kept(names: Callable[[Answer], Names]) -> None:
    system = names(["10.0.0.1"])
    some = system.resolver()
    assert [await some.addresses() for _ in range(3)] == [["10.0.0.1"]] * 3
    assert system.asked == 1
    some.close()


async def test_many_who_ask_at_once_ask_once(names: Callable[[Answer], Names]) -> None:
    system = names(None)
    some = system.resolver()
    asking = [asyncio.ensure_future(some.addresses()) for _ in range(20)]
    await asyncio.sleep(0)
    asking[0].cancel()
    await until(lambda: system.pending)
    system.pending[0].set_result(["10.0.0.1"])
    assert await asyncio.gather(*asking[1:]) == [["10.0.0.1"]] * 19
    assert (system.asked, asking[0].cancelled()) == (1, True)
    some.close()


async def test_a_name_that_never_had_an_address_is_a_failure_each_time(names: Callable[[Answer], Names]) -> None:
    system = names(socket.gaierror("no such name"))
    some = system.resolver()
    for _ in range(2):
        with pytest.raises(socket.gaierror):
            await some.addresses()
    assert system.asked == 2


async def test_addresses_are_looked_up_again_while_they_are_in_use(
    names: Callable[[Answer], Names], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolver, "REFRESH", 0.01)
    system = names(["10.0.0.1", "10.0.0.2"])
    some = system.resolver()
    await some.addresses()
    await until(lambda: system.asked == 3)
    assert system.changes == []
    system.answer = ["10.0.0.2", "10.0.0.3"]
    await until(lambda: system.changes)
    assert system.changes == [{"10.0.0.2", "10.0.0.3"}]
    system.answer = OSError("DNS is down")
    seen = system.asked
    await until(lambda: system.asked > seen + 1)
    assert (await some.addresses(), len(system.changes)) == (["10.0.0.2", "10.0.0.3"], 1)
    system.used = False
    await asyncio.sleep(0.03)
    seen = system.asked
    await asyncio.sleep(0.03)
    assert system.asked == seen
    some.close()


async def test_an_old_answer_is_used_where_there_is_no_new_one_and_only_the_first_wait_for_it(
    names: Callable[[Answer], Names], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolver, "REFRESH", 0.0)
    monkeypatch.setattr(resolver, "PATIENCE", 0.03)
    system = names(["10.0.0.1"])
    system.used = False
    some = system.resolver()
    await some.addresses()
    system.answer = None
    waits = []
    for _ in range(3):
        started = time.monotonic()
        assert await some.addresses() == ["10.0.0.1"]
        waits.append(time.monotonic() - started)
    assert waits[0] >= 0.025
    assert max(waits[1:]) < 0.01
    system.pending[0].set_exception(OSError("DNS is down"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert [await some.addresses() for _ in range(3)] == [["10.0.0.1"]] * 3
    assert system.asked == 2
    some.close()


async def test_addresses_that_nobody_used_for_long_are_looked_up_before_they_are_used(
    names: Callable[[Answer], Names], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolver, "REFRESH", 0.0)
    system = names(["10.0.0.1"])
    system.used = False
    some = system.resolver()
    await some.addresses()
    system.answer = ["10.0.0.9"]
    assert await some.addresses() == ["10.0.0.9"]
    some.close()


async def test_a_literal_is_not_looked_up(names: Callable[[Answer], Names]) -> None:
    system = names(OSError())
    assert await Resolver(Server.parse("http://[::1]"), system.changes.append, lambda: True).addresses() == ["::1"]
    assert system.asked == 0


async def test_the_system_knows_this_machine() -> None:
    assert {"127.0.0.1", "::1"} & set(await look_up("localhost", 80))


@pytest.mark.parametrize("failure", [socket.gaierror("no such name"), UnicodeError("label too long")], ids=repr)
async def test_what_the_system_says_against_a_name_is_a_failure(failure: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*asked: object, **named: object) -> object:
        raise failure

    monkeypatch.setattr(socket, "getaddrinfo", failing)
    with pytest.raises(OSError, match=str(failure)):
        await look_up("orders.example", 80)


async def test_a_system_without_threads_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_: Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Thread, "start", start)
    with pytest.raises(OSError, match="can't start new thread"):
        await look_up("orders.example", 80)


async def test_a_name_that_hangs_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    release, system = Event(), socket.getaddrinfo

    def hanging(host: str, *more: object, **named: object) -> object:
        if host == "slow.example":
            release.wait(5)
        return system("127.0.0.1", *more, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    slow = [look_up("slow.example", 80) for _ in range(40)]
    assert await asyncio.wait_for(look_up("quick.example", 80), 1) == ["127.0.0.1"]
    assert not any(each.done() for each in slow)
    slow[0].cancel()
    release.set()
    assert await asyncio.gather(*slow[1:]) == [["127.0.0.1"]] * 39


def test_an_answer_for_a_loop_that_is_gone_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    release, ended, system = Event(), Event(), socket.getaddrinfo

    def hanging(*asked: object, **named: object) -> object:
        release.wait(5)
        ended.set()
        return system("127.0.0.1", 80)

    monkeypatch.setattr(socket, "getaddrinfo", hanging)

    async def ask() -> None:
        look_up("slow.example", 80).cancel()

    asyncio.run(ask())
    release.set()
    assert ended.wait(5)


def test_families_take_turns() -> None:
    six, four = socket.AF_INET6, socket.AF_INET
    assert take_turns([(six, "a"), (six, "b"), (six, "c"), (four, "d")]) == ["a", "d", "b", "c"]
    assert take_turns([]) == []
