"""Calls to several servers: what goes on to another one, what counts against a server, what is never sent twice."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest

from gateway.net import NetClient, Observed, client
from gateway.sdk import BadResponse, Engine, HttpRequest, HttpSettings, InvalidRequest, Overloaded, Timeout, Unavailable
from gateway.testing import Route, http_server, refused_url, scripted_server
from gateway.testing.services import FakeMetrics
from tests.net.contract import ask, failing, together, until
from tests.net.pool_of import LeapingClock


class Balanced:
    """A client of several servers; `metrics` and `clock` are its own."""

    def __init__(self, *urls: str, **settings: Any) -> None:
        self.metrics = FakeMetrics()
        self.clock = LeapingClock()
        observed = Observed("erp", self.metrics, logging.getLogger("gateway.testing.balanced"))
        self.client: NetClient = client(HttpSettings(urls, **settings), clock=self.clock, observed=observed)

    @property
    def failovers(self) -> float:
        return self.metrics.total("gateway_failovers_total", source="erp")

    @property
    def states(self) -> list[str]:
        return [server.state for server in self.client.servers()]

    async def ask(self, target: str = "/", *, within: float = 5.0, **fields: Any) -> int:
        return (await self.client.send(HttpRequest("GET", target, self.clock.monotonic() + within, **fields))).status_code


@asynccontextmanager
async def balanced(*urls: str, **settings: Any) -> AsyncIterator[Balanced]:
    made = Balanced(*urls, **settings)
    try:
        yield made
    finally:
        await made.client.close()


@contextmanager
def blackhole() -> Iterator[str]:
    """A URL where connecting never ends: nobody accepts, and the backlog is full."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(0)
        fill = [socket.socket() for _ in range(4)]
        for each in fill:
            each.setblocking(False)
            each.connect_ex(silent.getsockname())
        yield f"http://127.0.0.1:{silent.getsockname()[1]}"
        for each in fill:
            each.close()


@pytest.mark.parametrize("engine", ["fast", "httpx"])
@pytest.mark.parametrize("balance", ["round_robin", "least_connections", "consistent_hash"])
async def test_one_dead_server_of_two_fails_no_call(engine: Engine, balance: Any) -> None:
    route = Route("ok")
    async with http_server({"*": route}) as url, balanced(refused_url(), url, engine=engine, balance=balance) as some:
        for batch in range(50):
            keys = [f"{batch}-{number}".encode() for number in range(10)]
            assert await asyncio.gather(*(some.ask(affinity=key) for key in keys)) == [200] * 10
        assert route.count == 500
        assert 1 <= some.failovers <= 10
        assert some.states == ["out", "in"]


async def test_a_server_that_comes_back_is_used_again() -> None:
    first, second = Route("ok"), Route("ok")
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        async with http_server({"*": first}) as url, balanced(dead, url) as some:
            assert [await some.ask() for _ in range(10)] == [200] * 10
            assert (some.states, second.count, some.failovers) == (["out", "in"], 0, 1)
            some.clock.ahead += 1.1
            assert [await some.ask() for _ in range(10)] == [200] * 10
            assert (some.states, some.failovers) == (["out", "in"], 2)
            async with http_server({"*": second}) as other:
                forward = await asyncio.start_server(relay(other), sock=reserved)
                some.clock.ahead += 2.1
                assert [await some.ask() for _ in range(4)] == [200] * 4
                assert (some.states, some.failovers) == (["in", "in"], 2)
                some.clock.ahead += 20
                before = second.count
                assert [await some.ask() for _ in range(10)] == [200] * 10
                assert second.count - before == 5
                await some.client.close()
                forward.close()
                await forward.wait_closed()


def relay(url: str) -> Any:
    """Passes a connection on to the server at `url`."""

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))

        async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(65536):
                sink.write(data)
            sink.close()

        await asyncio.gather(copy(reader, back), copy(there, writer))

    return pass_on


@pytest.mark.parametrize("engine", ["fast", "httpx"])
async def test_a_write_goes_on_where_nothing_was_sent_and_only_there(engine: Engine) -> None:
    good, broken = Route("ok"), Route(fault="reset")
    async with http_server({"*": good}) as url, http_server({"*": broken}) as bad:
        async with balanced(refused_url(), url, engine=engine) as some:
            assert {(await ask(some.client, method="POST", body=b"{}")).status_code for _ in range(6)} == {200}
        assert good.count == 6
        async with balanced(bad, url, engine=engine) as some:
            outcomes = await together([ask(some.client, f"/{number}", method="POST", body=b"{}") for number in range(8)])
        failures = sum(isinstance(outcome, Unavailable) for outcome in outcomes)
        sent = [request.target for request in (*good.received[6:], *broken.received)]
        assert (failures, len(sent), len(set(sent)), some.failovers) == (broken.count, 8, 8, 0)
        assert failures > 0


