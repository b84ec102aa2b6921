"""What is checked before data goes anywhere: references, `ensure`, business errors, and what a backend is told of a call."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest

from gateway import app
from gateway.testing.scenario import write
from gateway.testing.servers import Received, Route
from tests.scenarios.conftest import Start
from tests.scenarios.running import files_of

TYPED = """
source: erp
type: http
servers: ["http://127.0.0.1:1"]
operations:
  order:
    request: "GET /orders/{order_id}"
    output_schema: {type: object, properties: {id: {type: string}, lines: {type: array, items: {properties: {sku: {type: string}}}}}}
---
intent: order
input: {type: object, properties: {order_id: {type: string}}}
steps:
  order: {call: erp.order, with: {order_id: "${ input.order_id }"}}
"""


@pytest.mark.parametrize(
    ("output", "missing", "hint"),
    [
        ("${ steps.order.idd }", "idd", "id"),
        ("Order ${ steps.order.number }.", "number", None),
        ("${ input.orderid }", "orderid", "order_id"),
        ("${ steps.ordr.id }", "ordr", "order"),
        ("${ ctx.requestid }", "requestid", "request_id"),
    ],
)
def test_a_field_that_cannot_be_there_is_a_load_error(tmp_path: Path, output: str, missing: str, hint: str | None) -> None:
    specs = f"{TYPED}output: {{a: '{output}', b: '${{ steps.order.id }}'}}\n"
    prepared = app.prepare(write(tmp_path, files_of(specs)), environ={})
    assert prepared.plan is None
    [problem] = prepared.problems
    assert f"`{missing}`" in problem.message
    line = specs.splitlines()[problem.place.line - 1]
    assert line[problem.place.column - 1 :].startswith(missing)
    assert hint is None or f"`{hint}`" in (problem.hint or "")


UNTYPED = """
source: erp
type: http
servers: ["${ env.ERP_URL }"]
operations:
  order: {request: "GET /orders/{order_id}"}
  search:
    request: "POST /search"
    effect: read
    query: {q: "${ args.q }", text: "t-${ args.q }"}
    headers: {X-Query: "${ args.q }", X-Text: "t-${ args.q }"}
    body: {q: "${ args.q }", text: "t-${ args.q }", literal: {$literal: "${ args.q }"}}
    params: {type: object, properties: {q: {}, other: {in: query}}}
---
intent: related
input: {type: object, properties: {order_id: {type: string}}}
steps:
  order: {call: erp.order, with: {order_id: "${ input.order_id }"}}
  found: {call: erp.search, with: {q: "${ steps.order.nothing.there }", other: "o-${ steps.order.nothing }"}}
  again: {call: erp.order, with: {order_id: "${ steps.order.nothing }"}}
output: {missing: "${ steps.order.nothing }", text: "a${ steps.order.nothing }b", again: "${ steps.again }", found: "${ steps.found }"}
"""


async def test_a_field_that_is_not_there_is_null_and_no_expression_goes_upstream(start: Start) -> None:
    routes = {"/orders/7": Route({"id": "7"}), "/search": Route([])}
    gateway = await start(UNTYPED, erp=routes)
    answered = await gateway.ask("related", order_id="7")
    assert answered.json()["data"] == {"missing": None, "text": "ab", "again": None, "found": []}
    assert answered.json()["meta"]["steps"]["again"]["status"] == "skipped"
    [asked] = routes["/search"].received
    assert asked.target == "/search?text=t-&other=o-"
    assert (asked.headers.get("x-query"), asked.headers["x-text"]) == (None, "t-")
    assert asked.json() == {"q": None, "text": "t-", "literal": "${ args.q }"}
    assert routes["/orders/7"].count == 1


async def test_what_a_caller_sends_is_data_and_never_an_expression(start: Start) -> None:
    routes = {"*": Route({"id": "${ user.id }", "nothing": "${ config }"}), "/search": Route([])}
    gateway = await start(UNTYPED, erp=routes)
    answered = await gateway.ask("related", order_id="${ user.roles }")
    assert answered.json()["data"]["missing"] == "${ config }"
    assert [asked.path for asked in routes["*"].received] == ["/orders/%24%7B%20user.roles%20%7D", "/orders/%24%7B%20config%20%7D"]


ENSURED = """
source: erp
type: http
servers: ["${ env.ERP_URL }"]
operations:
  order:
    request: "GET /orders/{order_id}"
    error: {code: body.code, message: body.message}
  plain: {request: "GET /orders/{order_id}"}
  cancel: {request: "POST /orders/{order_id}/cancellation"}
