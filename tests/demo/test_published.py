"""Every answer of the demo's assistant is as `GET /v1/intents` publishes it: complete ones, and those that broken backends leave."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import httpx2
import jsonschema_rs
import pytest

from gateway.demo.process import Backends
from tests.demo.test_assistant import ADA, AGENT, EMMA, MONA, ask

QUESTIONS: list[tuple[str | None, str, dict[str, Any]]] = [
    *[(ADA, "track_order", {"order_id": number}) for number in ("1007", "1003")],
    *[(key, "billing_overview", {}) for key in (ADA, AGENT)],
    (AGENT, "billing_overview", {"customer_id": "C1002", "limit": 3}),
    (AGENT, "customer_card", {"customer_id": "C1001"}),
    (EMMA, "leave_balance", {}),
    (MONA, "leave_balance", {"employee_id": "E2017"}),
    (None, "product_search", {"query": "lamp", "limit": 20}),
    *[(None, "store_hours", given) for given in ({}, {"city": "hamburg"}, {"city": "nowhere"})],
    (ADA, "create_ticket", {"subject": "Lamp flickers", "order_id": "1007"}),
]
BROKEN: list[dict[str, list[str]]] = [
    {},
    *[{mode: [name]} for name in ("delivery", "erp", "inventory", "tickets", "hr", "crm") for mode in ("down", "garbled")],
    {"down": ["delivery", "carrier_hub"]},
]


async def published(client: httpx2.AsyncClient, keys: Iterable[str | None]) -> dict[str, Any]:
    """The schema of each intent's `data`, as whoever may use it is told."""
    listings = [await client.get("/v1/intents", headers={"X-API-Key": key} if key else {}) for key in keys]
    return {entry["name"]: entry["output"] for listing in listings for entry in listing.json()["intents"]}


async def test_every_intent_publishes_what_its_data_is(client: httpx2.AsyncClient) -> None:
    schemas = await published(client, {key for key, _, _ in QUESTIONS})
    assert schemas.keys() == {intent for _, intent, _ in QUESTIONS}
    assert all(schema["properties"] for schema in schemas.values())
    lines = schemas["billing_overview"]["properties"]["invoices"]["items"]["properties"]
    assert lines["in_stock"] == {"type": ["integer", "null"]}
    assert schemas["track_order"]["properties"]["order_id"] == {"type": "string"}


@pytest.mark.parametrize("broken", BROKEN, ids=str)
async def test_every_answer_is_as_published(client: httpx2.AsyncClient, backends: Backends, broken: dict[str, list[str]]) -> None:
    schemas = await published(client, {key for key, _, _ in QUESTIONS})
    for mode, names in broken.items():
        for name in names:
            await backends.turn({"name": name, "mode": mode})
    answers = [(intent, await ask(client, key, {"intent": intent, "input": given})) for key, intent, given in QUESTIONS]
    given = [(intent, answer.json()) for intent, answer in answers if answer.status_code == 200]
    for intent, answer in given:
        jsonschema_rs.validate(schemas[intent], answer["data"])
    assert len(given) == len(QUESTIONS) or broken
    missing = {"inventory", "tickets", "carrier_hub"} & {name for names in broken.values() for name in names}
    assert not missing or "partial" in {answer["status"] for _, answer in given}
