"""Operators have kept answers forgotten: who may, what they can name, and what is told of it."""

from __future__ import annotations

import logging
from typing import Any

import msgspec
import pytest

from gateway.runtime.plan import Plan
from gateway.sdk import Exchange, Unavailable
from gateway.sdk.kept import Purge
from gateway.server.admin_cache import PATH
from gateway.server.application import Application
from tests.server.gateways import Client, Received, make_plan


class Answers:
    """Where answers are kept: remembers what was purged of them."""

    def __init__(self) -> None:
        self.purges: list[Purge] = []

    def shelf(self, *_: Any) -> Any:
        raise NotImplementedError

    async def purge(self, purge: Purge, /) -> int:
        self.purges.append(purge)
        return 12


class Auditor:
    """Records, or can't."""

    def __init__(self, refusal: Unavailable | None = None) -> None:
        self.records: list[dict[str, Any]] = []
        self._refusal = refusal

    def acted(self, exchange: Exchange, action: dict[str, Any]) -> Unavailable | None:
        self.records.append({"user": exchange.caller.user["id"] if exchange.caller else None, **action})
        return self._refusal


def planned(answers: Answers, auditor: Auditor | None = None) -> Plan:
    return msgspec.structs.replace(
        make_plan(),
        answers=answers,
        auditor=auditor,
        permitted=lambda caller, permission, scope: scope is not None and permission == "admin:cache" and "operator" in caller.roles,
    )


async def purge(body: Any, *, key: str | None = "operator", answers: Answers | None = None, auditor: Auditor | None = None) -> Received:
    application = Application(planned(answers or Answers(), auditor))
    return await Client(application.admin_asgi).post(PATH, body, key=key)


@pytest.mark.parametrize(
    ("body", "labels", "tenant"),
    [
        ({"tags": ["orders", "customer:7"]}, ("tag:orders", "tag:customer:7"), None),
        ({"operation": "crm.contact"}, ("operation:crm.contact",), None),
        ({"source": "crm", "tenant": "acme"}, ("source:crm",), "acme"),
        ({"all": True}, ("*",), None),
    ],
)
async def test_what_is_named_is_forgotten(body: Any, labels: tuple[str, ...], tenant: str | None) -> None:
    answers = Answers()
    received = await purge(body, answers=answers)
    assert (received.status, received.json()) == (200, {"purged": 12})
    assert answers.purges == [Purge(labels, tenant)]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"all": False},
        {"all": True, "tags": ["a"]},
        {"operation": "a.b", "source": "a"},
        {"tenant": "acme"},
        {"tags": []},
        {"tags": "orders"},
        {"tags": [""]},
        {"tags": ["x" * 257]},
        {"tags": ["a"] * 101},
        {"operation": None},
        {"everything": True},
        [],
        "all",
    ],
)
async def test_anything_else_is_refused_and_nothing_forgotten(body: Any) -> None:
    answers = Answers()
    received = await purge(body, answers=answers)
    assert (received.status, received.json()["code"]) == (400, "invalid_request")
    assert answers.purges == []


async def test_a_body_that_is_no_json_is_refused() -> None:
    application = Application(planned(Answers()))
    client = Client(application.admin_asgi)
    assert (await client.send("POST", PATH, b"{", [(b"content-type", b"application/json")], key="operator")).status == 400
    assert (await client.send("POST", PATH, b"all=1", [(b"content-type", b"text/plain")], key="operator")).status == 415


@pytest.mark.parametrize(("key", "status"), [(None, 401), ("let-me-in", 403), ("not-a-key", 401)])
async def test_it_takes_the_permission(key: str | None, status: int) -> None:
    answers, auditor = Answers(), Auditor()
    received = await purge({"all": True}, key=key, answers=answers, auditor=auditor)
    assert received.status == status
    assert (answers.purges, auditor.records) == ([], [])
    if status == 401:
        assert received.header("www-authenticate")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_only_post_purges(method: str) -> None:
    answers = Answers()
    received = await Client(Application(planned(answers)).admin_asgi).send(method, PATH, key="operator")
    assert (received.status, received.header("allow")) == (405, "POST")
    assert answers.purges == []


async def test_it_is_not_there_for_the_public() -> None:
    answers = Answers()
    received = await Client(Application(planned(answers))).post(PATH, {"all": True}, key="operator")
    assert received.status == 404
    assert answers.purges == []


async def test_who_purged_what_is_logged_and_recorded(caplog: pytest.LogCaptureFixture) -> None:
    auditor = Auditor()
    with caplog.at_level(logging.INFO, "gateway.admin"):
        await purge({"tags": ["orders"], "tenant": "acme"}, auditor=auditor)
        await purge({"all": True}, key="let-me-in", auditor=auditor)
    told = [record.__dict__["fields"] for record in caplog.records if record.name == "gateway.admin"]
    assert [(each["user"], each["purge"], each["purge_tenant"], each["outcome"], each["purged"]) for each in told] == [
        ("operator", ["tag:orders"], "acme", "done", 12),
        ("let-me-in", ["*"], None, "denied", None),
    ]
    assert auditor.records == [{"user": "operator", "event": "cache_purged", "purge": ["tag:orders"], "purge_tenant": "acme"}]


async def test_without_its_record_nothing_is_purged() -> None:
    answers = Answers()
    received = await purge({"all": True}, answers=answers, auditor=Auditor(Unavailable()))
    assert received.status == 503
    assert answers.purges == []
