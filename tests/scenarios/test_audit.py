"""Audit records survive what processes and stores do: kills, stops under load, a store that goes away. None of them holds a secret."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.policies.audit_writer import AuditWriter
from gateway.sdk import RecordStore, SystemClock
from gateway.stores.postgres import PostgresConfig, build
from gateway.stores.sql_records import SqlRecords
from gateway.stores.sqlite import SqliteDriver
from gateway.stores.verification import verify
from gateway.testing.postgres import Postgres, ServerMissing, postgres_server
from gateway.testing.scenario import scenario
from gateway.testing.services import FakeServices
from tests.house.tree import ROOT
from tests.policies.auditing import entry_of, until

SPECS = """
source: erp
type: fake
operations: {order: {}, cancel: {effect: write}}
---
intent: order
access: {roles: [customer]}
input: {type: object, properties: {id: {type: string}}}
steps:
  order:
    call: erp.order
    with: {id: "${ input.id }"}
    ensure: [{check: "result.owner == user.id"}]
output: {order: "${ steps.order.secret }"}
---
intent: cancel
access: {roles: [customer]}
input: {type: object, properties: {id: {type: string}}}
steps: {cancel: {call: erp.cancel, with: {id: "${ input.id }"}}}
output: ${ steps.cancel }
"""


def records_in(store: RecordStore) -> list[dict[str, Any]]:
    """All records; they are held against their chain."""
    with store.snapshot() as (chain, links):
        kept = list(links)
    assert verify(chain, kept).findings == ()
    return [json.loads(link.body) for link in kept]


def test_writers_that_are_killed_leave_a_chain_with_all_that_was_durable(tmp_path: Path) -> None:
    """Two processes write to one file; each is killed (SIGKILL) in the middle of it."""
    names = ("a", "b")
    commands = [[sys.executable, "-m", "tests.scenarios.audit_load", str(tmp_path / "var/a.db"), name] for name in names]
    processes = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for command in commands]
    promised: dict[str, set[int]] = {}
    for name, process in zip(names, processes, strict=True):
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(100)]
        process.kill()
        rest = process.communicate()[0]
        whole = [line for line in [*lines, *rest.splitlines(keepends=True)] if line.endswith("\n")]
        promised[name] = {int(line) for line in whole}
    records = records_in(SqlRecords(SqliteDriver(tmp_path / "var/a.db")))
    for name in names:
        written = [record["number"] for record in records if record["writer"] == name and record["event"] == "write"]
        assert len(promised[name]) >= 100
        assert promised[name] <= set(written)
        assert len(written) == len(set(written))
    follower = SqlRecords(SqliteDriver(tmp_path / "var/a.db"))
    assert follower.append(["{}"]).head.sequence == len(records) + 1
    follower.close()


async def test_an_orderly_stop_under_load_loses_nothing(tmp_path: Path) -> None:
    policy = 'policy: audit\nrecord: {intents: "*"}\n'
    files = {"specs/shop.yaml": SPECS, "policies/audit.yaml": policy}
    user = {"id": "u1", "roles": ["customer"]}
    async with scenario(tmp_path, files, {"erp.order": {"owner": "u1"}, "erp.cancel": None}) as gateway:
        asked = [gateway.ask("cancel" if number % 10 == 0 else "order", {"id": "1"}, user=user) for number in range(400)]
        answers = await asyncio.gather(*asked)
    assert {answer.status for answer in answers} == {"complete"}
    assert gateway.plan.records is not None
    events = [record["event"] for record in records_in(gateway.plan.records)]
    assert {event: events.count(event) for event in set(events)} == {"request": 400, "write_started": 40, "write_ended": 40}


async def test_no_secret_is_in_any_record(tmp_path: Path) -> None:
    """Canaries in all that callers send and backends answer, under normal, faulty, hostile and cancelled requests."""
    draw = random.Random(4)
    fields = "[user.id, user.roles, tenant.id, channel, route, intent, version, status, level, sources, operations, writes, masked]"
    policy = f'policy: audit\nrecord: {{intents: "*", fields: {fields}}}\nwhen_sink_fails: continue\n'

    async def answer(**_: Any) -> Any:
        await asyncio.sleep(draw.choice([0, 0, 0.01]))
        kind = draw.randrange(4)
        if kind == 0:
            raise OSError("canary-fault postgres://canary-host")
        return [{"owner": "u1", "secret": "canary-data"}, {"owner": "canary-other"}, "canary-text", None][draw.randrange(4)]

    async def ask(number: int) -> None:
        intent = draw.choice(["order", "cancel", "canary-intent", None])
        exchange = gateway.exchange(intent, {"id": f"canary-input{number}"}, user=draw.choice(people))
        exchange.headers = {draw.choice(["authorization", "x-note", "cookie"]): "Bearer canary-token"}
        exchange.body = {"canary-body": "canary-body"}
        exchange.session, exchange.idempotency_key = "canary-session", draw.choice([None, "canary-key"])
        exchange.message = draw.choice([None, "canary-message"])
        asking = asyncio.create_task(gateway.plan.handler(exchange))  # type: ignore[arg-type]
        if draw.randrange(4) == 0:
            await asyncio.sleep(0.001)
            asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

    known = {"roles": ["customer"], "email": "canary@example.org", "claims": {"sub": "canary-claim"}}
    people = [{"id": "u1", **known}, {"id": "u2", **known}, None]
    files = {"specs/shop.yaml": SPECS, "policies/audit.yaml": policy}
    async with scenario(tmp_path, files, {"erp.order": answer, "erp.cancel": answer}) as gateway:
        await asyncio.gather(*map(ask, range(400)))
    assert gateway.plan.records is not None
    records = records_in(gateway.plan.records)
    assert {record["status"] for record in records if "status" in record} >= {"complete", "denied", "failed", "cancelled"}
    assert {record["outcome"] for record in records if "outcome" in record} == {"ok", "unknown"}
    assert "canary" not in json.dumps(records)


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    try:
        with postgres_server() as running:
            yield running
    except ServerMissing as missing:
        pytest.skip(str(missing))


@pytest.mark.service
async def test_a_database_that_goes_away_is_waited_for(server: Postgres) -> None:
    """Its connections are ended and no new ones let in; later it is back. Nothing is lost, nothing is there twice."""
    end_all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'fleet'"

    def operate(allowed: str) -> None:
        server.run(f"ALTER DATABASE fleet ALLOW_CONNECTIONS {allowed}; {end_all}")

    def make() -> RecordStore:
        store = build(PostgresConfig(url=server.url("fleet")), services)
        assert store is not None
        return store

    services = FakeServices()
    server.run("CREATE DATABASE fleet")
    writer = AuditWriter(make(), SystemClock(), services.metrics, services.logger)
    await writer.start()
    writer.put(entry_of("before"))
    await until(lambda: writer.depth == 0)
    await asyncio.to_thread(operate, "false")
    writer.put(entry_of("meanwhile"))
    await until(lambda: not writer.up)
    assert not writer.reserve(1)
    writer.put(entry_of("waiting"))
    await asyncio.to_thread(operate, "true")
    await until(lambda: writer.up)
    await writer.close()
    assert [record["event"] for record in records_in(make())] == ["before", "meanwhile", "waiting"]
