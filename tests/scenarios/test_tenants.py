"""Several tenants on the same specs: nobody sees another tenant's data, settings or intents, whatever is shared."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest

from gateway import app
from gateway.testing.scenario import write
from gateway.testing.servers import Route, http_server
from tests.scenarios.running import Gateway

SPECS = """
source: stock
type: http
servers: ["${ env.SHARED_URL }"]
operations:
  item: {request: "GET /items/{sku}"}
---
intent: item
access: {roles: [customer]}
input: {type: object, required: [sku], properties: {sku: {type: string}}}
steps: {item: {call: stock.item, with: {sku: "${ input.sku }"}}}
output: {from: "${ steps.item.from }", tenant: "${ tenant.id }", plan: "${ tenant.plan }", brand: "${ tenant.config.brand || 'none' }"}
reply: {en: "Hello from ${ tenant.config.brand || 'us' }", de: "Hallo von ${ tenant.config.brand || 'uns' }"}
---
intent: billing_item
access: {roles: [customer, visitor]}
output: {ok: true}
---
intent: around_it
access: {roles: [customer]}
steps: {inner: {call: intent.billing_item}}
output: ${ steps.inner }
"""
TENANTS = """
tenants:
  host: true
  unknown: deny
  known:
    acme:
      plan: premium
      locale: de-DE
      hosts: [acme.example]
      config: {brand: ACME}
      intents: {deny: ["billing_*"]}
      servers: {stock: ["${ env.ACME_URL }"]}
    zeta: {hosts: [zeta.example], config: {brand: Zeta}}
"""
HOLDERS = {"ann": "acme", "zoe": "zeta", "eve": None}


def gateway_yaml() -> str:
    keys: list[dict[str, Any]] = [
        {
            "hash": f"sha256:{sha256(f'key-{name}'.encode()).hexdigest()}",
            "user": {"id": name, "roles": ["customer"]},
            **({"tenant": tenant} if tenant else {}),
        }
        for name, tenant in HOLDERS.items()
    ]
    identity = msgspec.json.encode([{"api_key": {"keys": keys}}, {"anonymous": {"roles": ["visitor"]}}]).decode()
    return f"gateway: shared\nidentity: {identity}\n{TENANTS}"


def shelf(name: str) -> dict[str, Route]:
    """Three articles, each of which says whose server it comes from."""
    return {f"GET /items/{sku}": Route({"from": name, "sku": sku}, delay=0.002) for sku in ("1", "2", "3")}


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Gateway]:
    async with AsyncExitStack() as stack:
        shared = await stack.enter_async_context(http_server(shelf("shared")))
        acme = await stack.enter_async_context(http_server(shelf("acme")))
        files = {
            "gateway.yaml": gateway_yaml(),
            "specs/all.yaml": SPECS,
            "policies/roles.yaml": "policy: roles\nroles: {customer: {}, visitor: {}}\n",
        }
        prepared = app.prepare(write(tmp_path, files), environ={"SHARED_URL": shared, "ACME_URL": acme})
        assert [(problem.code, problem.message) for problem in prepared.problems] == []
        application = app.application(prepared)
        await application.startup()
        stack.push_async_callback(application.shutdown)
        transport = httpx2.ASGITransport(app=application.asgi)
        client = await stack.enter_async_context(httpx2.AsyncClient(transport=transport, base_url="http://gateway.example"))
        yield Gateway(application, client)


async def ask(shop: Gateway, intent: str, user: str | None, host: str = "gateway.example", **given: Any) -> httpx2.Response:
    return await shop.chat({"intent": intent, "input": given}, user=user, Host=host)


async def test_each_has_its_own_servers_settings_and_language(shop: Gateway) -> None:
    acme, zeta = (await ask(shop, "item", "ann", sku="1")).json(), (await ask(shop, "item", "zoe", sku="1")).json()
    assert acme["data"] == {"from": "acme", "tenant": "acme", "plan": "premium", "brand": "ACME"}
    assert zeta["data"] == {"from": "shared", "tenant": "zeta", "plan": None, "brand": "Zeta"}
    assert (acme["reply"]["text"], zeta["reply"]["text"]) == ("Hallo von ACME", "Hello from Zeta")


async def test_what_they_share_answers_each_its_own(shop: Gateway) -> None:
    """Equal questions at once, which coalesce within a tenant and never across two."""
    order = [(user, sku) for user in ("ann", "zoe") for sku in "123"] * 20
    random.Random(7).shuffle(order)
    answers = await asyncio.gather(*(ask(shop, "item", user, sku=sku) for user, sku in order))
    expected = {"ann": "acme", "zoe": "shared"}
    assert [answer.json()["data"]["from"] for answer in answers] == [expected[user] for user, _ in order]


@pytest.mark.parametrize(
    ("user", "host", "status", "reason"),
    [
        ("ann", "acme.example", 200, None),
        ("ann", "zeta.example", 403, "mismatch"),
        ("eve", "gateway.example", 403, "unknown"),
        ("eve", "acme.example", 403, "unknown"),
        ("ann", "ACME.example:8080", 200, None),
    ],
)
async def test_credential_and_host_must_agree(shop: Gateway, user: str, host: str, status: int, reason: str | None) -> None:
    answer = await ask(shop, "item", user, host, sku="1")
    assert answer.status_code == status
    assert answer.json().get("code") == ("forbidden" if reason else None)
    if reason is not None:
        assert f'gateway_tenant_refusals_total{{reason="{reason}"}} 1.0' in await shop.metrics()


async def test_a_tenant_has_only_its_intents(shop: Gateway) -> None:
    assert (await ask(shop, "billing_item", "ann")).status_code == 403
    assert (await ask(shop, "billing_item", "zoe")).status_code == 200
    assert (await ask(shop, "around_it", "ann")).status_code == 403
    assert (await ask(shop, "around_it", "zoe")).status_code == 200
    listed = {user: (await shop.get("/v1/intents", user=user)).json()["intents"] for user in ("ann", "zoe")}
    assert {user: [each["name"] for each in intents] for user, intents in listed.items()} == {
        "ann": ["around_it", "item"],
        "zoe": ["around_it", "billing_item", "item"],
    }


async def test_a_host_is_enough_for_who_is_nobody(shop: Gateway) -> None:
    assert (await ask(shop, "billing_item", None, "zeta.example")).status_code == 200
    assert (await ask(shop, "billing_item", None, "acme.example")).status_code == 401
    assert (await ask(shop, "billing_item", None, "elsewhere.example")).status_code == 403


async def test_requests_and_refusals_are_counted_by_tenant(shop: Gateway) -> None:
    await ask(shop, "item", "ann", sku="1")
    await ask(shop, "item", "eve", sku="1")
    metrics = await shop.metrics()
    assert 'gateway_requests_total{intent="item",status="complete",tenant="acme"} 1.0' in metrics
    assert 'gateway_upstream_calls_total{source="stock",tenant="acme"} 1.0' in metrics
    assert 'gateway_upstream_calls_total{source="stock",tenant="zeta"} 0.0' in metrics
    assert 'gateway_tenant_bytes_total{direction="in",tenant="acme"}' in metrics
    assert 'gateway_tenant_bytes_total{direction="out",tenant=""}' in metrics, "what is refused is nobody's"
    assert 'gateway_tenant_refusals_total{reason="unknown"} 1.0' in metrics
