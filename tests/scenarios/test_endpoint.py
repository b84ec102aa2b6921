"""One intent by every door: the chat endpoint by name and by message, its own address, a route of the user's."""

from __future__ import annotations

import re
from typing import Any

import httpx2
import pytest

from gateway.testing.servers import Received, Route
from tests.scenarios.conftest import Start
from tests.scenarios.running import Gateway

SPECS = """
source: erp
type: http
servers: ["${ env.ERP_URL }"]
operations:
  orders: {request: "GET /orders/{order_id}", query: {limit: "${ args.limit }", open: "${ args.open }", share: "${ args.share }"}}
  ticket: {request: POST /tickets, body: {subject: "${ args.subject }"}, idempotency: {header: Idempotency-Key}}
  entry: {request: POST /entries, body: {text: "${ args.text }"}, idempotency: {header: X-Once}}
---
intent: track_order
examples: ["where is my order 1007?", "track {order_id}", "show {limit} events of order {order_id}"]
deadline: 900ms
input:
  type: object
  required: [order_id]
  additionalProperties: false
  properties:
    order_id: {type: string, pattern: "^[0-9]{1,10}$"}
    limit: {type: integer, minimum: 1, maximum: 50, default: 5}
    open: {type: boolean}
    share: {type: number}
    tags: {type: array, items: {type: string, maxLength: 3}}
steps:
  order:
    call: erp.orders
    with: {order_id: "${ input.order_id }", limit: "${ input.limit }", open: "${ input.open }", share: "${ input.share }"}
output: {order_id: "${ input.order_id }", state: "${ steps.order.state }", limit: "${ input.limit }", open: "${ input.open }"}
reply: Order ${ output.order_id } is ${ output.state }.
---
intent: open_ticket
examples: ["open a ticket about {subject}"]
input: {type: object, required: [subject], properties: {subject: {type: string, minLength: 1}}}
steps:
  ticket: {call: erp.ticket, with: {subject: "${ input.subject }"}}
  entries: {foreach: "['a', 'a', 'b'][*]", as: word, call: erp.entry, with: {text: "${ word }"}}
output: {number: "${ steps.ticket.number }"}
---
intent: parts
access: {internal: true, roles: [customer]}
examples: [show the parts]
output: {}
---
route: order_by_id
match: {method: GET, path: "/orders/{order_id}"}
intent: track_order
input: {order_id: "${ request.path.order_id }", limit: "${ request.query.limit }", open: "${ request.query.open }"}
---
route: order_plain
match: {method: [GET, POST], path: "/plain"}
intent: track_order
respond: {body: "${ output }", headers: {Cache-Control: no-store}}
---
route: new_ticket
match: {method: POST, path: /tickets}
intent: open_ticket
input: {subject: "${ request.body.subject }"}
respond: {status: 201, body: {number: "${ output.number }"}}
"""


def erp() -> dict[str, Route]:
    return {"*": Route({"state": "open"}), "/tickets": Route({"number": "T1"}, status=201), "/entries": Route({})}


@pytest.fixture
async def gateway(start: Start) -> Gateway:
    return await start(SPECS, erp=erp())


EXPECTED = {"order_id": "1007", "state": "open", "limit": 7, "open": None}


async def test_one_intent_has_the_same_answer_by_every_door(gateway: Gateway) -> None:
    by_name = await gateway.ask("track_order", order_id="1007", limit=7)
    by_message = await gateway.chat({"message": "Show 7 events of order 1007!"})
    address = await gateway.client.post(
        "/v1/intents/track_order", json={"order_id": "1007", "limit": 7}, headers={"X-API-Key": "key-alice"}
    )
    route = await gateway.get("/orders/1007?limit=7")
    for answered in (by_name, by_message, address, route):
        assert (answered.status_code, answered.json()["data"]) == (200, EXPECTED), answered.text
        assert answered.json()["reply"]["text"] == "Order 1007 is open."
        assert (answered.json()["intent"], answered.json()["status"], answered.json()["level"]) == ("track_order", "complete", "full")
        assert answered.json()["meta"]["request_id"] == answered.headers["x-request-id"]
    plain = await gateway.get("/plain?order_id=1007&limit=7")
    assert (plain.json(), plain.headers["cache-control"]) == (EXPECTED, "no-store")


async def test_texts_become_what_the_schema_asks_for_by_every_door(start: Start) -> None:
    routes = erp()
    gateway = await start(SPECS, erp=routes)
    given: dict[str, Any] = {"order_id": "1007", "limit": "7", "open": "true", "share": "0.5"}
    await gateway.ask("track_order", **given)
    await gateway.client.post("/v1/intents/track_order", json=given, headers={"X-API-Key": "key-alice"})
    await gateway.get("/plain?order_id=1007&limit=7&open=TRUE&share=0.5")
    assert [received.target for received in routes["*"].received] == ["/orders/1007?limit=7&open=true&share=0.5"] * 3


