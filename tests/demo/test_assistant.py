"""The demo's assistant end to end: real backends, one request in, one answer out. Broken backends are mended after each test."""

from __future__ import annotations

import re
import time
from typing import Any

import httpx2
import pytest

from gateway import app
from gateway.demo.process import Backends
from tests.demo.conftest import ROOT

ADA, AGENT, EMMA, MONA = "demo-customer-1001", "demo-agent", "demo-employee", "demo-manager"
CLEO = "demo-contractor"


async def ask(client: httpx2.AsyncClient, key: str | None, body: dict[str, Any], **headers: str) -> httpx2.Response:
    return await client.post("/v1/chat", json=body, headers={"X-API-Key": key, **headers} if key else headers)


async def answer(client: httpx2.AsyncClient, key: str | None, intent: str, **given: Any) -> dict[str, Any]:
    response = await ask(client, key, {"intent": intent, "input": given})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def test_the_configuration_has_no_problem_at_all() -> None:
    assert app.prepare(ROOT, environ={}).problems == []


async def test_track_order(client: httpx2.AsyncClient) -> None:
    found = await answer(client, ADA, "track_order", order_id="1007")
    assert (found["status"], found["level"], found["errors"]) == ("complete", "full", [])
    assert found["data"]["state"] == "in_transit"
    assert {event["state"] for event in found["data"]["events"]} == {"in_transit"}
    assert found["reply"]["blocks"][0]["list"][0] == {"title": "Venlo Hub", "text": "on its way"}
    assert re.fullmatch(r"Order 1007 is on its way, expected \d+ \w+\.", found["reply"]["text"])
    assert found["meta"]["steps"]["delivery"]["status"] == "ok"


async def test_track_order_by_message_and_in_german(client: httpx2.AsyncClient) -> None:
    response = await ask(client, ADA, {"message": "track 1007", "locale": "de-DE"})
    assert response.status_code == 200
    assert response.json()["intent"] == "track_order"
    assert re.fullmatch(r"Bestellung 1007 ist unterwegs, erwartet \d+\. \w+\.", response.json()["reply"]["text"])
    assert {row["text"] for row in response.json()["reply"]["blocks"][0]["list"]} == {"unterwegs"}


async def test_track_order_that_was_not_shipped(client: httpx2.AsyncClient) -> None:
    found = await answer(client, ADA, "track_order", order_id="1003")
    assert (found["status"], found["meta"]["steps"]["delivery"]["status"]) == ("complete", "skipped")
    assert "has not been shipped yet" in found["reply"]["text"]


async def test_track_order_whose_parcel_was_never_scanned(client: httpx2.AsyncClient) -> None:
    found = await answer(client, ADA, "track_order", order_id="1009")
    assert (found["status"], found["level"]) == ("partial", "reduced")
    assert found["data"]["state"] == "label_created"
    assert [(error["step"], error["code"]) for error in found["errors"]] == [("delivery", "not_found")]


@pytest.mark.parametrize("mode", ["down", "garbled"])
async def test_track_order_takes_the_carriers_word(client: httpx2.AsyncClient, backends: Backends, mode: str) -> None:
    await backends.turn({"name": "delivery", "mode": mode})
    found = await answer(client, ADA, "track_order", order_id="1007")
    assert (found["status"], found["level"]) == ("complete", "full")
    assert found["data"]["state"] == "in_transit"
    step = found["meta"]["steps"]["delivery"]
    assert (step["status"], step["rung"]) == ("fallback", 1)


async def test_track_order_waits_no_longer_than_it_may(client: httpx2.AsyncClient, backends: Backends) -> None:
    await backends.turn({"name": "delivery", "mode": "slow"})
    await backends.turn({"name": "carrier_hub", "mode": "down"})
    started = time.monotonic()
    found = await answer(client, ADA, "track_order", order_id="1007")
    assert 0.55 < time.monotonic() - started < 1.5  # the delivery service's timeout is 600 ms
    assert (found["status"], found["data"]["state"]) == ("partial", "shipped")


async def test_track_order_of_somebody_else_looks_like_none(client: httpx2.AsyncClient) -> None:
    foreign = await ask(client, ADA, {"intent": "track_order", "input": {"order_id": "1008"}})
    absent = await ask(client, ADA, {"intent": "track_order", "input": {"order_id": "999"}})
    assert foreign.status_code == absent.status_code == 404
    differing = ("request_id",)
    assert without(foreign.json(), *differing) == {**without(absent.json(), *differing), "reply": foreign.json()["reply"]}
    assert foreign.json()["reply"]["text"] == "I can't find an order 1008 of yours."


async def test_track_order_of_anybody_for_the_support_desk(client: httpx2.AsyncClient) -> None:
    assert (await answer(client, AGENT, "track_order", order_id="1008"))["status"] == "complete"


