"""What operators see and do, over all workers."""

from __future__ import annotations

import os
from typing import Any

import msgspec

from gateway.policies.kept_answers import KeptAnswers
from gateway.sdk.kept import EVERYTHING, Purge
from gateway.server.application import Application
from gateway.server.channel import Replies
from gateway.server.colleagues import METRICS
from gateway.server.together import PURGE, READINESS
from gateway.telemetry.metrics import PrometheusMetrics
from tests.server.gateways import Client, FakeSource, make_plan


class Others:
    """Implements `Colleagues`: another application as worker 0, one that says nothing as worker 2; this one is worker 1."""

    number = 1

    def __init__(self, other: Application, besides: tuple[bytes, ...] = ()) -> None:
        self.other = other
        self.besides = besides
        self.asked: list[str] = []

    async def ask(self, topic: str, question: bytes, /) -> Replies:
        self.asked.append(topic)
        return Replies(1, {0: await self.other.together.answer(topic, question), 2: None}, self.besides)


class Counting(KeptAnswers):
    """Tells how many answers it forgot."""

    def __init__(self, forgets: int) -> None:
        self.forgets = forgets
        self.purges: list[Purge] = []  # type: ignore[assignment]

    async def purge(self, purge: Purge, /) -> int:
        self.purges.append(purge)
        return self.forgets


def worker(requests: int, *, ready: bool = True, forgets: int = 0) -> Application:
    metrics = PrometheusMetrics()
    metrics.counter("a_total", "A.").inc(requests)
    plan = make_plan(sources={"erp": FakeSource(is_ready=ready)})
    return Application(msgspec.structs.replace(plan, answers=Counting(forgets)), metrics=metrics)


async def seen(application: Application, path: str) -> tuple[int, bytes]:
    received = await Client(application.admin_asgi).get(path, key=None)
    return received.status, received.body


async def test_metrics_are_those_of_all() -> None:
    one = worker(2)
    besides = PrometheusMetrics()
    besides.counter("a_total", "A.").inc(100)
    one.together.colleagues = Others(worker(3), (besides.pack(),))
    status, text = await seen(one, "/metrics")
    assert status == 200
    assert b"\na_total 105.0\n" in text
    assert b'gateway_queue_depth{worker="0"} 0.0' in text
    assert b'gateway_queue_depth{worker="1"} 0.0' in text


async def test_where_the_supervisor_says_nothing_metrics_are_the_workers_own() -> None:
    class Silent(Others):
        async def ask(self, topic: str, question: bytes, /) -> Replies:
            return Replies(1, {})

    one = worker(2)
    one.together.colleagues = Silent(worker(3))
    assert b"\na_total 2.0\n" in (await seen(one, "/metrics"))[1]


async def test_readiness_is_that_of_each() -> None:
    one, other = worker(0), worker(0, ready=False)
    one.together.colleagues = Others(other)
    await other.startup()
    status, text = await seen(one, "/readyz?verbose")
    told: dict[str, Any] = msgspec.json.decode(text)
    assert (status, told["status"], told["config"]) == (200, "ready", "sha256:9f2c"), "one that is ready is enough"
    assert told["workers"] == [
        {"worker": 0, "status": "ready", "pid": os.getpid(), "sources": {"erp": {"ready": False}}},
        {"worker": 1, "status": "not ready", "pid": os.getpid(), "sources": {"erp": {"ready": True}}},
        {"worker": 2, "status": "no answer"},
    ]
    other.retire()
    assert (await seen(one, "/readyz?verbose"))[0] == 503
    await other.shutdown()


async def test_a_purge_reaches_all_and_counts_all() -> None:
    one, other = worker(0, forgets=2), worker(0, forgets=40)
    one.together.colleagues = Others(other)
    purge = Purge((EVERYTHING,), "acme")
    assert await one.together.purge(purge) == 42
    for each in (one, other):
        assert isinstance(each.plan.answers, Counting)
        assert each.plan.answers.purges == [purge]


async def test_what_is_not_known_is_not_answered() -> None:
    alone = Application(make_plan())
    assert await alone.together.answer("else", b"") is None
    assert await alone.together.answer(METRICS, b"") is None
    assert await alone.together.answer(PURGE, msgspec.json.encode(Purge((EVERYTHING,)))) == b"0"
    assert msgspec.json.decode(await alone.together.answer(READINESS, b"") or b"")["status"] == "not ready"