@pytest.mark.parametrize("limit", ["seven", "7.5", "0x7", "1_0", "", "٧", True, [7], 51, 0])
async def test_what_is_no_such_number_is_refused(gateway: Gateway, limit: Any) -> None:
    refused = await gateway.ask("track_order", order_id="1007", limit=limit)
    assert (refused.status_code, [fault["path"] for fault in refused.json()["errors"]]) == (422, ["/input/limit"])


async def test_every_fault_of_an_input_is_told_with_its_pointer(start: Start) -> None:
    routes = erp()
    gateway = await start(SPECS, erp=routes)
    given: dict[str, Any] = {"limit": 99, "open": "maybe", "tags": ["abc", "abcd", 5], "colour": "red", "a/b~c": 1}
    answers = [
        await gateway.ask("track_order", **given),
        await gateway.client.post("/v1/intents/track_order", json=given, headers={"X-API-Key": "key-alice"}),
        await gateway.client.post("/plain", json=given, headers={"X-API-Key": "key-alice"}),
    ]
    pointers = {"/order_id", "/limit", "/open", "/tags/1", "/tags/2", "/colour", "/a~1b~0c"}
    for refused, where in zip(answers, ("/input", "", "/input"), strict=True):
        problem = refused.json()
        assert (refused.status_code, problem["code"], problem["title"]) == (422, "invalid_request", "Unprocessable Content")
        assert refused.headers["content-type"] == "application/problem+json"
        assert {fault["path"] for fault in problem["errors"]} == {where + pointer for pointer in pointers}
    assert routes["*"].count == 0


MALFORMED: list[Any] = [
    [],
    "track 1007",
    {},
    {"intent": None},
    {"input": {"order_id": "1007"}},
    {"intent": "track_order", "inputs": {}},
    {"intent": "track_order", "input": [1]},
    {"intent": "track_order", "input": {"order_id": "1"}, "a/b": 1},
    {"intent": 7},
    {"message": ["track 1007"]},
    {"intent": "track_order", "version": 0},
    {"intent": "track_order", "fields": "state"},
    {"intent": "track_order", "locale": "../de"},
    {"intent": "track_order", "channel": "a b"},
    {"intent": "track_order", "mode": "later"},
    {"message": "x" * 4001},
]


@pytest.mark.parametrize("body", MALFORMED)
async def test_what_is_no_request_is_a_400(gateway: Gateway, body: Any) -> None:
    refused = await gateway.chat(body)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_request")


async def test_unknown_members_are_named(gateway: Gateway) -> None:
    refused = await gateway.chat({"intent": "track_order", "inputs": {}, "a/b~": 1})
    assert [fault["path"] for fault in refused.json()["errors"]] == ["/a~1b~0", "/inputs"]


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b'{"intent": "track_order", "intent": "open_ticket"}', "application/json", 400),
        (b'{"intent": "track_order"', "application/json", 400),
        (b'{"intent": "\xff"}', "application/json", 400),
        (b'{"intent": "track_order", "input": {"limit": NaN}}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"", "application/json", 400),
        (b"intent=track_order", "application/x-www-form-urlencoded", 415),
        (b'{"intent": "track_order"}', "text/plain", 415),
        (b" " * (1 << 20) + b"{}", "application/json", 413),
    ],
)
async def test_unreadable_bodies_are_refused(gateway: Gateway, content: bytes, kind: str, status: int) -> None:
    refused = await gateway.client.post("/v1/chat", content=content, headers={"X-API-Key": "key-alice", "Content-Type": kind})
    assert refused.status_code == status
    assert refused.headers["content-type"] == "application/problem+json"


async def test_a_message_that_means_nothing_gets_suggestions(gateway: Gateway) -> None:
    for message in ("where is my ordr?", "please order me a pizza", "xyzzy", "track", "show the parts", ""):
        unclear = await gateway.chat({"message": message})
        assert (unclear.status_code, unclear.json()["code"], unclear.json()["detail_code"]) == (422, "invalid_request", "intent_unclear")
        assert len(unclear.json()["reply"]["suggestions"]) <= 3
        assert "parts" not in str(unclear.json()["reply"]["suggestions"])
    assert "where is my order 1007?" in (await gateway.chat({"message": "where is my ordr?"})).json()["reply"]["suggestions"]


async def test_a_message_never_writes(start: Start) -> None:
    routes = erp()
    gateway = await start(SPECS, erp=routes)
    for body in ({"message": "open a ticket about rain"}, {"message": "Open a ticket about rain.", "input": {"subject": "sun"}}):
        refused = await gateway.chat(body)
        assert (refused.status_code, refused.json()["detail_code"]) == (422, "confirmation_required")
    assert not any(route.received for route in routes.values())
    assert (await gateway.ask("open_ticket", subject="rain")).status_code == 200
    assert routes["/tickets"].count == 1