---
intent: order
input: {type: object, required: [order_id], properties: {order_id: {type: string}}}
steps:
  order:
    call: erp.plain
    with: {order_id: "${ input.order_id }"}
    ensure: [{check: "result.customer == user.customer_id", deny: not_found}]
output: "${ steps.order }"
reply:
  - when: error.code == 'not_found'
    text: "There is no order ${ input.order_id }: ${ error.detail_code } ${ error.status_code } ${ error.step }"
  - {text: Here it is.}
---
intent: order_with_codes
extends: order
steps: {order: {call: erp.order}}
---
intent: cancel_order
extends: order
steps: {cancel: {call: erp.cancel, with: {order_id: "${ input.order_id }"}}}
output: "${ steps.cancel }"
reply: null
"""


def orders(absent: Route) -> dict[str, Route]:
    return {
        "GET /orders/1": Route({"id": "1", "customer": "C1"}),
        "GET /orders/2": Route({"id": "2", "customer": "C2"}),
        "GET /orders/3": Route({"id": "3", "customer": None}),
        "GET /orders/4": Route({"id": "4"}),
        "GET /orders/5": Route(None),
        "GET /orders/6": Route([{"customer": "C1"}]),
        "*": absent,
        **{f"POST /orders/{number}/cancellation": Route({"cancelled": True}) for number in range(1, 7)},
    }


@pytest.mark.parametrize("user", ["alice", "nobody"])
@pytest.mark.parametrize("order_id", ["2", "3", "4", "5", "6"])
async def test_null_on_either_side_of_an_ensure_is_denied_and_nothing_is_written(start: Start, user: str, order_id: str) -> None:
    routes = orders(Route(status=404))
    gateway = await start(ENSURED, erp=routes)
    for intent in ("order", "cancel_order"):
        assert (await gateway.ask(intent, user=user, order_id=order_id)).status_code == 404
    assert not any(route.received for name, route in routes.items() if name.startswith("POST"))
    allowed = await gateway.ask("cancel_order", user="alice", order_id="1")
    assert (allowed.status_code, allowed.json()["data"]) == (200, {"cancelled": True})


def without_id(response: httpx2.Response) -> tuple[int, list[tuple[str, str]], dict[str, Any]]:
    """Status, headers and body, but for the request's id."""
    body = response.json()
    assert response.headers["x-request-id"] == body.pop("request_id")
    headers = [(name, value) for name, value in response.headers.items() if name not in ("x-request-id", "content-length")]
    return response.status_code, sorted(headers), body


ABSENT = [Route(status=404, body=b""), Route({"code": "NO_SUCH_ORDER", "message": "Order 9 is not in table ORDERS."}, status=404)]


@pytest.mark.parametrize("absent", ABSENT)
@pytest.mark.parametrize("user", ["alice", "operator"])
@pytest.mark.parametrize("intent", ["order", "cancel_order"])
async def test_deny_not_found_looks_like_an_absent_thing(start: Start, absent: Route, user: str, intent: str) -> None:
    gateway = await start(ENSURED, erp=orders(absent))
    denied, missing = await gateway.ask(intent, user=user, order_id="2"), await gateway.ask(intent, user=user, order_id="2x")
    assert without_id(missing)[0] == 404
    assert str(without_id(missing)).replace("2x", "2") == str(without_id(denied))


async def test_deny_not_found_looks_like_an_absent_thing_that_has_a_business_code(start: Start) -> None:
    gateway = await start(ENSURED, erp=orders(ABSENT[1]))
    denied = await gateway.ask("order_with_codes", order_id="2")
    missing = await gateway.ask("order_with_codes", order_id="2x")
    assert str(without_id(missing)).replace("2x", "2") == str(without_id(denied))


