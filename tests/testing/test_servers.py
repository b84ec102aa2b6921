"""The test servers themselves, spoken to over plain sockets."""

from __future__ import annotations

import asyncio
import gzip
from urllib.parse import urlsplit

import pytest

from gateway.testing import Fault, Route, http_server, read_request, refused_url, render, scripted_server
from gateway.testing.servers import MIB, gzip_bomb

GET = b"GET /item?x=1 HTTP/1.1\r\nHost: test\r\n\r\n"


async def connect(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(url)
    return await asyncio.open_connection(parts.hostname, parts.port)


async def ask(url: str, *requests: bytes) -> bytes:
    """All that the server sends until it closes."""
    reader, writer = await connect(url)
    writer.write(b"".join(requests))
    writer.write_eof()
    try:
        return await reader.read()
    finally:
        writer.transport.abort()


async def test_a_route_answers_json_and_keeps_what_it_received() -> None:
    route = Route({"id": 7}, headers={"x-kind": "test"})
    async with http_server({"GET /item": route}) as url:
        answer = await ask(url, GET)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"x-kind: test" in head
    assert body == b'{"id":7}'
    assert route.count == 1
    assert (route.received[0].path, route.received[0].target) == ("/item", "/item?x=1")


async def test_a_route_may_compute_its_answer_from_the_request() -> None:
    post = b'POST /echo HTTP/1.1\r\nhost: t\r\nContent-Length: 8\r\n\r\n{"a": 1}'
    async with http_server({"/echo": Route(lambda request: [request.method, request.json()])}) as url:
        assert (await ask(url, post)).endswith(b'["POST",{"a":1}]')


async def test_unknown_routes_are_404_unless_there_is_a_catch_all() -> None:
    async with http_server({"POST /item": Route()}) as url:
        assert (await ask(url, GET)).startswith(b"HTTP/1.1 404 ")
    async with http_server({"*": Route(status=503)}) as url:
        assert (await ask(url, GET)).startswith(b"HTTP/1.1 503 ")


async def test_a_connection_is_kept_until_its_number_of_answers_is_reached() -> None:
    async with http_server({"*": Route(1)}, per_connection=2) as url:
        assert (await ask(url, GET, GET, GET)).count(b"HTTP/1.1 200") == 2


@pytest.mark.parametrize(
    ("fault", "seen"),
    [("close", b""), ("garbage", b"\x16\x03\x01 this is not HTTP\r\n\r\n"), ("truncated", render(200, b"0123456789")[:-5])],
)
async def test_faults_that_end_the_connection(fault: Fault, seen: bytes) -> None:
    async with http_server({"*": Route(body=b"0123456789", fault=fault)}) as url:
        assert await ask(url, GET) == seen


@pytest.mark.parametrize("fault", ["reset", "reset_midway"])
async def test_resets_are_resets(fault: Fault) -> None:
    async with http_server({"*": Route(body=b"0123456789", fault=fault)}) as url:
        with pytest.raises(ConnectionResetError):
            await ask(url, GET)


@pytest.mark.parametrize("fault", ["silent", "dripping"])
async def test_faults_that_take_for_ever_end_with_the_server(fault: Fault) -> None:
    async with http_server({"*": Route(body=bytes(10_000), fault=fault)}) as url:
        reader, writer = await connect(url)
        writer.write(GET)
        first = asyncio.ensure_future(reader.read(1))
        done, _ = await asyncio.wait({first}, timeout=0.03)
        assert bool(done) == (fault == "dripping")
    assert b"".join([await first, await reader.read()]) in {b"", *(render(200, bytes(10_000))[:n] for n in range(100))}
    writer.transport.abort()


def test_a_gzip_bomb_is_valid_gzip() -> None:
    assert gzip.decompress(gzip_bomb(2 * MIB)) == bytes(2 * MIB)


async def test_a_refused_url_refuses() -> None:
    with pytest.raises(ConnectionRefusedError):
        await connect(refused_url())


async def test_a_scripted_server_raises_its_handlers_failure_at_the_end() -> None:
    async def broken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        raise AssertionError("the request was wrong")

    with pytest.raises(AssertionError, match="the request was wrong"):
        async with scripted_server(broken) as url:
            assert await ask(url, GET) == b""


async def test_requests_that_are_none_end_the_connection() -> None:
    seen = []

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read_request(reader))

    async with scripted_server(once) as url:
        for wrong in (
            b"",
            b"hello\r\n\r\n",
            b"GET / HTTP/1.1\r\ncontent-length: x\r\n\r\n",
            b"GET / HTTP/1.1\r\ncontent-length: 5\r\n\r\nab",
        ):
            assert await ask(url, wrong) == b""
    assert seen == [None] * 4
