"""Which address of a name is connected to."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest

from gateway.net import client, dial, resolver
from gateway.net.dial import patience, race
from gateway.sdk import Engine, HttpSettings
from gateway.testing import Route, http_server
from tests.net.contract import ask

Connect = Callable[[str], Awaitable[str]]


@pytest.fixture(autouse=True)
def head_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dial, "HEAD_START", 0.005)


def connecting(**outcomes: float | Exception) -> tuple[Connect, list[str]]:
    """Connects after some seconds, or fails; and the addresses tried so far."""
    tried: list[str] = []

    async def connect(address: str) -> str:
        tried.append(address)
        outcome = outcomes[address]
        if isinstance(outcome, Exception):
            raise outcome
        await asyncio.sleep(outcome)
        return address

    return connect, tried


def test_who_has_others_to_ask_waits_less() -> None:
    assert [patience(left, others=True) for left in (10.0, 1.0)] == [1.0, 0.5]
    assert patience(10.0, others=False) == 10.0


async def test_the_first_address_wins_if_it_answers_in_time() -> None:
    connect, tried = connecting(a=0, b=0)
    assert await race(["a", "b"], connect, pytest.fail) == "a"
    assert tried == ["a"]


async def test_a_silent_address_is_overtaken() -> None:
    connect, tried = connecting(a=10, b=0)
    assert await race(["a", "b"], connect, pytest.fail) == "b"
    assert tried == ["a", "b"]


async def test_a_refusing_address_costs_no_time() -> None:
    connect, tried = connecting(a=ConnectionRefusedError(), b=ConnectionRefusedError(), c=0)
    assert await race(["a", "b", "c"], connect, pytest.fail) == "c"
    assert tried == ["a", "b", "c"]


async def test_the_last_failure_is_raised_if_none_answers() -> None:
    connect, _ = connecting(a=ConnectionRefusedError("a"), b=ConnectionRefusedError("b"))
    with pytest.raises(ConnectionRefusedError, match="b"):
        await race(["a", "b"], connect, pytest.fail)


async def test_no_address_is_a_failure() -> None:
    connect, _ = connecting()
    with pytest.raises(OSError, match="no address"):
        await race([], connect, pytest.fail)


async def test_one_that_connects_together_with_the_winner_is_dropped() -> None:
    both = asyncio.Event()
    dropped: list[str] = []

    async def connect(address: str) -> str:
        await both.wait()
        return address

    running = asyncio.ensure_future(race(["a", "b"], connect, dropped.append))
    await asyncio.sleep(0.02)
    both.set()
    winner = await running
    await asyncio.sleep(0)
    assert sorted([winner, *dropped]) == ["a", "b"]


async def test_cancelled_it_ends_all_attempts() -> None:
    connect, tried = connecting(a=10, b=10)
    running = asyncio.ensure_future(race(["a", "b"], connect, pytest.fail))
    await asyncio.sleep(0.02)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert tried == ["a", "b"]


async def test_one_address_needs_no_race() -> None:
    connect, tried = connecting(**{"::1": 0})
    assert await dial.dial(["::1"], connect, pytest.fail) == "::1"
    assert tried == ["::1"]


@pytest.mark.parametrize("engine", ["fast", "httpx"])
async def test_a_server_on_the_second_address_is_found(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def resolved(host: str, port: int) -> asyncio.Future[list[str]]:
        found: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
        found.set_result(["127.0.0.2", "127.0.0.1"])
        return found

    monkeypatch.setattr(resolver, "look_up", resolved)
    async with http_server({"*": Route("ok")}) as url:
        some = client(HttpSettings((f"http://two.example:{url.rpartition(':')[2]}",), engine=engine))
        assert (await ask(some)).status_code == 200
        await some.close()


@pytest.mark.parametrize("engine", ["fast", "httpx"])
async def test_a_literal_of_ipv6_is_talked_to(engine: Engine) -> None:
    if not ipv6_works():
        pytest.skip("this machine has no IPv6 loopback")
    route = Route("ok")
    async with http_server({"*": route}, host="::1") as url:
        some = client(HttpSettings((url,), engine=engine))
        assert (await ask(some)).status_code == 200
        await some.close()
    assert route.received[0].headers["host"] == url.removeprefix("http://")


def ipv6_works() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
