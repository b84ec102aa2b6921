"""A real server on real sockets: served, hung up on, overwhelmed, stopped."""

from __future__ import annotations

import asyncio
import os
import signal

import httpx2
import msgspec
import pytest

from gateway.runtime.plan import QueueSettings, ServerSettings
from gateway.sdk import Answer, Exchange
from gateway.server import drain, presence
from gateway.server.application import Application
from gateway.server.channel import Stage
from gateway.server.listen import OnlySeat, serve
from gateway.server.sockets import address, listen
from gateway.telemetry.metrics import PrometheusMetrics
from tests.policies.exchanges import FakeServices
from tests.server.connections import chat, connected, served, status
from tests.server.gateways import KEY, FakeSource, Work, echo, make_intent, make_plan


def make(work: Work, services: FakeServices | None = None) -> Application:
    return Application(make_plan({"track_order": work}, services=services), metrics=PrometheusMetrics())


async def test_both_listeners_serve_and_everything_is_closed_at_the_end() -> None:
    source = FakeSource()
    application = Application(make_plan(sources={"erp": source}), metrics=PrometheusMetrics())
    async with served(application) as listeners, httpx2.AsyncClient() as client:
        public, admin = (f"http://{address(listening)}" for listening in listeners)
        answered = await client.post(f"{public}/v1/chat", json={"intent": "track_order"}, headers={"X-API-Key": KEY})
        assert (answered.status_code, answered.json()["status"]) == (200, "complete")
        assert "server" not in answered.headers
        assert "date" in answered.headers
        assert (await client.get(f"{admin}/metrics")).status_code == 200
        assert (await client.get(f"{public}/metrics")).status_code == 404
        assert (await client.head(f"{public}/healthz")).content == b""
        assert (await client.get(f"{public}/readyz")).json() == {"status": "ready"}
    assert source.events == ["start", "close"]
    assert [listening.fileno() for listening in listeners] == [-1, -1]


async def test_a_client_that_hangs_up_ends_its_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "GRACE", 0.0)
    began, ended = asyncio.Event(), asyncio.Event()

    async def work(exchange: Exchange) -> Answer:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        raise AssertionError

    services = FakeServices(make_intent())  # type: ignore[arg-type]
    async with served(make(work, services)) as listeners:
        async with connected(listeners.public.getsockname()[:2]) as (_, writer):
            writer.write(chat())
            await began.wait()
        await asyncio.wait_for(ended.wait(), 2)
    assert services.metrics.total("gateway_requests_abandoned_total", intent="track_order") == 1


async def test_a_stop_waits_for_answers_under_way() -> None:
    began, stop, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work(exchange: Exchange) -> Answer:
        began.set()
        await go_on.wait()
        return echo(exchange)

    async with served(make(work), stop=stop) as listeners, connected(listeners.public.getsockname()[:2]) as (reader, writer):
        writer.write(chat())
        await began.wait()
        stop.set()
        await asyncio.sleep(0)
        go_on.set()
        assert await status(reader) == 200


async def test_readiness_is_off_before_anything_else_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drain, "BRIEF", 0.5)
    stop, go_on, began = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work(exchange: Exchange) -> Answer:
        began.set()
        await go_on.wait()
        return echo(exchange)

    async with (
        served(make(work), stop=stop) as listeners,
        httpx2.AsyncClient() as client,
        connected(listeners.public.getsockname()[:2]) as (reader, writer),
    ):
        public, admin = (f"http://{address(listening)}" for listening in listeners)
        writer.write(chat())
        await began.wait()
        stop.set()
        await asyncio.sleep(0.01)
        for url in (f"{public}/readyz", f"{admin}/readyz", f"{admin}/readyz?verbose"):
            answered = await client.get(url)
            assert (answered.status_code, answered.headers["connection"]) == (503, "close")
        assert (await client.get(f"{public}/healthz")).status_code == 200
        go_on.set()
        assert await status(reader) == 200
        assert await reader.read() == b""


async def test_a_worker_is_told_what_it_counts_and_how_far_it_is() -> None:
    class Told(OnlySeat):
        stages: list[str] = []
        counts: list[int] = []

        def stage(self, name: Stage) -> None:
            self.stages.append(name)

        def counted(self, connections: int) -> None:
            self.counts.append(connections)

    listeners, stop, started = listen(ServerSettings(port=0, admin_port=0), warn=print), asyncio.Event(), asyncio.Event()
    serving = asyncio.create_task(serve(make(echo), listeners, stop=stop, on_started=started.set, seat=Told()))
    await started.wait()
    async with connected(listeners.public.getsockname()[:2]) as (reader, writer):
        writer.write(chat())
        assert await status(reader) == 200
    stop.set()
    await serving
    assert (Told.stages, Told.counts[0], Told.counts[-1]) == (["serving", "draining"], 1, 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_signals_stop_it_and_are_given_back(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    plan = make_plan()
    quick = msgspec.structs.replace(plan, server=msgspec.structs.replace(plan.server, drain=0.3))
    listeners = listen(ServerSettings(port=0, admin_port=0), warn=print)
    await serve(Application(quick), listeners, on_started=lambda: os.kill(os.getpid(), number))
    assert signal.getsignal(number) is before


async def test_a_thousand_at_once_are_all_answered() -> None:
    waiting = 0
    everybody = asyncio.Event()

    async def work(exchange: Exchange) -> Answer:
        nonlocal waiting
        waiting += 1
        if waiting == 1000:
            everybody.set()
        await everybody.wait()
        return echo(exchange)

    patient = QueueSettings(wait=10.0, most=1000)
    async with served(Application(make_plan({"track_order": work}, queue=patient))) as listeners:

        async def ask() -> int:
            async with connected(listeners.public.getsockname()[:2]) as (reader, writer):
                writer.write(chat())
                return await status(reader)

        assert await asyncio.gather(*(ask() for _ in range(1000))) == [200] * 1000


async def test_a_body_too_large_is_told_and_the_connection_goes_on() -> None:
    application = Application(make_plan({"track_order": echo}, max_body=1000))
    async with served(application) as listeners, httpx2.AsyncClient() as client:
        url = f"http://{address(listeners.public)}/v1/chat"
        refused = await client.post(url, content=b" " * 300_000, headers={"Content-Type": "application/json", "X-API-Key": KEY})
        assert (refused.status_code, msgspec.json.decode(refused.content)["code"]) == (413, "too_large")
        assert (await client.post(url, json={"intent": "track_order"}, headers={"X-API-Key": KEY})).status_code == 200
