"""Each system answers as the specs say it does: right answers, unknown things, and requests that make no sense."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import jsonschema
import pytest
import yaml

from gateway.demo.backends.switches import Switch
from gateway.demo.backends.system import SYSTEMS, system_app
from gateway.demo.company import Company

ROOT = Path(__file__).parents[3]
SOURCES = [document for file in (ROOT / "specs/sources").glob("*.yaml") for document in yaml.safe_load_all(file.read_text("utf-8"))]
INVENTORY = yaml.safe_load((ROOT / "openapi/inventory.yaml").read_text("utf-8"))


class Ask:
    """Asks any system by name, without a network."""

    def __init__(self, clients: dict[str, httpx2.AsyncClient]) -> None:
        self._clients = clients

    async def get(self, system: str, target: str) -> httpx2.Response:
        return await self._clients[system].get(target)

    async def post(self, system: str, target: str, **options: Any) -> httpx2.Response:
        return await self._clients[system].post(target, **options)


@pytest.fixture
async def ask(company: Company) -> AsyncIterator[Ask]:
    apps = {kind.name: system_app(kind, company, Switch(kind.name)) for kind in SYSTEMS}
    clients = {name: httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://backend") for name, app in apps.items()}
    yield Ask(clients)
    for client in clients.values():
        await client.aclose()


def output_schema(source: str, operation: str) -> Any:
    return next(document for document in SOURCES if document["source"] == source)["operations"][operation]["output_schema"]


@pytest.mark.parametrize(
    ("source", "operation", "target"),
    [
        ("erp", "sales_order", "/orders/1007"),
        ("erp", "customer_orders", "/customers/C1001/orders?limit=2"),
        ("delivery", "track", "/v2/shipments/NW00001007DE"),
        ("carrier_hub", "track", "/tracking/NW00001007DE"),
        ("crm", "contact", "/contacts/C1001"),
        ("tickets", "open_tickets", "/tickets?customer=C1001&state=open"),
        ("hr", "employee", "/employees/E2017"),
        ("hr", "leave", "/employees/E2017/leave"),
    ],
)
async def test_answers_meet_the_schema_of_the_spec(ask: Ask, source: str, operation: str, target: str) -> None:
    answer = await ask.get(source, target)
    assert answer.status_code == 200
    jsonschema.Draft202012Validator(output_schema(source, operation)).validate(answer.json())


@pytest.mark.parametrize(
    ("path", "target", "status"),
    [
        ("/products", "/products?q=lamp", 200),
        ("/products/{sku}", "/products/LMP-001", 200),
        ("/availability", "/availability?skus=LMP-001,LMP-002", 200),
        ("/availability/{sku}", "/availability/LMP-001", 200),
        ("/products", "/products?q=x", 400),
        ("/products/{sku}", "/products/XXX-999", 404),
        ("/availability", "/availability", 400),
        ("/availability/{sku}", "/availability/XXX-999", 404),
    ],
)
async def test_inventory_answers_as_its_openapi_document_says(ask: Ask, path: str, target: str, status: int) -> None:
    answer = await ask.get("inventory", target)
    assert answer.status_code == status
    described = INVENTORY["paths"][path]["get"]["responses"][str(status)]
    if "$ref" in described:
        described = INVENTORY["components"]["responses"]["Problem"]
    schema = described["content"]["application/json"]["schema"]
    jsonschema.Draft202012Validator({**schema, "components": INVENTORY["components"]}).validate(answer.json())


@pytest.mark.parametrize(
    ("system", "target"),
    [
        ("erp", "/orders/9"),
        ("erp", "/customers/C9/orders"),
        ("delivery", "/v2/shipments/NW00001009DE"),
        ("carrier_hub", "/tracking/NW00001009DE"),
        ("crm", "/contacts/C9"),
        ("hr", "/employees/E9"),
        ("hr", "/employees/E9/leave"),
    ],
)
async def test_unknown_things_are_404_with_a_code(ask: Ask, system: str, target: str) -> None:
    answer = await ask.get(system, target)
    assert answer.status_code == 404
    assert set(answer.json()["error"]) == {"code", "message"}


@pytest.mark.parametrize("limit", ["0", "101", "x", "-1", "１", "9" * 5_000])
async def test_senseless_limits_are_refused(ask: Ask, limit: str) -> None:
    assert (await ask.get("erp", f"/customers/C1001/orders?limit={limit}")).status_code == 400


async def test_orders_come_newest_first(ask: Ask) -> None:
    orders = (await ask.get("erp", "/customers/C1001/orders?limit=50")).json()["orders"]
    assert orders[0]["order_id"] == "1003"
    assert [order["ordered"] for order in orders] == sorted((order["ordered"] for order in orders), reverse=True)


async def test_search_puts_the_best_match_first(ask: Ask) -> None:
    items = (await ask.get("inventory", "/products?q=wall&limit=3")).json()["items"]
    assert len(items) == 3
    assert all(item["name"].startswith("Wall") for item in items)


async def test_stock_of_many_leaves_unknown_and_doubled_ones_out(ask: Ask) -> None:
    items = (await ask.get("inventory", "/availability?skus=LMP-002,XXX-999,LMP-001,LMP-002")).json()["items"]
    assert [item["sku"] for item in items] == ["LMP-002", "LMP-001"]


async def test_stock_of_too_many_is_refused(ask: Ask) -> None:
    assert (await ask.get("inventory", "/availability?skus=" + ",".join(["LMP-001"] * 51))).status_code == 400


async def test_a_new_ticket_is_found_again(ask: Ask) -> None:
    made = await ask.post("tickets", "/tickets", json={"customer": "C1002", "subject": "Lamp flickers", "order_id": "1008"})
    assert made.status_code == 201
    open_ones = (await ask.get("tickets", "/tickets?customer=C1002&state=open")).json()["tickets"]
    assert open_ones[0] == made.json()


async def test_one_key_opens_one_ticket(ask: Ask) -> None:
    ticket, key = {"customer": "C1002", "subject": "Lamp flickers"}, {"Idempotency-Key": "k1"}
    first = await ask.post("tickets", "/tickets", json=ticket, headers=key)
    again = await ask.post("tickets", "/tickets", json=ticket, headers=key)
    other = await ask.post("tickets", "/tickets", json={**ticket, "subject": "Something else"}, headers=key)
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert first.json() == again.json()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b"[]", 400),
        (b'{"customer": "C1001"}', 400),
        (b'{"customer": "C1001", "subject": "no"}', 400),
        (b'{"customer": "C1001", "subject": "fine", "more": 1}', 400),
        (b'{"customer": "C1001", "subject": ' + b"[" * 50_000, 400),
        (b'{"customer": "C9", "subject": "fine"}', 422),
        (b'{"customer": "C1001", "subject": "' + b"x" * 70_000 + b'"}', 413),
    ],
)
async def test_bad_tickets_are_refused(ask: Ask, body: bytes, status: int) -> None:
    assert (await ask.post("tickets", "/tickets", content=body)).status_code == status


@pytest.mark.parametrize("query", ["", "?customer=C1001&state=lost", "?state=open"])
async def test_senseless_ticket_searches_are_refused(ask: Ask, query: str) -> None:
    assert (await ask.get("tickets", f"/tickets{query}")).status_code == 400


@pytest.mark.parametrize("system", [kind.name for kind in SYSTEMS])
async def test_every_system_tells_its_health(ask: Ask, system: str) -> None:
    assert (await ask.get(system, "/health")).text == "ok"


def test_specs_name_the_variables_that_are_set() -> None:
    text = "".join(file.read_text("utf-8") for file in (ROOT / "specs/sources").glob("*.yaml"))
    for kind in SYSTEMS:
        assert f"env.{kind.variable} " in text
