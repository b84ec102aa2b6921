"""What comes before the application sees anything: late, endless and garbled heads."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from contextlib import suppress

import msgspec
import pytest

from gateway.sdk import Answer, Exchange
from gateway.server import arrival, listen, protocol
from gateway.server.application import Application
from tests.server.connections import Address, bare, chat, connected, status
from tests.server.gateways import KEY, make_plan


async def closing_problem(reader: asyncio.StreamReader) -> tuple[int, str]:
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    assert b"connection: close" in head
    problem = msgspec.json.decode(body)
    assert int(head.split()[1]) == problem["status"]
    return problem["status"], problem["code"]


@pytest.mark.parametrize("sent", [b"", b"POST /v1/chat HTTP/1.1\r\nHost: x\r\nX-A: "])
async def test_a_head_that_does_not_come_is_given_up(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "PATIENCE", 0.03)
    async with bare(Application(make_plan())) as address, connected(address) as (reader, writer):
        writer.write(sent)
        assert await closing_problem(reader) == (408, "invalid_request")


async def test_a_head_that_drips_gets_no_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "PATIENCE", 0.05)
    async with bare(Application(make_plan())) as address, connected(address) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\n")

        async def drip() -> None:
            while True:
                writer.write(b"X-A: 1\r\n")
                await asyncio.sleep(0.01)

        dripping = asyncio.create_task(drip())
        assert await asyncio.wait_for(closing_problem(reader), 1) == (408, "invalid_request")
        dripping.cancel()


@pytest.mark.parametrize("line", [b"X-A: 1\r\n", b"x" * 1000])
async def test_an_endless_head_is_cut_off(line: bytes) -> None:
    async with bare(Application(make_plan())) as address, connected(address) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nX-B: 1")
        sent = 0
        try:
            while not reader.at_eof() and sent < 100_000_000:
                writer.write(line * 50)
                sent += 50 * len(line)
                await writer.drain()
                await asyncio.sleep(0)
        except ConnectionError:
            pass
        assert sent < 50_000_000


async def test_a_head_that_is_a_bit_too_large_is_told_so() -> None:
    async with bare(Application(make_plan())) as address, connected(address) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"x" * 40_000)
        assert await closing_problem(reader) == (431, "too_large")


async def test_what_is_no_http_is_a_problem_too() -> None:
    async with bare(Application(make_plan())) as address, connected(address) as (reader, writer):
        writer.write(b"\x16\x03\x01 hello\r\n\r\n")
        assert await closing_problem(reader) == (400, "invalid_request")


async def test_an_idle_connection_has_all_the_time_between_two_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "PATIENCE", 0.03)
    async with bare(Application(make_plan())) as address, connected(address) as (reader, writer):
        for _ in range(2):
            writer.write(chat())
            assert await status(reader) == 200
            await asyncio.sleep(0.04)


async def test_large_bodies_and_pipelined_requests_are_no_heads() -> None:
    async with bare(Application(make_plan())) as address, connected(address) as (reader, writer):
        whole = chat()
        head, _, body = whole.partition(b"\r\n\r\n")
        large = body + b" " * 500_000
        head = head.replace(b"Content-Length: %d" % len(body), b"Content-Length: %d" % len(large))
        writer.write(head + b"\r\n\r\n" + large + whole)
        assert [await status(reader), await status(reader)] == [200, 200]


HOSTILE = [
    b"garbage\r\n\r\n",
    b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /v1/chat HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
    b"POST /v1/chat HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    b"POST /v1/chat HTTP/1.1\r\nHost: x\r\nHost: y\r\nContent-Length: 2\r\n\r\n{}",
    b"GET /v1/intents HTTP/1.1\r\n\r\n",
]


async def test_hostile_bytes_are_a_400_and_cost_nobody_else_anything() -> None:
    async with bare(Application(make_plan())) as address:
        for sent in [*HOSTILE, chat()]:
            async with connected(address) as (reader, writer):
                writer.write(sent)
                assert await status(reader) == (400 if sent in HOSTILE else 200), sent


async def test_fields_behind_a_body_are_no_headers() -> None:
    async with bare(Application(make_plan())) as address:
        for trailer in (b"X-API-Key: nobodys-key\r\n", b"Authorization: Bearer x\r\n", b"X-A: 1\r\n" * 5000):
            async with connected(address) as (reader, writer):
                head, _, body = chat().partition(b"\r\n\r\n")
                head = head.replace(b"Content-Length: %d" % len(body), b"Transfer-Encoding: chunked")
                writer.write(head + b"\r\n\r\n%x\r\n%s\r\n0\r\n%s\r\n" % (len(body), body, trailer))
                assert await status(reader) == 200


@pytest.mark.parametrize(
    ("target", "hosts", "told"),
    [
        (b"/v1/chat", [b"acme.example"], "acme.example"),
        (b"http://zeta.example/v1/chat", [b"acme.example"], "zeta.example"),
        (b"HTTPS://Zeta.Example:8443/v1/chat", [b"acme.example"], "zeta.example"),
        (b"http://zeta.example/v1/chat", [b"zeta.example"], "zeta.example"),
        (b"http://acme.example@zeta.example/v1/chat", [b"acme.example"], 400),
        (b"http://zeta.example/v1/chat", [], 400),
        (b"http://zeta.example/v1/chat", [b"zeta.example", b"acme.example"], 400),
        (b"//zeta.example/v1/chat", [b"acme.example"], 400),
    ],
)
async def test_the_host_of_a_target_in_absolute_form_is_the_one_that_counts(target: bytes, hosts: list[bytes], told: str | int) -> None:
    plan = make_plan({"track_order": lambda exchange: Answer("complete", data=exchange.host)})
    fields = b"".join(b"Host: %s\r\n" % host for host in hosts)
    body = b'{"intent": "track_order"}'
    head = b"POST %s HTTP/1.1\r\n%sX-API-Key: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
    async with bare(Application(plan)) as address, connected(address) as (reader, writer):
        writer.write(head % (target, fields, KEY.encode(), len(body)) + body)
        start, _, answered = (await reader.read()).partition(b"\r\n\r\n")
    answer = msgspec.json.decode(answered)
    assert (answer["data"] if int(start.split()[1]) == 200 else answer["status"]) == told


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        pytest.param(b"GET /" + b"a" * 65_536 + b" HTTP/1.1\r\nHost: x\r\n\r\n", (414, "too_large"), id="a long address"),
        pytest.param(b"GET /a?b=" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", (414, "too_large"), id="a long query"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 200 + b"\r\n", (431, "too_large"), id="many headers"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\n" + b":\r\n" * 5_000, (400, "invalid_request"), id="headers without names"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\nA:" + b"\t" * 65_536, (431, "too_large"), id="an endless blank"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", (400, "invalid_request"), id="a folded line"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n", (400, "invalid_request"), id="a space before the colon"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\nA: \x00\r\n\r\n", (400, "invalid_request"), id="a zero byte"),
        pytest.param(b"GET / HTTP/1.1\nHost: x\n\n", (400, "invalid_request"), id="bare line feeds"),
        pytest.param(b"GET / HTTP/3.1\r\nHost: x\r\n\r\n", (400, "invalid_request"), id="another version"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, "invalid_request"), id="HTTP/2 by prior knowledge"),
        pytest.param(b"CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n", (400, "invalid_request"), id="a tunnel"),
        pytest.param(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", (400, "invalid_request"), id="a coding without end"),
        pytest.param(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\na", (400, "invalid_request"), id="a length with a sign"),
    ],
)
async def test_what_could_mean_two_things_or_is_too_much_is_refused(sent: bytes, told: tuple[int, str]) -> None:
    async with bare(Application(make_plan())) as address, connected(address) as (reader, writer):
        writer.write(sent)
        assert await closing_problem(reader) == told


async def problems_of(reader: asyncio.StreamReader) -> list[int]:
    told = []
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            told.append(await status(reader))
    return told


async def test_who_asks_for_another_protocol_is_answered_in_this_one() -> None:
    async with bare(Application(make_plan())) as address:
        for upgrade in (b"h2c", b"websocket", b"TLS/1.0"):
            async with connected(address) as (reader, writer):
                asked = chat().replace(b"\r\n\r\n", b"\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: %s\r\n\r\n" % upgrade, 1)
                writer.write(asked)
                assert await status(reader) == 200
                writer.write(chat())
                assert await status(reader) == 200


async def test_requests_ahead_are_bounded_and_answered_in_order() -> None:
    async with bare(Application(make_plan())) as address, connected(address) as (reader, writer):
        writer.write(chat() * (protocol.MOST_AHEAD + 5))
        assert await problems_of(reader) == [200] * (protocol.MOST_AHEAD + 1) + [400]


async def test_garbage_behind_a_request_does_not_take_its_answer() -> None:
    async with bare(Application(make_plan())) as address:
        for garbage, told in ((b"garbage\r\n\r\n", 400), (b"GET /" + b"a" * 9000, 414), (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 103, 431)):
            async with connected(address) as (reader, writer):
                writer.write(chat() + chat() + garbage)
                assert await problems_of(reader) == [200, 200, told]


async def test_a_head_that_stops_behind_a_running_request_waits_for_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "PATIENCE", 0.03)

    async def work(exchange: Exchange) -> Answer:
        await asyncio.sleep(0.05)
        return Answer("complete", data=1)

    async with bare(Application(make_plan({"track_order": work}))) as address, connected(address) as (reader, writer):
        writer.write(chat() + b"POST /v1/ch")
        assert await problems_of(reader) == [200, 408]


BROKEN_CHUNK = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n"


@pytest.mark.parametrize("ahead", [0, 1])
async def test_a_body_that_breaks_off_is_told_once(ahead: int) -> None:
    async with bare(Application(make_plan())) as address, connected(address) as (reader, writer):
        writer.write(chat() * ahead + BROKEN_CHUNK % b"/v1/chat")
        assert await problems_of(reader) == [200] * ahead + [400]


async def test_fields_behind_a_body_do_not_go_on_for_ever() -> None:
    async with bare(Application(make_plan())) as address, connected(address) as (reader, writer):
        head = BROKEN_CHUNK.replace(b"zz\r\n", b"0\r\nX-A: ") % b"/v1/chat"
        writer.write(head)
        for _ in range(4):
            await writer.drain()
            await asyncio.sleep(0.001)
            writer.write(b"x" * 10_000)
        assert await problems_of(reader) == [431]


@pytest.mark.parametrize("path", [b"/nowhere", b"/v1/intents"])
async def test_who_drips_a_body_that_nobody_reads_is_closed(path: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "PATIENCE", 0.03)
    async with bare(Application(make_plan())) as address, connected(address) as (reader, writer):
        writer.write(b"GET %s HTTP/1.1\r\nHost: x\r\nX-API-Key: let-me-in\r\nContent-Length: 1000\r\n\r\nx" % path)
        assert await status(reader) in (200, 404)
        async with asyncio.timeout(1):
            assert await reader.read() == b""


async def test_a_body_behind_its_answer_is_read_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MOST_UNREAD", 100_000)
    async with bare(Application(make_plan())) as address, connected(address) as (reader, writer):
        writer.write(b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n")
        assert await status(reader) == 404
        with suppress(ConnectionError):
            for _ in range(1000):
                writer.write(b"x" * 10_000)
                await writer.drain()
                await asyncio.sleep(0)
            raise AssertionError("it is still read")


@pytest.mark.parametrize("last", [b"\r\n", b"body comes late"])
async def test_who_says_nothing_more_is_closed_after_a_while(last: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """uvicorn forgets its clock for idle connections where anything comes that is no request."""
    monkeypatch.setattr(arrival, "PATIENCE", 0.05)
    monkeypatch.setattr(listen, "KEEP_ALIVE", 0.05)
    async with bare(Application(make_plan())) as address, connected(address) as (reader, writer):
        length = 0 if last == b"\r\n" else len(last)
        writer.write(b"GET /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % length)
        assert await status(reader) == 404
        writer.write(last)
        async with asyncio.timeout(1):
            await reader.read()


async def test_many_large_heads_leave_nothing_behind() -> None:
    """Headers of 64 KiB from many, and a URL of as many: refused at once, and memory stays as it was."""
    async with bare(Application(make_plan())) as address:
        await asyncio.gather(*(oversized(address, index) for index in range(20)))
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            for _ in range(4):
                await asyncio.gather(*(oversized(address, index) for index in range(25)))
            gc.collect()
            after, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert after - before < 500_000
    assert peak - before < 20_000_000


async def oversized(address: Address, index: int) -> None:
    sent = (b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"x" * 65_536, b"GET /" + b"x" * 65_536)[index % 2]
    async with connected(address) as (reader, writer):
        writer.write(sent)
        assert (await closing_problem(reader))[0] in (414, 431)
