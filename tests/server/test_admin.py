"""The operators' listener."""

from __future__ import annotations

import asyncio

import pytest

from gateway.sdk import ServerReport
from gateway.server import admin
from gateway.server.application import Application
from gateway.telemetry.metrics import PrometheusMetrics
from tests.policies.exchanges import FakeServices
from tests.server.gateways import Client, FakeSource, Received, make_plan


async def ask(path: str, metrics: PrometheusMetrics | None = None, **sources: FakeSource) -> Received:
    application = Application(make_plan(sources=sources), metrics=metrics)
    await application.startup()
    received = await Client(application.admin_asgi).get(path, key=None)
    await application.shutdown()
    return received


async def test_metrics_are_exposed() -> None:
    metrics = PrometheusMetrics()
    metrics.counter("gateway_retries_total", "Retries.").inc()
    received = await ask("/metrics", metrics)
    assert received.status == 200
    assert "gateway_retries_total 1.0" in received.body.decode().splitlines()
    assert (received.header("content-type") or "").startswith("text/plain; version=0.0.4")


async def test_without_metrics_there_are_none() -> None:
    assert (await ask("/metrics")).status == 404


async def test_readiness_in_full_tells_of_each_source(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent(FakeSource):
        async def ready(self) -> bool:

            await asyncio.Event().wait()
            return True

    monkeypatch.setattr(admin, "PATIENCE", 0.01)
    received = await ask(
        "/readyz?verbose",
        up=FakeSource(),
        down=FakeSource(is_ready=False),
        broken=FakeSource(is_ready=ValueError("hush")),
        silent=Silent(),
    )
    assert received.status == 200
    assert received.json() == {
        "status": "ready",
        "gateway": "acme",
        "config": "sha256:9f2c",
        "sources": {"up": {"ready": True}, "down": {"ready": False}, "broken": {"ready": False}, "silent": {"ready": False}},
    }


async def test_readiness_in_full_tells_of_servers_circuits_and_queues() -> None:
    class Balanced(FakeSource):
        def servers(self) -> tuple[ServerReport, ...]:
            return ServerReport(0, "in", 2), ServerReport(1, "out", 0, checked=False)

    services = FakeServices()
    services.standings.show("erp", "circuit", lambda: "half_open")
    services.standings.show("erp", "waiting", lambda: 3)
    services.standings.show("none", "waiting", lambda: 4)
    application = Application(make_plan(sources={"erp": Balanced(), "hr": FakeSource()}, services=services))
    received = await Client(application.admin_asgi).get("/readyz?verbose", key=None)
    assert received.json()["sources"] == {
        "erp": {
            "ready": True,
            "circuit": "half_open",
            "waiting": 3,
            "servers": [{"server": 0, "state": "in", "in_flight": 2}, {"server": 1, "state": "out", "in_flight": 0}],
        },
        "hr": {"ready": True},
    }


async def test_readiness_in_short_asks_no_source() -> None:
    assert (await ask("/readyz", broken=FakeSource(is_ready=ValueError()))).json() == {"status": "ready"}


@pytest.mark.parametrize(("path", "status"), [("/healthz", 200), ("/v1/chat", 404), ("/", 404)])
async def test_nothing_else_is_there(path: str, status: int) -> None:
    assert (await ask(path)).status == status
