"""Operators set levels: who may, what they can say, what is told of it, and that it outlasts a restart."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway import app
from gateway.sdk import Exchange, Unavailable
from gateway.server.admin_levels import PATH
from gateway.server.application import Application
from gateway.testing.scenario import write
from tests.scenarios.running import assistant
from tests.server.gateways import Client, Received

FILES = {
    "gateway.yaml": assistant("tenants: {unknown: deny, host: true, known: {acme: {hosts: [gateway.example]}, zeta: {}}}\n"),
    "policies/roles.yaml": """
policy: roles
roles: {customer: {allow: ["intent:*"]}, operator: {inherits: [customer], allow: ["admin:levels"]}, partner: {}, anonymous: {}}
""",
    "specs/all.yaml": """
source: shop
type: static
operations: {hours: {value: {open: 9}}}
---
intent: hours
steps: {hours: {call: shop.hours}}
output: {open: "${ steps.hours.open }"}
---
intent: more
steps: {hours: {call: shop.hours}}
output: {open: "${ steps.hours.open }"}
""",
}
OPERATOR, ALICE = "key-operator", "key-alice"


class Auditor:
    """Records, or can't."""

    def __init__(self, refusal: Unavailable | None = None) -> None:
        self.records: list[dict[str, Any]] = []
        self._refusal = refusal

    def acted(self, exchange: Exchange, action: dict[str, Any]) -> Unavailable | None:
        self.records.append({"user": exchange.caller.user["id"] if exchange.caller else None, **action})
        return self._refusal


class Kit:
    def __init__(self, application: Application) -> None:
        self.application = application
        self.public, self.admin = Client(application), Client(application.admin_asgi)

    async def put(self, body: Any, key: str | None = OPERATOR) -> Received:
        return await self.admin.send("PUT", PATH, msgspec.json.encode(body), [(b"content-type", b"application/json")], key=key)

    async def told(self) -> list[tuple[str, str | None, str | None]]:
        received = await self.admin.get(PATH, key=OPERATOR)
        assert received.status == 200
        return [(each["level"], each["tenant"], each["intent"]) for each in received.json()["levels"]]

    async def asked(self, intent: str = "hours") -> Received:
        return await self.public.chat({"intent": intent}, key=ALICE)


def bound() -> dict[str, str]:
    """The keys belong to tenants, since a host alone is nobody's but anonymous callers'."""
    return {**FILES, "gateway.yaml": FILES["gateway.yaml"].replace('"user":', '"tenant":"acme","user":')}


@asynccontextmanager
async def serving(folder: Path, auditor: Auditor | None = None) -> AsyncIterator[Kit]:
    prepared = app.prepare(write(folder, bound()), environ={})
    assert prepared.plan is not None, [f"{each.code} {each.message}" for each in prepared.problems]
    plan = msgspec.structs.replace(prepared.plan, auditor=auditor)
    application = Application(plan)
    await application.startup()
    try:
        yield Kit(application)
    finally:
        await application.shutdown()


async def test_what_is_set_holds_until_it_is_taken_back(tmp_path: Path) -> None:
    async with serving(tmp_path) as kit:
        assert (await kit.asked()).json()["level"] == "full"
        received = await kit.put({"level": "static", "reason": "new database"})
        told = received.json()
        assert (received.status, told["durable"], len(told["levels"])) == (200, True, 1)
        assert {**told["levels"][0], "since": ""} == {
            "level": "static", "tenant": None, "intent": None, "since": "", "until": None, "reason": "new database", "by": "operator",
        }  # fmt: skip
        answer = (await kit.asked()).json()
        assert (answer["status"], answer["level"]) == ("complete", "static")
        removed = await kit.admin.send("DELETE", PATH, key=OPERATOR)
        assert (removed.status, removed.json()) == (200, {"levels": [], "durable": True})
        assert (await kit.asked()).json()["level"] == "full"


async def test_each_is_for_what_it_names(tmp_path: Path) -> None:
    async with serving(tmp_path) as kit:
        await kit.put({"level": "reduced"})
        await kit.put({"level": "maintenance", "tenant": "zeta"})
        await kit.put({"level": "maintenance", "intent": "more"})
        await kit.put({"level": "static", "tenant": "acme", "intent": "hours"})
        assert await kit.told() == [
            ("reduced", None, None), ("maintenance", None, "more"), ("static", "acme", "hours"), ("maintenance", "zeta", None),
        ]  # fmt: skip
        assert ((await kit.asked("hours")).json()["level"], (await kit.asked("more")).status) == ("static", 503)
        await kit.put({"level": "full", "intent": "more"})
        assert (await kit.admin.send("DELETE", f"{PATH}?tenant=acme&intent=hours", key=OPERATOR)).status == 200
        assert await kit.told() == [("reduced", None, None), ("maintenance", "zeta", None)]
        assert (await kit.asked("more")).json()["level"] == "reduced"


