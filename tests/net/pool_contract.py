"""What a pool of connections must hold under load, cancellation, deadlines and servers that close. Run for both engines."""

from __future__ import annotations

import asyncio
from collections import Counter

from gateway.sdk import Overloaded, Timeout, Unavailable
from gateway.testing import Route, http_server, read_request, render, scripted_server
from tests.net.contract import EngineContract, ask, failing, together, until


class Crowd:
    """A server that counts its connections and answers only when it is let."""

    def __init__(self) -> None:
        self.let = asyncio.Event()
        self.now = 0
        self.most = 0
        self.opened = 0
        self.asked = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            while await read_request(reader):
                self.asked += 1
                await self.let.wait()
                writer.write(render(200, b"ok"))
                await writer.drain()
        finally:
            self.now -= 1


class PoolContract(EngineContract):
    async def test_a_connection_is_kept_and_used_again(self) -> None:
        crowd = Crowd()
        crowd.let.set()
        async with scripted_server(crowd) as url, self.client(url) as client:
            for _ in range(3):
                await ask(client)
            assert (client.stats().open, client.stats().idle) == (1, 1)
        assert (crowd.opened, crowd.asked) == (1, 3)

    async def test_a_thousand_calls_at_once_share_a_hundred_connections(self) -> None:
        crowd = Crowd()
        async with scripted_server(crowd) as url, self.client(url, connections=100) as client:
            calls = [asyncio.ensure_future(ask(client)) for _ in range(1000)]
            await until(lambda: crowd.asked == 100)
            assert (client.stats().open, client.stats().waiting) == (100, 900)
            crowd.let.set()
            assert {answer.body for answer in await asyncio.gather(*calls)} == {b"ok"}
            assert (client.stats().open, client.stats().idle, client.stats().waiting) == (100, 100, 0)
        assert crowd.most == crowd.opened == 100

    async def test_who_comes_first_is_served_first(self) -> None:
        route = Route()
        async with http_server({"*": route}) as url, self.client(url, connections=1) as client:
            await asyncio.gather(*(ask(client, f"/{number}") for number in range(20)))
        assert [seen.target for seen in route.received] == [f"/{number}" for number in range(20)]

    async def test_a_full_queue_turns_away_at_once(self) -> None:
        crowd = Crowd()
        async with scripted_server(crowd) as url, self.client(url, connections=2, waiting=3) as client:
            calls = [asyncio.ensure_future(ask(client)) for _ in range(5)]
            await until(lambda: crowd.asked == 2 and client.stats().waiting == 3)
            await failing(client, Overloaded, url)
            crowd.let.set()
            assert {answer.status_code for answer in await asyncio.gather(*calls)} == {200}
            assert (await ask(client)).status_code == 200

    async def test_the_deadline_holds_while_waiting(self) -> None:
        crowd = Crowd()
        async with scripted_server(crowd) as url, self.client(url, connections=1) as client:
            first = asyncio.ensure_future(ask(client))
            await until(lambda: crowd.asked == 1)
            await failing(client, Timeout, url, within=0.03)
            assert client.stats().waiting == 0
            crowd.let.set()
            assert (await first).status_code == 200
        assert crowd.asked == 1

    async def test_two_thousand_cancelled_calls_leave_the_pool_fully_usable(self) -> None:
        routes = {
            "/silent": Route(fault="silent"),
            "/slow": Route(body=bytes(3000), fault="dripping"),
            "/soon": Route("ok", delay=0.002),
            "/ok": Route("ok"),
        }
        async with http_server(routes) as url, self.client(url, connections=50, waiting=2000) as client:
            for storm in range(20):
                targets = [("/silent", "/slow", "/soon", "/ok")[number % 4] for number in range(100)]
                calls = [asyncio.ensure_future(ask(client, target)) for target in targets]
                await asyncio.sleep(0.0007 * storm)
                for call in calls:
                    call.cancel()
                outcomes = Counter(type(outcome).__name__ for outcome in await together(calls))
                assert set(outcomes) <= {"CancelledError", "HttpResponse"}
            assert client.stats().waiting == 0
            answers = await asyncio.gather(*(ask(client, "/ok") for _ in range(200)))
            assert {answer.body for answer in answers} == {b'"ok"'}
            assert client.stats().open == client.stats().idle <= 50
            crowd = [asyncio.ensure_future(ask(client, "/silent")) for _ in range(51)]
            await until(lambda: client.stats().waiting == 1)
            for call in crowd:
                call.cancel()
            await together(crowd)

    async def test_a_cancelled_call_ends_its_connection(self) -> None:
        crowd = Crowd()
        async with scripted_server(crowd) as url, self.client(url) as client:
            call = asyncio.ensure_future(ask(client))
            await until(lambda: crowd.asked == 1)
            call.cancel()
            await together([call])
            await until(lambda: crowd.asked == 1 and client.stats().open == 0)

    async def test_a_stale_connection_is_replaced_for_idempotent_calls_only(self) -> None:
        asked: list[str] = []

        async def closes_on_second(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if first := await read_request(reader):
                asked.append(first.target)
                writer.write(render(200, b"ok"))
                if second := await read_request(reader):
                    asked.append(second.target)

        async with scripted_server(closes_on_second) as url, self.client(url) as client:
            await ask(client, "/1")
            assert (await ask(client, "/2", idempotent=True)).body == b"ok"
            assert asked == ["/1", "/2", "/2"]
            await failing(client, Unavailable, url, target="/3")
        assert asked == ["/1", "/2", "/2", "/3"]

    async def test_a_fresh_connection_that_breaks_is_not_tried_again(self) -> None:
        route = Route(fault="close")
        async with http_server({"*": route}) as url, self.client(url) as client:
            await failing(client, Unavailable, url, idempotent=True)
        assert route.count == 1

    async def test_a_resend_happens_once(self) -> None:
        route = Route("ok")
        async with http_server({"*": route}) as url, self.client(url) as client:
            await ask(client)
            route.fault = "close"
            await failing(client, Unavailable, url, idempotent=True)
        assert route.count == 3

    async def test_an_answer_that_had_begun_is_not_asked_for_again(self) -> None:
        route = Route("ok")
        async with http_server({"*": route}) as url, self.client(url) as client:
            await ask(client)
            route.fault, route.body = "reset_midway", bytes(1000)
            await failing(client, Unavailable, url, idempotent=True)
        assert route.count == 2

    async def test_connections_that_the_server_closes_while_idle_are_not_used(self) -> None:
        route = Route("ok")
        async with http_server({"*": route}, per_connection=2) as url, self.client(url) as client:
            for _ in range(2):
                for _ in range(2):
                    assert (await ask(client)).status_code == 200
                await asyncio.sleep(0.02)
        assert route.count == 4

    async def test_what_a_server_says_unasked_never_answers_a_request(self) -> None:
        said = asyncio.Event()

        async def talkative(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while await read_request(reader):
                writer.write(render(200, b"right"))
                await writer.drain()
                await asyncio.sleep(0.005)
                writer.write(render(200, b"forged"))
                await writer.drain()
                said.set()

        async with scripted_server(talkative) as url, self.client(url) as client:
            assert (await ask(client)).body == b"right"
            await said.wait()
            await asyncio.sleep(0.005)
            assert (await ask(client)).body == b"right"

    async def test_idle_connections_are_closed_after_a_while(self) -> None:
        crowd = Crowd()
        crowd.let.set()
        async with scripted_server(crowd) as url, self.client(url, idle=0.02) as client:
            await asyncio.gather(*(ask(client) for _ in range(3)))
            await asyncio.sleep(0.05)
            await ask(client)
            assert client.stats().open == 1
        assert crowd.opened == 4

    async def test_close_fails_what_is_in_progress_and_what_comes_later(self) -> None:
        crowd = Crowd()
        async with scripted_server(crowd) as url, self.client(url, connections=2) as client:
            calls = [asyncio.ensure_future(ask(client)) for _ in range(4)]
            await until(lambda: crowd.asked == 2)
            await client.close()
            assert [type(outcome) for outcome in await together(calls)] == [Unavailable] * 4
            await failing(client, Unavailable, url)
            assert client.stats().open == 0
