"""The engine `fast` under the contract, on asyncio's loop and on uvloop, and what it holds beyond the contract."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.net import engine_fast
from gateway.net.dial import dial
from gateway.sdk import Unavailable
from gateway.testing import Route, http_server, read_request, render, scripted_server
from tests.net.answers_contract import AnswersContract
from tests.net.contract import ask, failing, lines, together
from tests.net.pool_contract import PoolContract
from tests.net.tls_contract import TlsContract


@pytest.fixture
def slow_to_return(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time passes between the moment a connection is made and the moment it is used."""

    async def slowly(*details: Any) -> Any:
        made = await dial(*details)
        await asyncio.sleep(0.02)
        return made

    monkeypatch.setattr(engine_fast, "dial", slowly)


class TestAnswers(AnswersContract):
    engine = "fast"
    on_both_loops = True


class TestPool(PoolContract):
    engine = "fast"
    on_both_loops = True

    @pytest.mark.parametrize("surplus", [lines("200 OK", "content-length: 6") + b"forged", b"forged", b"H"])
    async def test_what_follows_an_answer_never_answers_the_next_request(self, surplus: bytes) -> None:
        async def talkative(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while await read_request(reader):
                writer.write(render(200, b"right") + surplus)
                await writer.drain()

        async with scripted_server(talkative) as url, self.client(url) as client:
            for _ in range(3):
                assert (await ask(client, idempotent=True)).body == b"right"

    async def test_an_early_answer_to_a_body_that_is_still_being_sent_is_taken(self) -> None:
        async def impatient(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(render(413, b"too large"))
            await writer.drain()
            await asyncio.Event().wait()

        async with scripted_server(impatient) as url, self.client(url) as client:
            answer = await ask(client, method="POST", body=bytes(20_000_000))
            assert answer.status_code == 413
            assert client.stats().idle == 0

    async def test_a_connection_that_is_gone_before_it_is_used_is_unavailable(self, slow_to_return: None) -> None:
        async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close()

        async with scripted_server(closing) as url, self.client(url) as client:
            await failing(client, Unavailable, url)
            assert client.stats().open == 0

    async def test_a_client_that_is_closed_while_it_connects_keeps_no_connection(self, slow_to_return: None) -> None:
        async with http_server({"*": Route("ok")}) as url, self.client(url) as client:
            call = asyncio.ensure_future(ask(client))
            await asyncio.sleep(0.005)
            await client.close()
            assert [type(outcome) for outcome in await together([call])] == [Unavailable]
            assert client.stats().open == 0


class TestTls(TlsContract):
    engine = "fast"
    on_both_loops = True