async def test_maintenance_is_told_with_when_to_come_back(tmp_path: Path) -> None:
    async with serving(tmp_path) as kit:
        await kit.put({"level": "maintenance", "until": (datetime.now(UTC) + timedelta(seconds=600)).isoformat()})
        refused = await kit.public.chat({"intent": "hours", "locale": "de"}, key=ALICE)
        assert (refused.status, refused.json()["code"]) == (503, "maintenance")
        assert 590 <= int(refused.header("retry-after") or 0) <= 600
        assert refused.json()["reply"]["text"].startswith("We are working on our systems"), "nobody here writes in German"
        assert (await kit.admin.get("/healthz")).status == (await kit.public.get("/readyz")).status == 200


async def test_it_outlasts_a_restart(tmp_path: Path) -> None:
    async with serving(tmp_path) as kit:
        await kit.put({"level": "maintenance", "intent": "more"})
    async with serving(tmp_path) as kit:
        assert await kit.told() == [("maintenance", None, "more")]
        assert (await kit.asked("more")).status == 503


async def test_where_it_cannot_be_kept_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("in the way of the folder")
    async with serving(tmp_path) as kit:
        assert (await kit.put({"level": "static"})).json()["durable"] is False
        assert (await kit.asked()).json()["level"] == "static"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"level": "off"},
        {"level": "static", "tennant": "acme"},
        {"level": "static", "tenant": ""},
        {"level": "static", "tenant": 7},
        {"level": "static", "intent": "x" * 257},
        {"level": "static", "until": "tomorrow"},
        {"level": "static", "until": "2036-01-01T00:00:00"},
        {"level": "static", "until": 1e12},
        {"level": "static", "reason": "x" * 1001},
        [],
        "static",
        None,
    ],
)
async def test_anything_else_is_refused(tmp_path: Path, body: Any) -> None:
    async with serving(tmp_path) as kit:
        received = await kit.put(body)
        assert (received.status, received.json()["code"], await kit.told()) == (400, "invalid_request", [])


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"level": "static", "tenant": "acne"}, "/tenant"),
        ({"level": "static", "intent": "hour"}, "/intent"),
        ({"level": "static", "until": "2020-01-01T00:00:00Z"}, "/until"),
        ({"level": "static", "until": "0001-01-01T00:00:00+14:00"}, "/until"),
        ({"level": "static", "until": "9999-12-31T23:59:59-14:00"}, "/until"),
    ],
)
async def test_what_could_never_hold_is_refused(tmp_path: Path, body: Any, pointer: str) -> None:
    async with serving(tmp_path) as kit:
        received = await kit.put(body)
        assert (received.status, [fault["path"] for fault in received.json()["errors"]]) == (422, [pointer])
        assert await kit.told() == []


@pytest.mark.parametrize("query", ["level=static", "tenant=", "tenant=a&tenant=b", "tenant=%FF", "all=true", "&".join(["tenant=a"] * 50)])
async def test_a_query_that_says_anything_else_is_refused(tmp_path: Path, query: str) -> None:
    async with serving(tmp_path) as kit:
        await kit.put({"level": "static"})
        assert (await kit.admin.send("DELETE", f"{PATH}?{query}", key=OPERATOR)).status == 400
        assert await kit.told() == [("static", None, None)]


@pytest.mark.parametrize(("key", "status"), [(None, 401), (ALICE, 403), ("not-a-key", 401)])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_it_takes_the_permission(tmp_path: Path, method: str, key: str | None, status: int) -> None:
    auditor = Auditor()
    async with serving(tmp_path, auditor) as kit:
        body = b'{"level":"maintenance"}' if method == "PUT" else b""
        received = await kit.admin.send(method, PATH, body, [(b"content-type", b"application/json")], key=key)
        assert received.status == status
        assert (await kit.told(), auditor.records) == ([], [])


async def test_other_methods_and_the_public_listener_know_nothing_of_it(tmp_path: Path) -> None:
    async with serving(tmp_path) as kit:
        received = await kit.admin.send("POST", PATH, key=OPERATOR)
        assert (received.status, received.header("allow")) == (405, "GET, PUT, DELETE")
        assert (await kit.public.get(PATH, key=OPERATOR)).status == 404


async def test_who_set_what_is_logged_and_recorded(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    auditor = Auditor()
    async with serving(tmp_path, auditor) as kit:
        with caplog.at_level(logging.INFO, "gateway.admin"):
            await kit.put({"level": "static", "intent": "more", "reason": "why not"})
            await kit.put({"level": "maintenance"}, key=ALICE)
    told = [record.__dict__["fields"] for record in caplog.records if record.name == "gateway.admin"]
    assert [(each["user"], each["set_level"], each["level_intent"], each["outcome"]) for each in told] == [
        ("operator", "static", "more", "done"),
        ("alice", "maintenance", None, "denied"),
    ]
    assert auditor.records == [
        {
            "user": "operator", "event": "level_set", "set_level": "static", "level_tenant": None, "level_intent": "more", "until": None,
            "reason": "why not",
        }
    ]  # fmt: skip


async def test_without_its_record_nothing_is_set(tmp_path: Path) -> None:
    async with serving(tmp_path, Auditor(Unavailable())) as kit:
        assert (await kit.put({"level": "static"})).status == 503
        assert await kit.told() == []
