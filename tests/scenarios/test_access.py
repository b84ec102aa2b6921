"""Who may do what, over HTTP: roles by condition, rules, how somebody signed in, and who is told by which line."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from gateway import app
from gateway.server.application import Application
from gateway.testing.scenario import write
from tests.server.gateways import Client

PEOPLE: dict[str, dict[str, Any]] = {
    "customer": {"roles": ["customer"]},
    "accountant": {"roles": ["customer"], "groups": ["Finance"]},
    "contractor": {"roles": ["contractor", "tracer"]},
    "nameless": {"roles": ["customer"], "groups": ["Finance"], "suspended": None},
    "signed_in": {"roles": ["customer", "tracer"], "acr": "mfa"},
    "engineer": {"roles": ["customer", "tracer"]},
    "watched": {"roles": ["customer", "tracer"], "groups": ["hr_watch"]},
}
KEYS = [{"hash": f"sha256:{sha256(name.encode()).hexdigest()}", "user": {"id": name, **user}} for name, user in PEOPLE.items()]
GATEWAY = (
    f"gateway: acme\nidentity: {msgspec.json.encode([{'api_key': {'keys': KEYS}}, {'anonymous': {'roles': ['anonymous']}}]).decode()}\n"
)
POLICY = """policy: roles
roles:
  customer:      {allow: [intent:track_order, intent:card, intent:whoami]}
  billing_agent: {inherits: [customer], allow: ["intent:billing_*"]}
  contractor:    {allow: ["intent:*"]}
  anonymous:     {}
  tracer:        {allow: [trace]}
assign:
  - {roles: [billing_agent], when: "contains(user.groups, 'Finance')"}
rules:
  - {deny: ["intent:billing_*"], roles: [contractor], reason: contractors see no billing}
  - {deny: ["source:hr"], when: "contains(user.groups, 'hr_watch')"}
  - {deny: [trace], when: "ctx.channel == 'public'"}