@pytest.mark.parametrize(
    ("body", "user", "status"),
    [
        ({"intent": "nothing"}, "alice", 404),
        ({"intent": "parts"}, "alice", 404),
        ({"intent": "track_order", "input": {"order_id": "1"}}, "partner", 403),
        ({"intent": "track_order", "input": {"order_id": "1"}}, None, 401),
        ({"intent": "track_order", "input": {"order_id": "1"}}, "stranger", 401),
        ({"intent": "track_order", "input": {"order_id": "1"}, "version": 1}, "alice", 403),
        ({"intent": "track_order", "input": {"order_id": "1"}, "mode": "async"}, "alice", 422),
    ],
)
async def test_what_may_not_be_done_is_refused_before_anything_is_called(
    start: Start, body: dict[str, Any], user: str | None, status: int
) -> None:
    routes = erp()
    gateway = await start(SPECS, erp=routes)
    assert (await gateway.chat(body, user=user)).status_code == status
    assert not any(route.received for route in routes.values())


async def test_only_the_wanted_fields_are_told(gateway: Gateway) -> None:
    answered = await gateway.chat({"intent": "track_order", "input": {"order_id": "1"}, "fields": ["state"]})
    assert answered.json()["data"] == {"state": "open"}
    assert answered.json()["reply"]["text"] == "Order 1 is open."


async def test_a_deadline_narrows_and_never_widens(start: Start) -> None:
    routes = erp()
    gateway = await start(SPECS, erp=routes)
    body = {"intent": "track_order", "input": {"order_id": "1"}}
    for given, most in (("300", 300), ("60000", 900), ("999999999", 900)):
        assert (await gateway.chat(body, X_Deadline_Ms=given)).json()["meta"]["deadline_ms"] == most
        assert most - 100 < int(routes["*"].received[-1].headers["x-deadline-ms"]) <= most
    for given in ("0", "-5", "1.5", "soon", "1e3", "", "9999999999"):
        assert (await gateway.chat(body, X_Deadline_Ms=given)).status_code == 400


def keys(received: list[Received], header: str) -> list[str | None]:
    return [each.headers.get(header) for each in received]


async def test_an_idempotency_key_reaches_the_backend_as_a_hash_of_its_own(start: Start) -> None:
    routes = erp()
    gateway = await start(SPECS, erp=routes)
    body = {"intent": "open_ticket", "input": {"subject": "rain"}}

    async def sent(answering: httpx2.Response) -> list[str | None]:
        assert answering.status_code in (200, 201), answering.text
        found = [*keys(routes["/tickets"].received, "idempotency-key"), *keys(routes["/entries"].received, "x-once")]
        routes["/tickets"].received.clear()
        routes["/entries"].received.clear()
        return sorted(found, key=str)

    first = await sent(await gateway.chat(body, Idempotency_Key="k1"))
    # The ticket and three entries: writes are never de-duplicated, and each has a key of its own.
    assert len(set(first)) == 4
    assert all(key is not None and re.fullmatch("[0-9a-f]{64}", key) for key in first)
    # What was carried out is not carried out again, however the same is asked for.
    assert await sent(await gateway.chat(body, Idempotency_Key="k1")) == []
    assert await sent(await gateway.chat({**body, "idempotency_key": "k1"})) == []
    ticket = {"X-API-Key": "key-alice", "Idempotency-Key": "k1"}
    assert await sent(await gateway.client.post("/tickets", json={"subject": "rain"}, headers=ticket)) == []
    for others in (
        await sent(await gateway.chat(body, Idempotency_Key="k2")),
        await sent(await gateway.chat(body, user="bob", Idempotency_Key="k1")),
    ):
        assert not set(others) & set(first)
        assert len(set(others)) == 4
    assert await sent(await gateway.chat(body)) == [None] * 4


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "ü"])
async def test_a_bad_idempotency_key_is_refused(gateway: Gateway, key: str) -> None:
    body = {"intent": "open_ticket", "input": {"subject": "rain"}}
    assert (await gateway.chat({**body, "idempotency_key": key})).status_code == 400


async def test_two_keys_that_differ_are_refused(gateway: Gateway) -> None:
    body = {"intent": "open_ticket", "input": {"subject": "rain"}, "idempotency_key": "k1"}
    assert (await gateway.chat(body, Idempotency_Key="k2")).status_code == 400


async def test_the_list_holds_what_the_caller_may_use(gateway: Gateway) -> None:
    listed = (await gateway.get("/v1/intents")).json()["intents"]
    assert [(entry["name"], entry["writes"]) for entry in listed] == [("open_ticket", True), ("track_order", False)]
    assert listed[1]["input"]["required"] == ["order_id"]
    assert (await gateway.get("/v1/intents", user="partner")).json()["intents"] == []
