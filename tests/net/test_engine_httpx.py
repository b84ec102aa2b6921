"""The engine `httpx` under the contract, and HTTP/2, which it is there for."""

from __future__ import annotations

import asyncio

from gateway.sdk import BackendFailure, Timeout
from tests.net.answers_contract import AnswersContract
from tests.net.certificates import Authority
from tests.net.contract import EngineContract, ask, failing, together, until
from tests.net.http2_server import http2_server
from tests.net.pool_contract import PoolContract
from tests.net.tls_contract import TlsContract


class TestAnswers(AnswersContract):
    engine = "httpx"


class TestPool(PoolContract):
    engine = "httpx"


class TestTls(TlsContract):
    engine = "httpx"


class TestHttp2(EngineContract):
    engine = "httpx"

    async def test_many_calls_share_one_connection(self, authority: Authority) -> None:
        async with http2_server(authority.server("127.0.0.1")) as (url, server), self.client(url, authority.tls) as client:
            answers = [await ask(client, "/first"), *await asyncio.gather(*(ask(client, f"/{number}") for number in range(50)))]
            assert [answer.body for answer in answers] == [b"/first", *(f"/{number}".encode() for number in range(50))]
            assert answers[0].headers["x-kind"] == "h2"
        assert server.connections == 1

    async def test_cancelled_and_late_streams_leave_the_connection_usable(self, authority: Authority) -> None:
        async with http2_server(authority.server("127.0.0.1")) as (url, server), self.client(url, authority.tls) as client:
            await ask(client, "/first")
            calls = [asyncio.ensure_future(ask(client, "/silent")) for _ in range(50)]
            await until(lambda: server.silent == 50)
            for call in calls:
                call.cancel()
            await together(calls)
            await failing(client, Timeout, url, target="/silent", within=0.03)
            assert {(await ask(client, "/ok")).body for _ in range(3)} == {b"/ok"}

    async def test_a_connection_that_ends_in_mid_answer_is_a_failure(self, authority: Authority) -> None:
        async with http2_server(authority.server("127.0.0.1")) as (url, _), self.client(url, authority.tls) as client:
            (outcome,) = await together([ask(client, "/break")])
            assert isinstance(outcome, BackendFailure)
            assert (await ask(client, "/ok")).body == b"/ok"
