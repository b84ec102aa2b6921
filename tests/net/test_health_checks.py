"""Active checks: what they send, what they decide, and that nothing stops them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from gateway.net import NetClient, client
from gateway.net.health_checks import HealthChecks
from gateway.net.member import Member
from gateway.sdk import BackendFailure, CheckSettings, HttpRequest, HttpResponse, HttpSettings, SystemClock, Unavailable
from gateway.sdk.http import EJECTION
from gateway.testing import Route, http_server, refused_url
from tests.net.contract import ask, until

OFTEN = CheckSettings("/health", interval=0.005, timeout=0.02, threshold=2)


@asynccontextmanager
async def checked(*urls: str, check: CheckSettings = OFTEN, **settings: Any) -> AsyncIterator[NetClient]:
    made = client(HttpSettings(urls, check=check, **settings))
    await made.start()
    try:
        yield made
    finally:
        await made.close()


def states(some: NetClient) -> list[str]:
    return [server.state for server in some.servers()]


def member() -> Member:
    return Member(0, "http://a.example", 1.0, EJECTION, time=float, on_turn=lambda *_: None, on_change=lambda: None)


@pytest.mark.parametrize("sick", [{"status": 500}, {"status": 404}, {"fault": "silent"}, {"fault": "garbage"}], ids=str)
async def test_failed_checks_leave_a_server_out_and_a_good_one_brings_it_back(sick: dict[str, Any]) -> None:
    health, calls = Route(**sick), Route("ok")
    routes = {"GET /base/health": health, "*": calls}
    async with http_server(routes) as one, http_server({"*": Route("ok")}) as two, checked(f"{one}/base", two) as some:
        await until(lambda: states(some) == ["out", "in"])
        assert health.count >= OFTEN.threshold
        assert {(await ask(some)).status_code for _ in range(6)} == {200}
        assert calls.count == 0
        health.status, health.fault = 302, None
        await until(lambda: states(some) == ["in", "in"])
        await until(lambda: health.count > 6)
        assert states(some) == ["in", "in"]


async def test_a_check_has_no_headers_but_its_own_and_a_connection_of_its_own() -> None:
    health = Route("fine")
    async with http_server({"*": health}, per_connection=1) as url, checked(url, connections=1) as some:
        await until(lambda: health.count == 3)
        assert states(some) == ["in"]
    assert health.received[0].headers.keys() == {"host", "accept", "accept-encoding"}
    assert health.received[0].target == "/health"


async def test_the_first_check_is_made_at_once_and_none_after_the_end() -> None:
    health = Route("fine")
    async with http_server({"*": health}) as url:
        async with checked(url, check=CheckSettings("/health", interval=60)):
            await until(lambda: health.count == 1)
        async with checked(url):
            await until(lambda: health.count == 4)
        await asyncio.sleep(0.02)
        assert health.count == 4


async def test_a_full_server_is_not_a_sick_one() -> None:
    silent = Route(fault="silent")
    async with http_server({"/health": Route("fine"), "*": silent}) as url, checked(url, url, connections=1, waiting=9) as some:
        crowd = [asyncio.ensure_future(ask(some)) for _ in range(6)]
        await until(lambda: silent.count == 2)
        await asyncio.sleep(0.03)
        assert states(some) == ["in", "in"]
        for call in crowd:
            call.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)


async def test_a_single_server_is_asked_on_while_its_checks_fail() -> None:
    async with http_server({"/health": Route(status=500), "*": Route("ok")}) as url, checked(url) as some:
        await until(lambda: states(some) == ["out"])
        assert not some.servers()[0].checked
        assert {(await ask(some)).status_code for _ in range(5)} == {200}


async def test_a_server_where_nobody_listens_is_out() -> None:
    async with checked(refused_url(), check=OFTEN) as some:
        await until(lambda: not some.servers()[0].checked)


class Scripted:
    """A client whose answers are given: a status, or what it raises."""

    def __init__(self, *outcomes: int | Exception) -> None:
        self._outcomes = iter(outcomes)
        self.asked = 0
        self.closed = False

    async def send(self, request: HttpRequest, /) -> HttpResponse:
        self.asked += 1
        outcome = next(self._outcomes, 200)
        if isinstance(outcome, Exception):
            raise outcome
        return HttpResponse(outcome, {}, b"")

    async def close(self) -> None:
        self.closed = True


async def test_whatever_goes_wrong_the_next_check_is_made(caplog: pytest.LogCaptureFixture) -> None:
    scripted, subject = Scripted(ValueError("odd"), Unavailable(), BackendFailure(), KeyError(), 500), member()
    checks = HealthChecks([scripted], OFTEN, SystemClock(), logger=logging.getLogger("gateway.testing.checks"))  # type: ignore[list-item]
    checks.start([subject])
    checks.start([subject])
    await until(lambda: not subject.passing)
    await until(lambda: subject.passing)
    assert scripted.asked == 6
    await checks.close()
    assert scripted.closed
    assert [record.getMessage() for record in caplog.records] == ["a health check failed in a way of its own"] * 2


@pytest.mark.parametrize(("chance", "wait"), [(0.0, 9.0), (0.5, 10.0), (1.0, 11.0)])
async def test_checks_dont_go_in_step(chance: float, wait: float, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    slept = asyncio.sleep

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await slept(0.001)

    monkeypatch.setattr("gateway.net.health_checks.asyncio.sleep", sleep)
    checks = HealthChecks(
        [Scripted()],  # type: ignore[list-item]
        CheckSettings("/health"),
        SystemClock(),
        logger=logging.getLogger("gateway.testing.checks"),
        chance=lambda: chance,
    )
    checks.start([member()])
    async with asyncio.timeout(5):
        while not waits:
            await slept(0.001)
    await checks.close()
    assert waits[0] == pytest.approx(wait)
