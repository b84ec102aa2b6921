"""What a caller sees of backends that are down, late, or answer nonsense."""

from __future__ import annotations

import asyncio
import time
import tracemalloc
from typing import Any

import pytest

from gateway.testing.servers import MIB, Fault, Route, gzip_bomb, refused_url
from tests.scenarios.conftest import Start

DEADLINE = 0.5
SPECS = """
source: erp
type: http
servers: ["${ env.ERP_URL }"]
timeout: 500ms
operations:
  order: {request: "GET /orders/{order_id}"}
---
source: delivery
type: http
servers: ["${ env.DELIVERY_URL }"]
timeout: 500ms
operations:
  track: {request: "GET /shipments/{no}"}
---
source: hub
type: http
servers: ["${ env.HUB_URL }"]
timeout: 100ms
operations:
  track: {request: "GET /hub/{no}"}
---
intent: both_needed
deadline: 500ms
input: {type: object, required: [order_id], properties: {order_id: {type: string}}}
steps:
  order: {call: erp.order, with: {order_id: "${ input.order_id }"}}
  delivery: {call: delivery.track, with: {no: "${ input.order_id }"}}
output: {order: "${ steps.order.id }", state: "${ steps.delivery.state }"}
---
intent: one_optional
extends: both_needed
steps: {delivery: {required: false}}
---
intent: with_ladder
extends: both_needed
steps:
  delivery:
    timeout: 150ms
    fallback:
      - {call: hub.track, with: {no: "${ input.order_id }"}, output: {state: "${ result.code }"}}
      - return: {state: unknown}
---
intent: order_alone
extends: both_needed
steps: {delivery: null}
output: {state: null}     # null takes a member out
"""


def order() -> Route:
    return Route({"id": "7", "customer": "C1"})


def healthy() -> dict[str, dict[str, Route]]:
    return {
        "erp": {"/orders/7": order()},
        "delivery": {"/shipments/7": Route({"state": "in_transit"})},
        "hub": {"/hub/7": Route({"code": "AR"})},
    }


BROKEN: dict[str, Route] = {
    "close": Route(fault="close"),
    "reset": Route(fault="reset"),
    "reset_midway": Route({"state": "in_transit"}, fault="reset_midway"),
    "garbage": Route(fault="garbage"),
    "truncated": Route({"state": "in_transit"}, fault="truncated"),
    "500": Route({"state": "in_transit"}, status=500),
    "503": Route({"state": "in_transit"}, status=503),
    "404": Route({"state": "in_transit"}, status=404),
    "redirect": Route({"state": "in_transit"}, status=302, headers={"location": "http://127.0.0.1:1/"}),
    "not_json": Route(body=b"{nope", headers={"content-type": "application/json"}),
}
CODES = {
    "refused": "unavailable",
    "close": "unavailable",
    "reset": "unavailable",
    "reset_midway": "unavailable",
    "garbage": "bad_response",
    "truncated": "bad_response",
    "500": "backend_error",
    "503": "backend_error",
    "404": "not_found",
    "redirect": "backend_error",
    "not_json": "bad_response",
}
STATUSES = {"unavailable": 503, "bad_response": 502, "backend_error": 502, "not_found": 404, "timeout": 504}


def broken(kind: str) -> dict[str, Route] | str:
    return refused_url() if kind == "refused" else {"*": BROKEN[kind]}


@pytest.mark.parametrize("kind", CODES)
async def test_one_of_two_backends_dead_is_partial_or_a_rung_and_else_its_own_status(start: Start, kind: str) -> None:
    gateway = await start(SPECS, **{**healthy(), "delivery": broken(kind)})
    optional = await gateway.ask("one_optional", order_id="7")
    assert (optional.status_code, optional.json()["status"], optional.json()["level"]) == (200, "partial", "reduced")
    assert optional.json()["data"] == {"order": "7", "state": None}
    assert [(each["step"], each["code"]) for each in optional.json()["errors"]] == [("delivery", CODES[kind])]
    ladder = (await gateway.ask("with_ladder", order_id="7")).json()
    assert (ladder["status"], ladder["data"]["state"], ladder["meta"]["steps"]["delivery"]["rung"]) == ("complete", "AR", 0)
    needed = await gateway.ask("both_needed", order_id="7")
    assert (needed.status_code, needed.json()["code"]) == (STATUSES[CODES[kind]], CODES[kind])


@pytest.mark.parametrize("kind", CODES)
async def test_everything_dead_is_a_problem_that_tells_nothing_of_the_inside(start: Start, kind: str) -> None:
    backends = {name: broken(kind) for name in ("erp", "delivery", "hub")}
    gateway = await start(SPECS, **backends)
    for intent in ("both_needed", "one_optional", "with_ladder", "order_alone"):
        for user in ("alice", "operator"):
            failed = await gateway.ask(intent, user=user, order_id="7")
            assert failed.status_code == STATUSES[CODES[kind]], failed.text
            assert failed.headers["content-type"] == "application/problem+json"
            shown = failed.text + str(failed.headers)
            for internal in ("127.0.0.1", "localhost", "http://", ":1/", "/orders", "/shipments", "/hub", "Errno", "Traceback", "nope"):
                assert internal not in shown


