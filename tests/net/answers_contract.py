"""Good answers of every form, and every way in which an answer can be wrong. Run for both engines."""

from __future__ import annotations

import asyncio
import gzip
import time
import tracemalloc
import zlib
from typing import Any

import pytest

from gateway.sdk import BadResponse, InvalidRequest, Timeout, Unavailable
from gateway.testing import Fault, Route, http_server, read_request, refused_url, render, scripted_server
from gateway.testing.servers import MIB, drip, gzip_bomb
from tests.net.contract import EngineContract, ask, failing, lines

JSON = b'{"id":1007}'


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKED = {
    "gzip": ("gzip", gzip.compress(JSON)),
    "x-gzip": ("X-GZip", gzip.compress(JSON)),
    "gzip in two members": ("gzip", gzip.compress(JSON[:4]) + gzip.compress(JSON[4:])),
    "deflate": ("deflate", zlib.compress(JSON)),
    "raw deflate": ("deflate", raw_deflate(JSON)),
    "identity": ("identity", JSON),
}

GOOD = {
    "content-length": lines("200 OK", "content-length: 11") + JSON,
    "chunked with trailer": lines("200 OK", "transfer-encoding: chunked") + b'5;x=y\r\n{"id"\r\n6\r\n:1007}\r\n0\r\nx-sum: 1\r\n\r\n',
    "until close": lines("200 OK", "x: y") + JSON,
    "HTTP/1.0": lines("200 OK", "x: y").replace(b"HTTP/1.1", b"HTTP/1.0") + JSON,
    "after interim answers": lines("100 Continue") + lines("103 Early Hints", "link: </a>") + lines("200 OK", "content-length: 11") + JSON,
    "connection: close": lines("200 OK", "connection: close", "content-length: 11") + JSON,
}

BAD = {
    "garbage": b"\x16\x03\x01\x00 hello\r\n\r\n",
    "a request": b"GET / HTTP/1.1\r\n\r\n",
    "truncated content-length": lines("200 OK", "content-length: 12") + JSON,
    "truncated chunk": lines("200 OK", "transfer-encoding: chunked") + b'5\r\n{"id"\r\n6\r\n:10',
    "missing last chunk": lines("200 OK", "transfer-encoding: chunked") + b'5\r\n{"id"\r\n',
    "bad chunk size": lines("200 OK", "transfer-encoding: chunked") + b"zz\r\nhello\r\n0\r\n\r\n",
    "conflicting content-length": lines("200 OK", "content-length: 3", "content-length: 5") + b"hello",
    "negative content-length": lines("200 OK", "content-length: -1") + b"hello",
    "huge content-length": lines("200 OK", "content-length: " + "9" * 30) + b"hello",
    "packed in a way not asked for": lines("200 OK", "content-encoding: br", "content-length: 5") + b"hello",
    "packed twice": lines("200 OK", "content-encoding: gzip, gzip", "content-length: 5") + b"hello",
    "not gzip": lines("200 OK", "content-encoding: gzip", "content-length: 5") + b"hello",
    "half of a gzip": lines("200 OK", "content-encoding: gzip", "content-length: 20") + gzip.compress(JSON)[:20],
    "one byte of deflate": lines("200 OK", "content-encoding: deflate", "content-length: 1") + b"x",
    "unasked transfer coding": lines("200 OK", "transfer-encoding: gzip") + b"hello",
    "too many headers": lines("200 OK", *(f"x-{n}: y" for n in range(300)), "content-length: 0"),
    "too large a header": lines("200 OK", "x: " + "y" * 200_000, "content-length: 0"),
    "an upgrade nobody asked for": lines("101 Switching", "upgrade: x", "connection: upgrade") + b"hello",
    "NUL in a header": lines("200 OK", "x: a\0b", "content-length: 0"),
}