async def test_track_order_without_the_erp_fails_and_says_so(client: httpx2.AsyncClient, backends: Backends) -> None:
    await backends.turn({"name": "erp", "mode": "down"})
    response = await ask(client, ADA, {"intent": "track_order", "input": {"order_id": "1007"}})
    assert response.status_code == 503
    assert response.json()["code"] == "unavailable"
    assert "try again" in response.json()["reply"]["text"]
    assert "127.0.0.1" not in response.text


async def test_billing_overview(client: httpx2.AsyncClient) -> None:
    found = await answer(client, ADA, "billing_overview")
    assert found["status"] == "complete"
    lines = found["data"]["invoices"]
    assert len(lines) >= 5
    assert all(isinstance(line["in_stock"], int) for line in lines)
    due = sum(float(line["amount"]) for line in lines if line["state"] != "paid")
    assert float(found["data"]["open_total"]) == pytest.approx(due)


async def test_billing_overview_without_the_inventory(client: httpx2.AsyncClient, backends: Backends) -> None:
    await backends.turn({"name": "inventory", "mode": "down"})
    found = await answer(client, ADA, "billing_overview")
    assert (found["status"], found["level"]) == ("partial", "reduced")
    assert [(error["step"], error["code"]) for error in found["errors"]] == [("stock", "unavailable")]
    assert {line["in_stock"] for line in found["data"]["invoices"]} == {None}


async def test_billing_overview_of_somebody_else_is_forbidden(client: httpx2.AsyncClient) -> None:
    response = await ask(client, ADA, {"intent": "billing_overview", "input": {"customer_id": "C1002"}})
    assert (response.status_code, response.json()["code"]) == (403, "forbidden")


async def test_billing_overview_asks_the_support_desk_for_the_customer(client: httpx2.AsyncClient) -> None:
    assert "Whose invoices" in (await answer(client, AGENT, "billing_overview"))["reply"]["text"]
    assert (await answer(client, AGENT, "billing_overview", customer_id="C1002"))["data"]["invoices"]


async def test_customer_card(client: httpx2.AsyncClient) -> None:
    found = await answer(client, AGENT, "customer_card", customer_id="C1001")
    assert found["status"] == "complete"
    assert found["data"]["customer"]["name"] == "Ada Petersen"
    assert {"T5001", "T5002"} <= {ticket["ticket_id"] for ticket in found["data"]["tickets"]}
    assert found["data"]["orders"][0]["order_id"] == "1003"


async def test_customer_card_without_the_help_desk(client: httpx2.AsyncClient, backends: Backends) -> None:
    await backends.turn({"name": "tickets", "mode": "garbled"})
    found = await answer(client, AGENT, "customer_card", customer_id="C1001")
    assert (found["status"], found["data"]["tickets"]) == ("partial", None)
    assert [(error["step"], error["code"]) for error in found["errors"]] == [("tickets", "bad_response")]


async def test_customer_card_takes_orders_from_finance(client: httpx2.AsyncClient, backends: Backends) -> None:
    await backends.turn({"name": "erp", "mode": "down"})
    found = await answer(client, AGENT, "customer_card", customer_id="C1001")
    assert (found["status"], found["level"]) == ("complete", "full")
    assert {order["state"] for order in found["data"]["orders"]} == {"invoiced"}
    assert found["meta"]["steps"]["orders"]["rung"] == 0


async def test_a_contractor_sees_the_card_and_not_how_to_reach_the_customer(client: httpx2.AsyncClient) -> None:
    mine, theirs = [await answer(client, key, "customer_card", customer_id="C1001") for key in (AGENT, CLEO)]
    shown, hidden = mine["data"]["customer"], theirs["data"]["customer"]
    assert {name for name in shown if shown[name] != hidden[name]} == {"email", "phone"}
    assert shown["email"] in str(mine["reply"])
    assert shown["email"] not in str(theirs)
    assert shown["phone"] not in str(theirs)


async def test_a_contractor_is_denied_bills_whatever_else_allows_them(client: httpx2.AsyncClient) -> None:
    refused = await ask(client, CLEO, {"intent": "billing_overview", "input": {}})
    assert refused.status_code == 403
    assert refused.json()["decision"]["rule"].startswith("policies/roles.yaml:")
    allowed = {intent["name"] for intent in (await client.get("/v1/intents", headers={"X-API-Key": CLEO})).json()["intents"]}
    assert allowed == {"customer_card", "product_search", "store_hours", "track_order"}


async def test_customer_card_is_not_for_customers(client: httpx2.AsyncClient) -> None:
    response = await ask(client, ADA, {"intent": "customer_card", "input": {"customer_id": "C1001"}})
    assert response.status_code == 403


