"""Several workers as operators run them: real processes, real connections, and no request lost that was accepted."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.testing.scenario import write
from gateway.testing.servers import Route, http_server
from tests.server.processes import Clients, Served, post, serving

ANSWERED = 'gateway_requests_total{intent="stock",status="complete",tenant="default"}'
FILES = {
    "gateway.yaml": "gateway: shop\nserver: {workers: 2, drain: 3s, admin: '127.0.0.1:0'}\nidentity: [{anonymous: {roles: [anonymous]}}]\n",
    "policies/roles.yaml": "policy: roles\nroles: {anonymous: {allow: ['intent:*', 'admin:cache']}}\n",
    "specs/shop.yaml": """
source: erp
type: http
servers: ["${ env.ERP }"]
operations:
  stock: {request: GET /stock, cache: {ttl: 60s}}
  slow: {request: GET /slow}
---
intent: stock
steps: {s: {call: erp.stock}}
output: {left: "${ steps.s.left }"}
---
intent: slow
steps: {s: {call: erp.slow}}
output: {left: "${ steps.s.left }"}
""",
}
BACKEND = {"GET /stock": Route({"left": 3}), "GET /slow": Route({"left": 3}, delay=0.2)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path, FILES)


async def in_thread(work: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """What blocks must not hold up clients and backends, which live in this loop."""
    return await asyncio.to_thread(work, *arguments, **options)


async def test_a_killed_worker_costs_its_own_requests_and_a_stop_none(folder: Path) -> None:
    async with http_server(BACKEND) as url:
        with serving(folder, ERP=url) as gateway:
            await in_thread(gateway.until, "serves", times=2)
            quick = Clients(gateway.address(), post("stock"))
            slow = Clients(gateway.address(), post("slow"))
            async with quick.asking(10, 0.005), slow.asking(10):
                await in_thread(both_have_served, gateway)
                await kill_one(gateway, quick, slow)
                await purge_both(gateway)
                lost = len(quick.tally.lost) + len(slow.tally.lost)
                assert await in_thread(gateway.end, signal.SIGTERM) == 0
    assert len(quick.tally.lost) + len(slow.tally.lost) == lost
    assert set(quick.tally.answered) | set(slow.tally.answered) == {200}
    assert "Traceback" not in gateway.text


def both_have_served(gateway: Served) -> None:
    give_up = time.monotonic() + 5
    while {record["worker"] for record in gateway.records if record.get("intent") == "stock"} != {0, 1}:
        assert time.monotonic() < give_up
        time.sleep(0.02)


async def kill_one(gateway: Served, quick: Clients, slow: Clients) -> None:
    """Requests that it had begun are lost, no others; the sum of what was counted doesn't go down."""
    before = await in_thread(gateway.counted, ANSWERED)
    workers = gateway.workers
    os.kill(workers[0], signal.SIGKILL)
    await in_thread(gateway.until, "worker 0 serves", times=2, within=2.0)
    assert 1 <= len(slow.tally.lost) < 10, "some were under way there, and others elsewhere"
    assert len(quick.tally.lost) < 10
    assert gateway.workers[1] == workers[1]
    after = await in_thread(gateway.counted, ANSWERED)
    assert after >= before > 0
    assert await in_thread(gateway.counted, 'gateway_worker_ends_total{how="killed"}') == 1
    assert await in_thread(gateway.counted, "gateway_workers") == 2
    told = await in_thread(gateway.operators, "/readyz?verbose")
    assert [(each["worker"], each["status"], each["pid"]) for each in told["workers"]] == [
        (number, "ready", pid) for number, pid in sorted(gateway.workers.items())
    ]


async def purge_both(gateway: Served) -> None:
    """Whichever worker is asked, all forget: each had kept an answer of its own."""
    await in_thread(gateway.until, "worker 0 serves", times=2)
    give_up = time.monotonic() + 5
    while (purged := await in_thread(gateway.operators, "/admin/cache/purge", {"all": True})) != {"purged": 2}:
        assert time.monotonic() < give_up, purged


@pytest.mark.parametrize(
    ("workers", "number"),
    [
        (1, signal.SIGTERM),
        pytest.param(1, signal.SIGINT, marks=pytest.mark.slow),
        pytest.param(2, signal.SIGINT, marks=pytest.mark.slow),
        pytest.param(3, signal.SIGTERM, marks=pytest.mark.slow),
    ],
)
async def test_a_stop_under_load_loses_nothing(folder: Path, workers: int, number: signal.Signals) -> None:
    async with http_server(BACKEND) as url:
        with serving(folder, "--workers", str(workers), ERP=url) as gateway:
            clients = [Clients(await in_thread(gateway.address), post(intent)) for intent in ("stock", "slow")]
            quick, slow = clients
            async with quick.asking(20, 0.002), slow.asking(20):
                while len(quick.tally.answered) < 100 or not slow.tally.answered:
                    await asyncio.sleep(0.01)
                assert await in_thread(gateway.end, number) == 0
    assert [each.tally.lost for each in clients] == [[], []]
    assert {code for each in clients for code in each.tally.answered} == {200}


def test_where_the_port_is_busy_no_worker_is_started(folder: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        with serving(folder, "--port", str(busy.getsockname()[1]), ERP="http://127.0.0.1:1") as gateway:
            assert gateway.process.wait(10) == 5
    assert "in use by another program" in gateway.text
    assert gateway.workers == {}


@pytest.mark.slow
def test_without_a_supervisor_workers_end(folder: Path) -> None:
    with serving(folder, ERP="http://127.0.0.1:1") as gateway:
        gateway.until("serves", times=2)
        gateway.process.kill()
        gateway.process.wait(5)
        gateway.until("the supervisor is gone", times=2)
        give_up = time.monotonic() + 2
        while any(lives(pid) for pid in gateway.workers.values()):
            assert time.monotonic() < give_up
            time.sleep(0.02)


def lives(pid: int) -> bool:
    """Whoever has ended and has no parent that looks for it is a zombie at most."""
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return done.stdout.strip()[:1] not in ("", "Z")