@pytest.mark.parametrize("engine", ["fast", "httpx"])
async def test_a_blackhole_takes_no_more_than_half_of_the_time(engine: Engine) -> None:
    with blackhole() as hole:
        async with http_server({"*": Route("ok")}) as url, balanced(hole, url, engine=engine) as some:
            started = time.monotonic()
            assert await some.ask(within=0.2) == 200
            assert 0.09 <= time.monotonic() - started < 0.19
            assert (some.states, some.failovers) == (["out", "in"], 1)
            assert {await some.ask(within=0.2) for _ in range(5)} == {200}
            assert some.failovers == 1


@pytest.mark.parametrize("engine", ["fast", "httpx"])
async def test_a_handshake_that_hangs_takes_no_more_than_half_of_the_time_either(engine: Engine) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with (
        scripted_server(silent) as hole,
        http_server({"*": Route("ok")}) as url,
        balanced(hole.replace("http://", "https://"), url, engine=engine) as some,
    ):
        started = time.monotonic()
        assert await some.ask(within=0.2) == 200
        assert 0.09 <= time.monotonic() - started < 0.19


@pytest.mark.parametrize("engine", ["fast", "httpx"])
async def test_a_single_server_has_all_the_time_to_be_connected_to(engine: Engine) -> None:
    with blackhole() as hole:
        started = time.monotonic()
        some = client(HttpSettings((hole,), engine=engine))
        await failing(some, Timeout, hole, within=0.05)
        assert time.monotonic() - started >= 0.045
        await some.close()


async def test_where_all_are_dead_each_is_asked_once() -> None:
    urls = [refused_url() for _ in range(3)]
    async with balanced(*urls) as some:
        for failovers in (2, 4, 6):
            await failing(some.client, Unavailable, urls[0])
            assert some.failovers == failovers


@pytest.mark.parametrize("broken", [Route("bad", status=503), Route(fault="garbage"), Route(fault="reset")], ids=str)
async def test_failures_in_a_row_leave_a_server_out(broken: Route) -> None:
    broken.received.clear()
    async with http_server({"*": broken}) as bad, http_server({"*": Route("ok")}) as url, balanced(bad, url) as some:
        outcomes = await together([some.ask() for _ in range(6)])
        assert (some.states, broken.count, outcomes.count(200)) == (["out", "in"], 3, 3)
        assert {await some.ask() for _ in range(10)} == {200}
        some.clock.ahead += 1.1
        await together([some.ask()])
        assert broken.count == 4


async def test_answers_that_are_no_failures_leave_none_out() -> None:
    for route, fields in (
        (Route("no", status=404), {}),
        (Route("no", status=429), {}),
        (Route("meant", status=500), {"errors_meant": True}),
    ):
        async with http_server({"*": route}) as first, http_server({"*": route}) as second, balanced(first, second) as some:
            assert {await some.ask(**fields) for _ in range(10)} == {route.status}
            assert some.states == ["in", "in"]


async def test_what_cant_be_sent_and_a_full_queue_say_nothing_about_a_server() -> None:
    silent = Route(fault="silent")
    async with http_server({"*": silent}) as url, balanced(url, url, connections=1, waiting=0) as some:
        for _ in range(6):
            with pytest.raises(InvalidRequest):
                await some.ask("no slash")
        waiting = [asyncio.ensure_future(some.ask()) for _ in range(2)]
        await until(lambda: silent.count == 2)
        for _ in range(6):
            with pytest.raises(Overloaded):
                await some.ask()
        assert [(server.state, server.in_flight) for server in some.client.servers()] == [("in", 1), ("in", 1)]
        for call in waiting:
            call.cancel()
        await together(waiting)


@pytest.mark.parametrize("outside", [False, True])
async def test_silence_until_the_deadline_counts_whoever_sets_it(outside: bool) -> None:
    async def late(some: Balanced) -> None:
        async with asyncio.timeout(0.0995 if outside else None):
            await some.ask(within=0.1)

    async with http_server({"*": Route(fault="silent")}) as bad, http_server({"*": Route("ok")}) as url, balanced(bad, url) as some:
        outcomes = await together([late(some) for _ in range(6)])
        late_ones = [outcome for outcome in outcomes if outcome is not None]
        assert len(late_ones) == 3
        assert all(isinstance(outcome, Timeout | TimeoutError) for outcome in late_ones)
        assert some.states == ["out", "in"]


