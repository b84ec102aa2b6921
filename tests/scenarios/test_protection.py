"""A failing backend is left alone and found again, and a flood ends at its bulkhead: a whole gateway before real servers."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import httpx2
import pytest

from gateway.testing.servers import Route
from tests.scenarios.conftest import Start
from tests.scenarios.running import Gateway

SPECS = """
source: erp
type: http
servers: ["${ env.ERP_URL }"]
timeout: 2s
circuit_breaker: {failure_threshold: 5, recovery_timeout: 600ms}
concurrency: 2
queue: {max: 1, wait: 5s}
operations:
  order: {request: "GET /orders/{order_id}"}
  search: {request: "GET /search/{order_id}", circuit_breaker: {failure_threshold: 1}}
---
intent: bare
input: {type: object, required: [order_id], properties: {order_id: {type: string}}}
steps:
  order: {call: erp.order, with: {order_id: "${ input.order_id }"}}
output: {order: "${ steps.order.id }"}
---
intent: ladder
extends: bare
steps:
  order:
    fallback:
      - {when: "error.code == 'circuit_open'", return: {id: later}}
reply:
  - {when: "contains(ctx.open_circuits, 'erp')", text: "The order desk is resting."}
  - {text: "Order ${ output.order }."}
---
intent: brief
extends: bare
deadline: 60ms
---
intent: search
extends: bare
steps: {order: {call: erp.search, with: {order_id: "${ input.order_id }"}}}
"""


async def readiness(gateway: Gateway) -> dict[str, Any]:
    transport = httpx2.ASGITransport(app=gateway.application.admin_asgi)
    async with httpx2.AsyncClient(transport=transport, base_url="http://admin.example") as client:
        sources: dict[str, Any] = (await client.get("/readyz", params={"verbose": ""})).json()["sources"]
    return sources


async def samples(gateway: Gateway, name: str) -> set[str]:
    return {line for line in (await gateway.metrics()).splitlines() if line.startswith(name)}


async def test_a_backend_that_fails_is_left_alone_and_found_again(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="gateway.erp")
    order = Route({"id": "7"}, status=500)
    gateway = await start(SPECS, erp={"*": order})
    for _ in range(5):
        failed = await gateway.ask("ladder", order_id="7")
        assert (failed.status_code, failed.json()["code"]) == (502, "backend_error")
    rests = (await gateway.ask("ladder", user="operator", order_id="7")).json()
    assert (rests["status"], rests["data"], rests["reply"]["text"]) == ("degraded", {"order": "later"}, "The order desk is resting.")
    step = rests["meta"]["steps"]["order"]
    assert (step["breaker"], step["attempts"], step["rung"]) == ("open", 0, 0)
    for _ in range(20):
        refused = await gateway.ask("bare", order_id="7")
        assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (503, "circuit_open", "1")
    assert order.count == 5
    assert (await readiness(gateway))["erp"] == {
        "ready": True, "circuit": "open", "circuits": [{"operation": "search", "state": "closed"}], "in_flight": 0, "waiting": 0,
        "servers": [{"server": 0, "state": "in", "in_flight": 0}],
    }  # fmt: skip
    order.status = 200
    assert (await gateway.ask("search", order_id="7")).status_code == 200, "it has a circuit of its own"
    while (back := (await gateway.ask("ladder", user="operator", order_id="7")).json())["status"] == "degraded":
        await asyncio.sleep(0.02)
    assert (back["status"], back["data"], back["meta"]["steps"]["order"]["breaker"]) == ("complete", {"order": "7"}, "half_open")
    well = (await gateway.ask("ladder", user="operator", order_id="7")).json()
    assert (well["reply"]["text"], well["meta"]["steps"]["order"]["breaker"]) == ("Order 7.", "closed")
    assert (await readiness(gateway))["erp"]["circuit"] == "closed"
    assert await samples(gateway, "gateway_circuit_state{") == {
        'gateway_circuit_state{lane="",operation="",source="erp"} 0.0',
        'gateway_circuit_state{lane="",operation="search",source="erp"} 0.0',
    }
    assert await samples(gateway, "gateway_circuit_transitions_total{") == {
        f'gateway_circuit_transitions_total{{source="erp",to="{to}"}} 1.0' for to in ("open", "half_open", "closed")
    }
    (refusals,) = await samples(gateway, "gateway_short_circuited_total{")
    assert float(refusals.split()[-1]) >= 21
    turns = [record.getMessage() for record in caplog.records if record.getMessage().startswith("circuit")]
    assert len(turns) == 3, "none for a refused call"


async def test_callers_in_a_hurry_do_not_shut_a_backend_for_others(start: Start) -> None:
    order = Route({"id": "7"}, delay=0.04)
    gateway = await start(SPECS, erp={"*": order})
    for _ in range(8):
        hurried = await gateway.chat({"intent": "bare", "input": {"order_id": "7"}}, X_Deadline_Ms="5")
        assert hurried.json()["code"] == "timeout"
    assert (await gateway.ask("bare", order_id="7")).status_code == 200


async def test_a_backend_that_hangs_longer_than_an_intent_may_take_is_left_alone(start: Start) -> None:
    order = Route({"id": "7"}, fault="silent")
    gateway = await start(SPECS, erp={"*": order})
    codes = [(await gateway.ask("brief", order_id="7")).json()["code"] for _ in range(6)]
    assert codes == ["timeout"] * 5 + ["circuit_open"]


async def test_a_flood_ends_at_the_bulkhead(start: Start) -> None:
    order = Route({"id": "7"}, delay=0.1)
    gateway = await start(SPECS, erp={"*": order})
    asked = [asyncio.ensure_future(gateway.ask("bare", order_id=str(number))) for number in range(10)]
    await asyncio.sleep(0.05)
    told = (await readiness(gateway))["erp"]
    assert (told["in_flight"], told["waiting"], told["servers"][0]["in_flight"]) == (2, 1, 2)
    answers = [(await each).json() for each in asked]
    assert sorted(each.get("code", each["status"]) for each in answers) == ["complete"] * 3 + ["overloaded"] * 7
    assert order.count == 3
    assert await samples(gateway, "gateway_upstream_shed_total{") == {
        'gateway_upstream_shed_total{reason="queue_full",source="erp"} 7.0',
        'gateway_upstream_shed_total{reason="waited",source="erp"} 0.0',
    }
    assert (await readiness(gateway))["erp"]["circuit"] == "closed", "our own queue counts against nobody"