BUSINESS = """
source: erp
type: http
servers: ["${ env.ERP_URL }"]
operations:
  pay:
    request: "GET /bills/{no}"
    success: status_code == `200` && body.ok
    error: {code: body.error.code, message: body.error.text}
    result: body.bill
---
intent: bill
input: {type: object, required: [no], properties: {no: {type: string}}}
steps: {bill: {call: erp.pay, with: {no: "${ input.no }"}}}
output: "${ steps.bill }"
---
intent: optional_bill
extends: bill
steps: {bill: {required: false}}
---
intent: bill_by_ladder
extends: bill
steps: {bill: {fallback: [{when: "error.detail_code == 'E42'", return: {state: blocked, was: "${ error.code }"}}]}}
"""
REFUSED = {"ok": False, "error": {"code": "E42", "text": "The bill is blocked."}}


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (REFUSED, 200, (502, "backend_error", "E42", "The bill is blocked.")),
        (REFUSED, 404, (404, "not_found", "E42", "The bill is blocked.")),
        (REFUSED, 409, (409, "conflict", "E42", "The bill is blocked.")),
        ({"ok": False, "error": {"code": 42}}, 200, (502, "backend_error", "42", "A backend reported a failure.")),
        ({"ok": False}, 200, (502, "backend_error", None, "A backend reported a failure.")),
        ("secret text of a backend", 200, (502, "backend_error", None, "A backend reported a failure.")),
        ({"ok": True}, 201, (502, "backend_error", None, "A backend reported a failure.")),
        (None, 500, (502, "backend_error", None, "A backend reported a failure.")),
    ],
)
async def test_a_business_error_is_a_failure_with_its_own_code(start: Start, body: Any, status: int, expected: Any) -> None:
    gateway = await start(BUSINESS, erp={"*": Route(body, status=status)})
    failed = (await gateway.ask("bill", no="1")).json()
    assert (failed["status"], failed["code"], failed.get("detail_code"), failed["detail"]) == expected
    [entry] = (await gateway.ask("optional_bill", no="1")).json()["errors"]
    assert (entry["step"], entry["code"], entry["detail_code"], entry["message"]) == ("bill", *expected[1:])
    climbed = await gateway.ask("bill_by_ladder", no="1")
    assert climbed.status_code == (200 if expected[2] == "E42" else expected[0])
    if expected[2] == "E42":
        assert climbed.json()["data"] == {"state": "blocked", "was": expected[1]}


async def test_a_business_success_has_its_result(start: Start) -> None:
    gateway = await start(BUSINESS, erp={"*": Route({"ok": True, "bill": {"total": "1.50"}})})
    assert (await gateway.ask("bill", no="1")).json()["data"] == {"total": "1.50"}


CHAIN = """
source: erp
type: http
servers: ["${ env.ERP_URL }"]
timeout: 1s
operations:
  first: {request: GET /first}
  second: {request: "GET /second", params: {type: object, properties: {id: {}}}, timeout: 300ms}
---
intent: chain
deadline: 800ms
steps:
  one: {call: erp.first}
  two: {call: erp.second, with: {id: "${ steps.one.id }"}}
output: "${ steps.two }"
"""
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def told(received: Received) -> tuple[int, str]:
    return int(received.headers["x-deadline-ms"]), received.headers["traceparent"]


async def test_a_backend_learns_how_much_time_is_left_and_of_what_trace_it_is_part(start: Start) -> None:
    first, second = Route({"id": 1}, delay=0.05), Route({})
    gateway = await start(CHAIN, erp={"/first": first, "/second": second})

    async def ask(**headers: str) -> tuple[tuple[int, str], tuple[int, str]]:
        answered = await gateway.chat({"intent": "chain"}, **headers)
        assert answered.status_code == 200, answered.text
        return told(first.received[-1]), told(second.received[-1])

    (at_first, trace), (at_second, same_trace) = await ask(traceparent=TRACE)
    assert 700 < at_first <= 800
    assert 200 < at_second <= 300
    version, trace_id, parent, flags = trace.split("-")
    assert (version, trace_id, flags) == ("00", TRACE[3:35], "01")
    assert parent != TRACE[36:52]
    assert same_trace.split("-")[1] == trace_id

    (at_first, trace), (at_second, _) = await ask(X_Deadline_Ms="250")
    assert 200 < at_first <= 250
    assert 100 < at_second <= at_first - 50
    assert trace.split("-")[1] != TRACE[3:35]


async def test_what_cannot_be_done_in_time_is_not_begun(start: Start) -> None:
    first, second = Route({"id": 1}, delay=0.1), Route({})
    gateway = await start(CHAIN, erp={"/first": first, "/second": second})
    late = await gateway.chat({"intent": "chain"}, X_Deadline_Ms="60")
    assert (late.status_code, late.json()["code"]) == (504, "timeout")
    await asyncio.sleep(0.06)
    assert (first.count, second.count) == (1, 0)
