"""What comes before the application sees anything: late, endless and garbled heads."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from gateway.sdk import Answer
from gateway.server import arrival
from gateway.server.application import Application
from tests.server.connections import bare, chat, connected, status
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