@pytest.mark.parametrize("outside", [False, True])
async def test_callers_in_a_hurry_leave_no_server_out(outside: bool) -> None:
    async def late(some: Balanced) -> None:
        async with asyncio.timeout(0.0495 if outside else None):
            await some.ask(within=0.05, fair=0.1)

    async with http_server({"*": Route(fault="silent")}) as bad, http_server({"*": Route("ok")}) as url, balanced(bad, url) as some:
        outcomes = await together([late(some) for _ in range(10)])
        assert sum(isinstance(outcome, Timeout | TimeoutError) for outcome in outcomes) == 5
        assert some.states == ["in", "in"]


async def test_cancelled_calls_leave_no_trace() -> None:
    routes = {"/silent": Route(fault="silent"), "/soon": Route("ok", delay=0.002), "/ok": Route("ok")}
    async with (
        http_server(routes) as first,
        http_server(routes) as second,
        balanced(first, second, refused_url(), connections=20, waiting=500) as some,
    ):
        for storm in range(12):
            calls = [asyncio.ensure_future(some.ask(("/silent", "/soon", "/ok")[number % 3])) for number in range(60)]
            await asyncio.sleep(0.0007 * storm)
            for call in calls:
                call.cancel()
            await together(calls)
        assert [server.in_flight for server in some.client.servers()] == [0, 0, 0]
        assert some.states == ["in", "in", "out"]
        assert some.client.stats().waiting == 0
        crowd = [asyncio.ensure_future(some.ask("/silent")) for _ in range(40)]
        await until(lambda: [server.in_flight for server in some.client.servers()] == [20, 20, 0])
        for call in crowd:
            call.cancel()
        await together(crowd)
        assert set(await asyncio.gather(*(some.ask("/ok") for _ in range(60)))) == {200}


async def test_a_cancelled_probe_makes_room_for_the_next() -> None:
    route = Route("ok", status=500)
    async with http_server({"*": route}) as bad, http_server({"*": Route("ok")}) as url, balanced(bad, url) as some:
        await together([some.ask() for _ in range(6)])
        some.clock.ahead += 1.1
        route.fault, seen = "silent", route.count
        probe = asyncio.ensure_future(some.ask())
        await until(lambda: route.count == seen + 1)
        assert (some.states, {await some.ask() for _ in range(5)}) == (["probing", "in"], {200})
        probe.cancel()
        await together([probe])
        route.fault, route.status = None, 200
        assert (await some.ask(), some.states) == (200, ["in", "in"])


async def test_another_try_goes_to_another_server() -> None:
    first, second = Route("ok"), Route("ok")
    async with http_server({"*": first}) as one, http_server({"*": second}) as two, balanced(one, two) as some:
        for _ in range(5):
            tried: set[int] = set()
            await some.ask(tried=tried)
            assert len(tried) == 1
            await some.ask(tried=tried)
            assert tried == {0, 1}
            await some.ask(tried=tried)
        assert first.count + second.count == 15
        assert min(first.count, second.count) >= 5


async def test_weights_are_shares_of_the_calls() -> None:
    heavy, light = Route("ok"), Route("ok")
    async with http_server({"*": heavy}) as one, http_server({"*": light}) as two, balanced(one, two, weights=(3.0, 1.0)) as some:
        for _ in range(40):
            await some.ask()
    assert (heavy.count, light.count) == (30, 10)


async def test_a_slow_server_gets_fewer_calls() -> None:
    slow, quick = Route("ok", delay=0.03), Route("ok")
    async with http_server({"*": slow}) as one, http_server({"*": quick}) as two, balanced(one, two, balance="least_connections") as some:

        async def caller() -> None:
            for _ in range(20):
                await some.ask()

        await asyncio.gather(*(caller() for _ in range(4)))
    assert quick.count > 3 * slow.count


async def test_equal_keys_go_to_the_same_server() -> None:
    routes = [Route("ok"), Route("ok")]
    async with http_server({"*": routes[0]}) as one, http_server({"*": routes[1]}) as two, balanced(one, two, balance="ip_hash") as some:
        for number in range(60):
            await some.ask(f"/{number % 20}", affinity=str(number % 20).encode())
    seen = [{request.target for request in route.received} for route in routes]
    assert seen[0].isdisjoint(seen[1])
    assert len(seen[0] | seen[1]) == 20
    assert all(seen)


async def test_a_server_that_is_not_http_fails_as_one_alone_would() -> None:
    async with http_server({"*": Route(fault="garbage")}) as bad, balanced(bad, bad) as some:
        await failing(some.client, BadResponse, bad)
