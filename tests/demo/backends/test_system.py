"""Every system keeps its contract: what the specs declare is what it answers, and what is unknown is 404 with a code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2
import jsonschema
import pytest
import yaml
from starlette.responses import PlainTextResponse

from gateway.demo.backends import switches
from gateway.demo.backends.switches import Mode, Switch
from gateway.demo.backends.system import SYSTEMS, Switched
from tests.demo.backends.conftest import Ask

ROOT = Path(__file__).parents[3]
SOURCES = [document for file in (ROOT / "specs/sources").glob("*.yaml") for document in yaml.safe_load_all(file.read_text("utf-8"))]


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
    ("system", "target"),
    [
        ("erp", "/orders/9"),
        ("erp", "/customers/C9/orders"),
        ("delivery", "/v2/shipments/NW00001009DE"),
        ("carrier_hub", "/tracking/NW00001009DE"),
        ("inventory", "/products/XXX-999"),
        ("crm", "/contacts/C9"),
        ("hr", "/employees/E9"),
        ("hr", "/employees/E9/leave"),
    ],
)
async def test_unknown_things_are_404_with_a_code(ask: Ask, system: str, target: str) -> None:
    answer = await ask.get(system, target)
    assert answer.status_code == 404
    assert set(answer.json()["error"]) == {"code", "message"}


@pytest.mark.parametrize("system", [kind.name for kind in SYSTEMS])
async def test_every_system_tells_its_health(ask: Ask, system: str) -> None:
    assert (await ask.get(system, "/health")).text == "ok"


def test_specs_name_the_variables_that_are_set() -> None:
    text = "".join(file.read_text("utf-8") for file in (ROOT / "specs/sources").glob("*.yaml"))
    for kind in SYSTEMS:
        assert f"env.{kind.variable} " in text


@pytest.mark.parametrize(("mode", "body"), [("ok", "whole"), ("slow", "whole"), ("garbled", '{"order_id": "10')])
async def test_the_switch_decides_what_is_answered(monkeypatch: pytest.MonkeyPatch, mode: Mode, body: str) -> None:
    monkeypatch.setattr(switches, "SLOW_SECONDS", 0.001)
    app = Switched(PlainTextResponse("whole"), Switch("one", mode))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://backend") as client:
        assert (await client.get("/")).text == body
