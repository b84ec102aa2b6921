"""A gateway on real sockets that is asked for more than it begins: what is told, what is still answered, what is left behind."""

from __future__ import annotations

import asyncio

import msgspec

from gateway.policies.pressure import Pressure
from gateway.policies.priorities import Priorities
from gateway.runtime.plan import QueueSettings
from gateway.sdk import Answer, Exchange
from gateway.sdk.priority import CRITICAL, HIGH, LOW
from gateway.server.application import Application
from gateway.server.concurrency_limit import ConcurrencyLimit
from gateway.telemetry.metrics import PrometheusMetrics
from tests.server.connections import Address, connected, served
from tests.server.gateways import KEY, echo, make_plan

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"


def asking(intent: str, headers: str = "") -> bytes:
    body = b'{"intent": "%s"}' % intent.encode()
    lines = f"POST /v1/chat HTTP/1.1\r\nHost: a\r\nX-API-Key: {KEY}\r\nContent-Type: application/json\r\n{headers}"
    return f"{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def reply(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    return int(head[0].split()[1]), headers, await reader.readexactly(int(headers["content-length"]))


class Fixed(ConcurrencyLimit):
    """One that stays as it is, although the loop has little to do."""

    def observe(self, lag: float, now: float, under_way: int) -> None:
        """Nothing follows."""


class Busy:
    """A gateway in which as many requests are under way as may be, until `done` is set."""

    def __init__(self, wait: float = 0.02) -> None:
        self.done = asyncio.Event()
        work = dict.fromkeys(("ask", "pay", "report"), self._work)
        pressure = Pressure(Priorities({"pay": HIGH, "report": LOW}), credentials=("x-api-key",))
        self.metrics = PrometheusMetrics()
        plan = make_plan(work, queue=QueueSettings(wait, 1000), pressure=pressure)
        self.application = Application(plan, metrics=self.metrics)
        self.application.front.admission.limit = Fixed(1)

    async def _work(self, exchange: Exchange) -> Answer:
        await self.done.wait()
        return echo(exchange)

    async def ask(self, at: Address, request: bytes) -> tuple[int, dict[str, str], bytes]:
        async with connected(at) as (reader, writer):
            writer.write(request)
            return await reply(reader)


async def test_who_waited_too_long_is_told_to_come_again_and_the_connection_goes_on() -> None:
    busy = Busy()
    async with served(busy.application) as listeners:
        at = listeners.public.getsockname()[:2]
        first = asyncio.create_task(busy.ask(at, asking("ask")))
        await asyncio.sleep(0.02)
        async with connected(at) as (reader, writer):
            for _ in range(2):
                writer.write(asking("ask"))
                status, headers, body = await reply(reader)
                told = msgspec.json.decode(body)
                assert (status, told["code"], headers["retry-after"]) == (503, "overloaded", "1")
                assert told["request_id"] == headers["x-request-id"]
                assert "connection" not in headers
            busy.done.set()
            writer.write(asking("ask"))
            assert (await reply(reader))[0] == 200
        assert (await first)[0] == 200
        assert b'gateway_shed_total{priority="normal",reason="waited"} 2.0' in busy.metrics.expose()[0]


async def test_requests_sent_ahead_are_each_answered_in_their_order() -> None:
    busy = Busy()
    async with served(busy.application) as listeners:
        at = listeners.public.getsockname()[:2]
        first = asyncio.create_task(busy.ask(at, asking("ask")))
        await asyncio.sleep(0.02)
        async with connected(at) as (reader, writer):
            writer.write(asking("ask") + HEALTH + asking("report", "Connection: close\r\n"))
            answers = [await reply(reader) for _ in range(3)]
            assert [status for status, _, _ in answers] == [503, 200, 503]
            assert answers[2][1]["connection"] == "close"
            assert await reader.read() == b""
        busy.done.set()
        assert (await first)[0] == 200


async def test_health_and_operators_are_answered_at_once_whatever_waits() -> None:
    busy = Busy(wait=10.0)
    async with served(busy.application) as listeners:
        at = listeners.public.getsockname()[:2]
        asked = [asyncio.create_task(busy.ask(at, asking("ask"))) for _ in range(50)]
        await asyncio.sleep(0.03)
        assert busy.application.front.admission.depth == 49
        async with asyncio.timeout(1):
            for path in ("/healthz", "/readyz"):
                status, _, _ = await busy.ask(at, HEALTH.replace(b"/healthz", path.encode()))
                assert status == 200
            status, _, body = await busy.ask(listeners.admin.getsockname()[:2], HEALTH.replace(b"/healthz", b"/metrics"))
            assert (status, b"gateway_queue_depth 49.0" in body) == (200, True)
        busy.application.plan.pressure.room_for = CRITICAL
        assert (await busy.ask(at, HEALTH))[0] == 200
        busy.done.set()
        busy.application.plan.pressure.room_for = LOW
        assert {(await each)[0] for each in asked} == {200}
        assert busy.application.front.admission.under_way == 0


async def test_who_hangs_up_while_waiting_is_never_begun() -> None:
    busy = Busy(wait=10.0)
    async with served(busy.application) as listeners:
        at = listeners.public.getsockname()[:2]
        first = asyncio.create_task(busy.ask(at, asking("ask")))
        await asyncio.sleep(0.02)
        for _ in range(20):
            async with connected(at) as (_, writer):
                writer.write(asking("pay"))
                await asyncio.sleep(0)
        last = asyncio.create_task(busy.ask(at, asking("report")))
        await asyncio.sleep(0.03)
        busy.done.set()
        assert [(await each)[0] for each in (first, last)] == [200, 200]
        await asyncio.sleep(0)
        assert (busy.application.front.admission.depth, busy.application.front.admission.under_way) == (0, 0)
        assert b'intent="pay"' not in busy.metrics.expose()[0]


async def test_where_memory_is_short_the_less_important_are_refused_at_once() -> None:
    busy = Busy()
    busy.application.front.admission.limit.most = 100
    busy.done.set()
    async with served(busy.application) as listeners:
        at = listeners.public.getsockname()[:2]
        busy.application.plan.pressure.room_for = HIGH
        statuses = {intent: (await busy.ask(at, asking(intent)))[0] for intent in ("pay", "ask", "report")}
        assert statuses == {"pay": 200, "ask": 503, "report": 503}


async def test_one_that_asks_beforehand_is_told_no_and_head_has_no_body() -> None:
    busy = Busy()
    async with served(busy.application) as listeners:
        at = listeners.public.getsockname()[:2]
        first = asyncio.create_task(busy.ask(at, asking("ask")))
        await asyncio.sleep(0.02)
        async with connected(at) as (reader, writer):
            whole = asking("ask", "Expect: 100-continue\r\n")
            head, _, body = whole.partition(b"\r\n\r\n")
            writer.write(head + b"\r\n\r\n")
            assert (await reply(reader))[0] == 503
            writer.write(body)
            writer.write(b"HEAD /orders HTTP/1.1\r\nHost: a\r\n\r\n" + HEALTH)
            answer = await reader.readuntil(b"\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 503")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200"), "no body stood between"
        busy.done.set()
        assert (await first)[0] == 200