class AnswersContract(EngineContract):
    async def test_sends_what_it_is_given(self) -> None:
        route = Route(JSON.decode())
        async with http_server({"*": route}) as url, self.client(url + "/base/v2/") as client:
            await ask(
                client, "/items/a%2Fb?q=%20x&q=..%2F", method="PATCH", body=b"hello", headers=(("X-Kind", "caf\xe9 \t;=,"), ("X-Kind", "b"))
            )
        seen = route.received[0]
        assert (seen.method, seen.target, seen.body) == ("PATCH", "/base/v2/items/a%2Fb?q=%20x&q=..%2F", b"hello")
        assert seen.headers["host"] == url.removeprefix("http://")
        assert seen.headers["accept-encoding"] == "gzip, deflate"
        assert seen.headers["content-length"] == "5"
        assert seen.headers["x-kind"] == "b"
        assert not {"connection", "transfer-encoding", "cookie", "user-agent"} & seen.headers.keys()

    async def test_dot_segments_and_empty_segments_are_sent_as_written(self) -> None:
        route = Route()
        async with http_server({"*": route}) as url, self.client(url) as client:
            await ask(client, "/a/../b//c/./d?x=/../y")
        assert route.received[0].target == "/a/../b//c/./d?x=/../y"

    @pytest.mark.parametrize(
        ("method", "body", "length"), [("GET", None, None), ("DELETE", None, None), ("POST", None, "0"), ("PUT", b"", "0")]
    )
    async def test_a_content_length_is_sent_where_a_body_belongs(self, method: str, body: bytes | None, length: str | None) -> None:
        route = Route()
        async with http_server({"*": route}) as url, self.client(url) as client:
            await ask(client, method=method, body=body)
        assert route.received[0].headers.get("content-length") == length

    async def test_host_and_accept_encoding_may_be_given(self) -> None:
        route = Route()
        async with http_server({"*": route}) as url, self.client(url) as client:
            await ask(client, headers=(("Host", "shop.example"), ("Accept-Encoding", "identity")))
        assert (route.received[0].headers["host"], route.received[0].headers["accept-encoding"]) == ("shop.example", "identity")

    @pytest.mark.parametrize(
        "wrong",
        [
            {"headers": (("x", "a\r\nb: c"),)},
            {"headers": (("x", "a\nb"),)},
            {"headers": (("x", "a\0"),)},
            {"headers": (("x", "\u20ac"),)},
            {"headers": (("x\r\ny", "a"),)},
            {"headers": (("x: y", "a"),)},
            {"headers": (("", "a"),)},
            {"headers": (("Content-Length", "3"),)},
            {"headers": (("transfer-encoding", "chunked"),)},
            {"headers": (("host", "a"), ("Host", "b"))},
            {"target": "/a\r\nb"},
            {"target": "/a b"},
            {"target": "/caf\xe9"},
            {"target": "/a#b"},
            {"target": "//other.example:1@"[2:]},
            {"target": ""},
            {"method": "GET / HTTP/1.1\r\n"},
            {"method": "CONNECT"},
        ],
        ids=repr,
    )
    async def test_what_could_become_another_request_is_refused(self, wrong: dict[str, Any]) -> None:
        route = Route()
        async with http_server({"*": route}) as url, self.client(url) as client:
            with pytest.raises(InvalidRequest):
                await ask(client, **wrong)
        assert route.count == 0

    async def test_header_names_are_lower_case_and_repeated_ones_joined(self) -> None:
        async with self.scripted(
            lines("200 OK", "X-A: 1", "Set-Cookie: a=b", "x-a:  2 ", "set-cookie: c=d", "Content-Length: 0")
        ) as client:
            answer = await ask(client)
        assert answer.headers == {"x-a": "1, 2", "set-cookie": "a=b, c=d", "content-length": "0"}

    async def test_cookies_are_not_kept_and_redirects_not_followed(self) -> None:
        route = Route(status=302, headers={"location": "/other", "set-cookie": "session=secret"})
        async with http_server({"*": route}) as url, self.client(url) as client:
            assert [(await ask(client)).status_code for _ in range(2)] == [302, 302]
        assert [(seen.target, "cookie" in seen.headers) for seen in route.received] == [("/", False)] * 2

    @pytest.mark.parametrize("form", GOOD)
    async def test_an_answer_of_every_form_is_read(self, form: str) -> None:
        async with self.scripted(GOOD[form]) as client:
            answer = await ask(client)
        assert (answer.status_code, answer.body) == (200, JSON)

    @pytest.mark.parametrize("form", GOOD)
    async def test_an_answer_in_single_bytes_is_read_too(self, form: str) -> None:
        async def slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await read_request(reader)
            await drip(writer, GOOD[form], seconds=0)

        async with scripted_server(slowly) as url, self.client(url) as client:
            answer = await ask(client)
        assert (answer.status_code, answer.body) == (200, JSON)

    @pytest.mark.parametrize("packing", PACKED)
    async def test_a_packed_body_is_unpacked(self, packing: str) -> None:
        encoding, body = PACKED[packing]
        async with http_server({"*": Route(body=body, headers={"Content-Encoding": encoding})}) as url, self.client(url) as client:
            answer = await ask(client)
        assert answer.body == JSON
        assert answer.headers == {}

    @pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
    async def test_an_answer_without_a_body_has_none_whatever_its_headers_say(self, status: str) -> None:
        async with self.scripted(lines(status, "content-length: 5", "content-encoding: gzip") + b"hello") as client:
            answer = await ask(client)
        assert (answer.status_code, answer.body) == (int(status[:3]), b"")

    async def test_an_answer_to_head_has_no_body(self) -> None:
        route = Route(body=JSON, headers={"content-encoding": "gzip"})
        async with http_server({"*": route}) as url, self.client(url) as client:
            answers = [await ask(client, method="HEAD", max_body=5) for _ in range(2)]
        assert [(answer.status_code, answer.body, answer.headers["content-length"]) for answer in answers] == [(200, b"", "11")] * 2

    @pytest.mark.parametrize("form", BAD)
    async def test_a_bad_answer_is_a_bad_response(self, form: str) -> None:
        async with self.scripted(BAD[form]) as client:
            await failing(client, BadResponse)
            assert client.stats().idle == 0

    @pytest.mark.parametrize("size", [0, 1, 100_000])
    async def test_the_size_limit_is_exact(self, size: int) -> None:
        routes = {"/plain": Route(body=bytes(size)), "/gzip": Route(body=gzip.compress(bytes(size)), headers={"content-encoding": "gzip"})}
        async with http_server(routes) as url, self.client(url) as client:
            assert len((await ask(client, "/plain", max_body=size)).body) == size
            await failing(client, BadResponse, url, target="/plain", max_body=size - 1)
            wide_enough = max(size, len(routes["/gzip"].body or b""))
            assert len((await ask(client, "/gzip", max_body=wide_enough)).body) == size

    async def test_endless_answers_end_at_the_size_limit(self) -> None:
        async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await read_request(reader)
            writer.write(lines("200 OK", "transfer-encoding: chunked"))
            while True:
                writer.write(b"1000\r\n" + bytes(0x1000) + b"\r\n")
                await writer.drain()

        async with scripted_server(endless) as url, self.client(url) as client:
            await failing(client, BadResponse, url, max_body=MIB)

    async def test_an_endless_head_ends_at_its_limit(self) -> None:
        async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await read_request(reader)
            writer.write(b"HTTP/1.1 200 OK\r\nx: ")
            while True:
                writer.write(b"y" * 4096)
                await writer.drain()

        async with scripted_server(endless) as url, self.client(url) as client:
            await failing(client, BadResponse, url)

    async def test_memory_stays_flat_under_a_gzip_bomb(self) -> None:
        gzip_bomb()
        async with http_server({"*": Route(fault="bomb")}) as url, self.client(url) as client:
            tracemalloc.start()
            try:
                await failing(client, BadResponse, url)
                _, peak = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
        assert peak < 40 * MIB

    @pytest.mark.parametrize("fault", ["close", "reset", "reset_midway"])
    async def test_a_broken_connection_is_unavailable(self, fault: Fault) -> None:
        async with http_server({"*": Route(body=bytes(1000), fault=fault)}) as url, self.client(url) as client:
            await failing(client, Unavailable, url)
            assert client.stats().open == 0

    async def test_a_refused_connection_is_unavailable(self) -> None:
        url = refused_url()
        async with self.client(url) as client:
            await failing(client, Unavailable, url)

    async def test_a_name_that_does_not_resolve_is_unavailable(self) -> None:
        async with self.client("http://nowhere.invalid") as client:
            await failing(client, Unavailable, "http://nowhere.invalid")

    @pytest.mark.parametrize("fault", ["silent", "dripping"])
    async def test_the_deadline_holds_whatever_the_server_does(self, fault: Fault) -> None:
        async with http_server({"*": Route(body=bytes(10_000), fault=fault)}) as url, self.client(url) as client:
            started = time.monotonic()
            await failing(client, Timeout, url, within=0.15)
            assert 0.14 < time.monotonic() - started < 1.0
            assert client.stats().idle == 0

    async def test_the_deadline_holds_while_sending(self) -> None:
        async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            await asyncio.Event().wait()

        async with scripted_server(deaf) as url, self.client(url) as client:
            await failing(client, Timeout, url, within=0.1, method="POST", body=bytes(20 * MIB))

    async def test_a_deadline_that_passed_sends_nothing(self) -> None:
        route = Route()
        async with http_server({"*": route}) as url, self.client(url) as client:
            await failing(client, Timeout, url, within=-1)
        assert route.count == 0

    async def test_large_bodies_go_both_ways(self) -> None:
        big = bytes(range(256)) * 8192

        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while request := await read_request(reader):
                writer.write(render(200, request.body))
                await writer.drain()

        async with scripted_server(echo) as url, self.client(url) as client:
            for body in (big, b"small", big):
                assert (await ask(client, method="POST", body=body)).body == body
            assert client.stats().open == 1