async def test_leave_balance_of_oneself_and_of_a_report(client: httpx2.AsyncClient) -> None:
    for key, asked in ((EMMA, {}), (EMMA, {"employee_id": "E2017"}), (MONA, {"employee_id": "E2017"})):
        found = await answer(client, key, "leave_balance", **asked)
        assert (found["status"], found["data"]["employee_id"], found["data"]["left"]) == ("complete", "E2017", 12.5)


async def test_leave_balance_of_others_looks_like_nobody(client: httpx2.AsyncClient) -> None:
    asked = [await ask(client, EMMA, {"intent": "leave_balance", "input": {"employee_id": one}}) for one in ("E2001", "E2002", "E9999")]
    assert [response.status_code for response in asked] == [404, 404, 404]
    assert len({str(without(response.json(), "request_id")) for response in asked}) == 1


async def test_product_search_for_anybody(client: httpx2.AsyncClient) -> None:
    found = await answer(client, None, "product_search", query="lamp", limit=20)
    assert len(found["data"]["products"]) == 20
    in_stock = await answer(client, None, "product_search", query="lamp", limit=20, in_stock=True)
    assert in_stock["data"]["products"] == [product for product in found["data"]["products"] if product["available"]]


async def test_product_search_refuses_nonsense_with_pointers(client: httpx2.AsyncClient) -> None:
    response = await ask(client, None, {"intent": "product_search", "input": {"query": "x", "limit": 99, "colour": "red"}})
    assert response.status_code == 422
    assert len(response.json()["errors"]) == 3


async def test_store_hours_for_anybody(client: httpx2.AsyncClient) -> None:
    found = await answer(client, None, "store_hours", city="hamburg")
    assert [store["city"] for store in found["data"]["stores"]] == ["Hamburg"]
    assert "Speicherstadt" in found["reply"]["text"]
    assert len((await answer(client, None, "store_hours"))["data"]["stores"]) == 5


async def test_create_ticket_once(client: httpx2.AsyncClient) -> None:
    body = {"intent": "create_ticket", "input": {"subject": "Lamp flickers", "order_id": "1007"}}
    first = await ask(client, ADA, body, **{"Idempotency-Key": "once"})
    again = await ask(client, ADA, body, **{"Idempotency-Key": "once"})
    assert first.status_code == again.status_code == 200
    assert first.json()["data"] == again.json()["data"]
    assert first.json()["data"]["state"] == "open"


async def test_create_ticket_about_a_foreign_order_writes_nothing(client: httpx2.AsyncClient, backends: Backends) -> None:
    response = await ask(client, ADA, {"intent": "create_ticket", "input": {"subject": "Not mine", "order_id": "1008"}})
    assert response.status_code == 404
    async with httpx2.AsyncClient(base_url=backends.environ["TICKETS_URL"]) as desk:
        tickets = (await desk.get("/tickets?customer=C1001&state=all")).json()["tickets"]
    assert "Not mine" not in {ticket["subject"] for ticket in tickets}


async def test_a_message_never_writes(client: httpx2.AsyncClient) -> None:
    response = await ask(client, ADA, {"message": "open a ticket about a damaged parcel"})
    assert (response.status_code, response.json()["detail_code"]) == (422, "confirmation_required")


async def test_an_unclear_message_gets_suggestions(client: httpx2.AsyncClient) -> None:
    response = await ask(client, ADA, {"message": "what is the meaning of it all"})
    assert (response.status_code, response.json()["detail_code"]) == (422, "intent_unclear")


async def test_orders_are_not_for_everybody(client: httpx2.AsyncClient) -> None:
    for key, status in ((None, 401), ("wrong", 401), (EMMA, 403)):
        response = await ask(client, key, {"intent": "track_order", "input": {"order_id": "1007"}})
        assert response.status_code == status


async def test_everybody_sees_what_they_may_use(client: httpx2.AsyncClient) -> None:
    open_to_all = {"product_search", "store_hours"}
    seen = {None: set(), ADA: {"track_order", "billing_overview", "create_ticket"}, MONA: {"leave_balance"}}
    for key, more in seen.items():
        response = await client.get("/v1/intents", headers={"X-API-Key": key} if key else {})
        assert {intent["name"] for intent in response.json()["intents"]} == open_to_all | more


async def test_routes_speak_plain_rest(client: httpx2.AsyncClient) -> None:
    order = await client.get("/orders/1007", headers={"X-API-Key": ADA})
    assert (order.status_code, order.json()["state"], order.headers["cache-control"]) == (200, "in_transit", "no-store")
    products = await client.get("/products?q=lamp&limit=2")
    assert len(products.json()) == 2
    stores = await client.get("/stores?city=Berlin")
    assert [store["city"] for store in stores.json()] == ["Berlin"]
    assert (await client.get("/orders/1007")).status_code == 401
    ticket = await client.post("/tickets", json={"subject": "From the form"}, headers={"X-API-Key": ADA})
    assert ticket.json()["data"]["subject"] == "From the form"


def without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}