"""
SPECS = """
source: hr
type: static
operations: {card: {value: {name: Ada}}}
---
intent: track_order
examples: ["where is my order"]
output: {state: open}
---
intent: billing_overview
examples: ["show my bills"]
output: {total: 3}
---
intent: card
examples: ["show the card"]
steps: {card: {call: hr.card}}
output: ${ steps.card }
---
intent: whoami
output: {roles: "${ user.roles }"}
---
intent: pay
access: {roles: [customer], acr: [gold, mfa], max_age: 5m}
output: {paid: true}
---
intent: vault
access: {roles: [customer], acr: [mfa]}
guard: [{check: "user.id == 'nobody'", deny: not_found}]
output: {secret: true}
"""


@pytest_asyncio.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[tuple[Application, Client]]:
    files = {"gateway.yaml": GATEWAY, "policies/roles.yaml": POLICY, "specs/all.yaml": SPECS}
    prepared = app.prepare(write(tmp_path, files), environ={})
    assert [problem for problem in prepared.problems if problem.severity == "error"] == []
    application = app.application(prepared)
    await application.startup()
    yield application, Client(application)
    await application.shutdown()


Made = tuple[Application, Client]


async def names(client: Client, key: str | None) -> list[str]:
    received = await client.send("GET", "/v1/intents", key=key)
    return [entry["name"] for entry in received.json()["intents"]]


async def test_the_catalogue_shows_what_the_caller_may_use(gateway: Made) -> None:
    _, client = gateway
    assert await names(client, "customer") == ["card", "track_order", "whoami"]
    assert await names(client, "accountant") == ["billing_overview", "card", "track_order", "whoami"]
    assert await names(client, "contractor") == ["card", "track_order", "whoami"]
    assert await names(client, "watched") == ["track_order", "whoami"]
    assert await names(client, "signed_in") == ["card", "track_order", "vault", "whoami"]
    assert await names(client, None) == []


@pytest.mark.parametrize(
    ("key", "intent", "status"),
    [
        ("customer", "track_order", 200),
        ("customer", "billing_overview", 403),
        ("accountant", "billing_overview", 200),
        ("contractor", "billing_overview", 403),
        ("contractor", "track_order", 200),
        ("watched", "card", 403),
        ("customer", "card", 200),
        (None, "track_order", 401),
        ("customer", "pay", 401),
        ("contractor", "pay", 401),
        ("signed_in", "pay", 401),
        ("signed_in", "vault", 404),
    ],
)
async def test_who_gets_an_answer(gateway: Made, key: str | None, intent: str, status: int) -> None:
    _, client = gateway
    assert (await client.send("POST", f"/v1/intents/{intent}", key=key)).status == status


async def test_a_message_finds_only_what_the_caller_may_use(gateway: Made) -> None:
    _, client = gateway
    denied = await client.chat({"message": "show my bills"}, key="customer")
    assert (denied.status, denied.json()["detail_code"]) == (422, "intent_unclear")
    assert "bills" not in str(denied.json()["reply"])
    assert (await client.chat({"message": "show my bills"}, key="accountant")).json()["intent"] == "billing_overview"


async def test_given_roles_are_the_callers_own(gateway: Made) -> None:
    _, client = gateway
    assert (await client.chat({"intent": "whoami"}, key="accountant")).json()["data"] == {"roles": ["customer", "billing_agent"]}
    assert (await client.chat({"intent": "whoami"}, key="customer")).json()["data"] == {"roles": ["customer"]}


async def test_who_would_have_to_sign_in_again_is_told_how(gateway: Made) -> None:
    _, client = gateway
    refused = await client.chat({"intent": "pay"}, key="customer")
    challenge = 'Bearer error="insufficient_user_authentication", acr_values="gold mfa", max_age="300"'
    assert [value for name, value in refused.headers if name == b"www-authenticate"] == [challenge.encode()]
    assert (refused.json()["code"], refused.json()["detail_code"]) == ("unauthorized", "insufficient_user_authentication")
    anonymous = await client.chat({"intent": "pay"}, key=None)
    assert "insufficient" not in (anonymous.header("www-authenticate") or "")


async def test_the_deciding_line_in_the_answer(gateway: Made) -> None:
    _, client = gateway
    denied = (await client.chat({"intent": "billing_overview"}, key="contractor")).json()
    assert denied["decision"] == {"allowed": False, "rule": "policies/roles.yaml:11", "reason": "contractors see no billing"}
    allowed = (await client.chat({"intent": "track_order"}, key="engineer")).json()
    reason = "role customer: allow intent:track_order"
    assert allowed["meta"]["decision"] == {"allowed": True, "rule": "policies/roles.yaml:3", "reason": reason}
    for body in ({"intent": "track_order", "channel": "public"}, {"intent": "billing_overview", "channel": "public"}):
        assert "decision" not in json.dumps((await client.chat(body, key="engineer")).json())
    assert "decision" not in json.dumps((await client.chat({"intent": "track_order"}, key="customer")).json())
    assert "decision" not in json.dumps((await client.chat({"intent": "vault"}, key="signed_in")).json())


async def test_the_deciding_line_in_the_record_and_refusals_in_metrics(gateway: Made, caplog: pytest.LogCaptureFixture) -> None:
    application, client = gateway
    with caplog.at_level(logging.INFO, logger="gateway"):
        await client.chat({"intent": "billing_overview"}, key="contractor")
        await client.chat({"intent": "pay"}, key="customer")
        await client.chat({"intent": "vault"}, key="signed_in")
    records = [record.fields["decision"] for record in caplog.records if hasattr(record, "fields")]
    assert [(record["allowed"], record["rule"]) for record in records] == [
        (False, "policies/roles.yaml:11"),
        (False, "specs/all.yaml:23"),
        (False, "specs/all.yaml:28"),
    ]
    told = (await Client(application.admin_asgi).send("GET", "/metrics")).body.decode()
    assert 'gateway_refusals_total{cause="rule",intent="billing_overview"} 1.0' in told
    assert 'gateway_refusals_total{cause="sign_in",intent="pay"} 1.0' in told
