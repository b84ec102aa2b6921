"""The clock of what arrives: on virtual time, and over real connections that say little or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
import pytest

from gateway.server import arrival
from gateway.server.application import Application
from gateway.server.arrival import PATIENCE, RATE, Arrival
from tests.server.connections import Address, bare, chat, connected, status
from tests.server.gateways import make_plan


class FakeLoop:
    """As much of an event loop as the clock needs."""

    def __init__(self) -> None:
        self.now = 100.0
        self.timers: list[FakeTimer] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: Callable[[], None]) -> FakeTimer:
        timer = FakeTimer(when, callback)
        self.timers.append(timer)
        return timer

    def pass_by(self, seconds: float) -> None:
        end = self.now + seconds
        while due := sorted((each for each in self.timers if each.when <= end), key=lambda each: each.when):
            self.timers.remove(due[0])
            self.now = due[0].when
            if not due[0].cancelled:
                due[0].callback()
        self.now = end


class FakeTimer(msgspec.Struct, eq=False):
    when: float
    callback: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


class Watched:
    """A clock, and how often it rang."""

    def __init__(self) -> None:
        self.loop = FakeLoop()
        self.rang = 0
        self.held = False
        self.clock = Arrival(self.loop, late=self.ring, held=lambda: self.held)  # type: ignore[arg-type]

    def ring(self) -> None:
        self.rang += 1


def test_what_is_late_is_told_once() -> None:
    watched = Watched()
    watched.clock.wait_for("head")
    watched.loop.pass_by(PATIENCE - 0.1)
    watched.clock.wait_for("head")
    assert watched.rang == 0
    watched.loop.pass_by(100)
    assert watched.rang == 1


def test_something_else_gets_time_of_its_own() -> None:
    watched = Watched()
    watched.clock.wait_for("head")
    watched.loop.pass_by(PATIENCE - 0.1)
    watched.clock.wait_for("body")
    watched.loop.pass_by(PATIENCE - 0.1)
    assert watched.rang == 0
    watched.clock.stop()
    watched.loop.pass_by(100)
    assert watched.rang == 0


def test_a_body_at_the_pace_takes_as_long_as_it_takes() -> None:
    watched = Watched()
    watched.clock.wait_for("body")
    for _ in range(1000):
        watched.loop.pass_by(1)
        watched.clock.received(RATE)
    assert watched.rang == 0
    watched.loop.pass_by(PATIENCE + 1)
    assert watched.rang == 1


def test_a_body_that_drips_is_late() -> None:
    watched = Watched()
    watched.clock.wait_for("body")
    for _ in range(6):
        watched.loop.pass_by(1)
        watched.clock.received(1)
    assert watched.rang == 1


def test_who_is_not_read_from_is_not_late() -> None:
    watched = Watched()
    watched.clock.wait_for("body")
    watched.held = True
    watched.loop.pass_by(100)
    watched.held = False
    watched.loop.pass_by(PATIENCE - 0.1)
    assert watched.rang == 0
    watched.loop.pass_by(PATIENCE)
    assert watched.rang == 1


HEAD = b"POST /v1/chat HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-API-Key: let-me-in\r\n"


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
    return await status(reader)


async def slow_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
    writer.write(HEAD)
    return await dripping(reader, writer, b"X-A: 1\r\n")


async def slow_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
    writer.write(HEAD + b"Content-Length: 100000\r\n\r\n{")
    return await dripping(reader, writer, b" ")


async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, drop: bytes) -> int:
    async def drip() -> None:
        while True:
            await asyncio.sleep(arrival.PATIENCE / 8)
            writer.write(drop)

    task = asyncio.create_task(drip())
    try:
        return await status(reader)
    finally:
        task.cancel()


async def attack(address: Address, how: Any) -> tuple[int, float]:
    """The status that the attacker is told, and how long it held the connection."""
    loop = asyncio.get_running_loop()
    async with connected(address) as (reader, writer):
        began = loop.time()
        told = await how(reader, writer)
        with suppress(ConnectionError):
            assert await reader.read() == b""
        return told, loop.time() - began


async def asking(address: Address, done: asyncio.Event) -> list[int]:
    told = []
    async with connected(address) as (reader, writer):
        while not done.is_set():
            writer.write(chat())
            told.append(await status(reader))
            await asyncio.sleep(0.02)
    return told


async def besieged(attackers: int) -> None:
    async with bare(Application(make_plan())) as address:
        done = asyncio.Event()
        good = [asyncio.create_task(asking(address, done)) for _ in range(5)]
        hows = [silent, slow_head, slow_body] * (attackers // 3)
        results = await asyncio.gather(*(attack(address, how) for how in hows))
        done.set()
        served = [told for each in await asyncio.gather(*good) for told in each]
    assert {told for told, _ in results} == {408}
    assert max(held for _, held in results) < arrival.PATIENCE * 1.5 + 1
    assert len(served) >= 5
    assert set(served) == {200}


async def test_who_is_slow_or_silent_is_closed_while_others_are_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "PATIENCE", 0.4)
    await besieged(60)


@pytest.mark.slow
async def test_three_hundred_slow_and_silent_connections_are_closed_in_time() -> None:
    await besieged(300)