async def test_the_ports_of_dead_backends_stay_inside(start: Start) -> None:
    urls = {name: refused_url() for name in ("erp", "delivery", "hub")}
    gateway = await start(SPECS, **urls)
    failed = await gateway.ask("both_needed", user="operator", order_id="7")
    told = failed.json()
    del told["request_id"]
    for url in urls.values():
        assert url.rpartition(":")[2] not in str(told)


@pytest.mark.parametrize("fault", ["silent", "dripping"])
async def test_a_slow_or_dripping_backend_is_answered_for_within_the_deadline(start: Start, fault: Fault) -> None:
    slow = {"*": Route({"id": "7", "state": "x" * 500}, fault=fault)}
    gateway = await start(SPECS, erp={"/orders/7": order()}, delivery=slow, hub=slow)

    async def timed(intent: str) -> tuple[float, Any]:
        began = time.perf_counter()
        answered = await gateway.ask(intent, order_id="7")
        return time.perf_counter() - began, answered

    (late, needed), (_, optional), (quick, ladder) = await asyncio.gather(*map(timed, ("both_needed", "one_optional", "with_ladder")))
    assert (needed.status_code, needed.json()["code"]) == (504, "timeout")
    assert (optional.status_code, optional.json()["data"]) == (200, {"order": "7", "state": None})
    assert ladder.json()["data"] == {"order": "7", "state": "unknown"}
    assert DEADLINE * 0.9 <= late <= DEADLINE * 1.1
    assert 0.25 <= quick <= DEADLINE * 1.1


async def test_a_caller_in_a_hurry_is_answered_in_its_own_time(start: Start) -> None:
    gateway = await start(SPECS, **{**healthy(), "erp": {"*": Route(fault="silent")}})
    began = time.perf_counter()
    late = await gateway.chat({"intent": "order_alone", "input": {"order_id": "7"}}, X_Deadline_Ms="400")
    assert late.status_code == 504
    assert 0.36 <= time.perf_counter() - began <= 0.44


STRANGE: dict[str, tuple[Route, int, str | None]] = {
    "404": (Route({"error": "x"}, status=404), 404, "not_found"),
    "404 without a body": (Route(status=404, body=b""), 404, "not_found"),
    "409": (Route(status=409), 409, "conflict"),
    "410": (Route(status=410), 502, "backend_error"),
    "204": (Route(status=204, body=b""), 200, None),
    "304": (Route(status=304, body=b""), 502, "backend_error"),
    "a list": (Route([1, 2, 3]), 200, None),
    "a list of orders": (Route([{"id": "7"}]), 200, None),
    "a number": (Route(5), 200, None),
    "null": (Route(None), 200, None),
    "no body": (Route(body=b"", headers={"content-type": "application/json"}), 200, None),
    "white space": (Route(body=b" \n", headers={"content-type": "application/json"}), 200, None),
    "HTML": (Route(body=b"<h1>Login</h1>", headers={"content-type": "text/html"}), 200, None),
    "a picture": (Route(body=b"\x89PNG\r\n", headers={"content-type": "image/png"}), 502, "bad_response"),
    "a picture that is JSON": (Route(body=b'{"id": "7"}', headers={"content-type": "image/png"}), 200, "7"),
    "JSON as text": (Route(body=b'{"id": "7"}', headers={"content-type": "text/plain"}), 200, "7"),
    "JSON cut off": (Route(body=b'{"id": "7"', headers={"content-type": "application/json"}), 502, "bad_response"),
    "JSON too deep": (Route(body=b"[" * 10_000, headers={"content-type": "application/json"}), 502, "bad_response"),
    "not UTF-8": (Route(body=b'{"id": "\xff"}', headers={"content-type": "application/json"}), 502, "bad_response"),
    "half a character": (Route(body=b'{"id": "\\ud800"}', headers={"content-type": "application/json"}), 502, "bad_response"),
    "no gzip": (Route({}, headers={"content-encoding": "gzip"}), 502, "bad_response"),
    "unknown encoding": (Route({}, headers={"content-encoding": "rot13"}), 502, "bad_response"),
}


@pytest.mark.parametrize("kind", STRANGE)
async def test_a_strange_answer_is_mapped_and_never_a_500(start: Start, kind: str) -> None:
    route, status, expected = STRANGE[kind]
    gateway = await start(SPECS, **{**healthy(), "erp": {"*": route}})
    answered = await gateway.ask("order_alone", order_id="7")
    assert answered.status_code == status, answered.text
    if status == 200:
        assert answered.json()["data"] == {"order": expected}
    else:
        assert answered.json()["code"] == expected


async def test_300_kb_that_unpack_to_300_mb_cost_no_memory(start: Start) -> None:
    assert len(gzip_bomb()) < 400_000
    gateway = await start(SPECS, **{**healthy(), "erp": {"*": Route(fault="bomb")}})
    tracemalloc.start()
    try:
        answered = await gateway.ask("order_alone", order_id="7")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (answered.status_code, answered.json()["code"]) == (502, "bad_response")
    assert peak < 30 * MIB
