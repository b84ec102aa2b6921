"""Whatever is posted to `/v1/chat` gets an answer or a problem: never a 500, never silence."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.testing.servers import Route
from tests.scenarios.bodies import INPUTS, INTENTS, MEMBERS, MESSAGES, Bodies, Headers
from tests.scenarios.conftest import Start
from tests.scenarios.running import Gateway
from tests.server.gateways import Received

SPECS = """
source: erp
type: http
servers: ["${ env.ERP_URL }"]
operations:
  order: {request: "GET /orders/{order_id}", headers: {X-Text: "${ args.text }"}, query: {more: "${ args.more }"}}
  note: {request: POST /notes, body: {text: "${ args.text }"}, idempotency: {header: Idempotency-Key}}
---
intent: track_order
examples: ["where is my order 1007?", "track {order_id}"]
input: {type: object, required: [order_id], properties: {order_id: {type: string}, text: {}, more: {}}}
steps:
  order: {call: erp.order, with: {order_id: "${ input.order_id }", text: "${ input.text }", more: "${ input.more }"}, required: false}
output: {order: "${ steps.order }"}
reply: {en: "Order ${ input.order_id }: ${ output.order.state }", de: "Bestellung ${ input.more } ${ to_json(output) }"}
---
intent: compute_first
access: {internal: true}
input: {type: object, properties: {n: {}, text: {}}}
steps: {text: {let: {padded: "${ pad(input.text, input.n) }"}}}
output: "${ steps.text.padded }"
---
intent: collect
input:
  type: object
  properties: {rows: {}, more: {}, names: {type: array, maxItems: 5}, options: {type: object}, order_id: {}, n: {}, text: {}}
steps:
  joined: {join: {left: input.rows, right: input.more, by: n, as: found}, required: false}
  orders: {foreach: input.names, as: name, call: erp.order, with: {order_id: "${ name }"}, item_error: keep_null, required: false}
  inner: {call: intent.compute_first, with: {n: "${ input.n }", text: "${ input.text }"}, required: false}
output: {joined: "${ steps.joined }", orders: "${ steps.orders }", inner: "${ steps.inner }"}
---
intent: note
examples: ["note {text}"]
access: {roles: [customer], when: "user.customer_id == 'C1'"}
input: {type: object, properties: {text: {type: string, pattern: "^[a-z 0-9]*$"}, flag: {type: boolean}, n: {type: integer}}}
guard: [{check: "input.text != 'rain' && input.n < `100`", deny: not_found}]
steps: {note: {call: erp.note, when: input.flag, with: {text: "${ input.text }"}}}
output: {text: "${ input.text }"}
---
intent: internal_one
access: {internal: true, roles: [customer]}
output: {}
"""
EXPRESSIONS = (
    "add(mul(input.n, input.amount), div(input.n, input.amount))", "round(input.amount, input.n)", "mod(input.n, input.amount)",
    "money(input.amount, input.text)", "number(input.text)", "date(input.date)", "date_add(input.date, input.n, 'month')",
    "date_add(input.date, input.n, 'day')", "date_diff(input.date, today(), 'year')", "format_date(input.date, 'EEEE, d. MMMM y')",
    "pad(input.text, input.n)", "substring(input.text, input.n, input.amount)", "split(input.text, input.more)",
    "replace(input.text, input.more, input.date)", "concat(input.text, input.more, input.n)", "title(trim(input.text))",
    "plural(input.n, {one: 'one', other: 'many'})", "range(input.n, input.amount)", "sort_by(input.rows, &n)",
    "group_by(input.rows, &text)", "index_by(input.rows, &n)", "uniq_by(input.rows, &more)", "zip(input.rows, input.names)",
    "pick(input.options, input.names)", "omit(input.options, input.names)", "from_json(input.text)", "to_json(input)",
    "lookup(input.options, input.text)", "input.rows[].more[] | [0:3]", "input.rows[?n > text].more", "input.n == input.amount",
    "input.n < input.amount", "max_by(input.rows, &n)", "sum(input.rows)", "avg(input.rows)", "mask(input.text, 'last4')",
    "sha256(input.text)", "url_encode(input.text)", "matches(input.text, '^[a-z]+$')", "contains(input.text, input.more)",
    "merge(input.options, input.more)", "join(input.text, input.names)", "reverse(input.text)", "starts_with(input.text, input.more)",
    "abs(input.n)", "ceil(input.amount)", "to_number(input.text)",
)  # fmt: skip
COMPUTED = tuple(f"compute_{number}" for number, _ in enumerate(EXPRESSIONS))
PATIENCE = 2.0
ALLOWED = {400, 401, 403, 404, 409, 413, 415, 422, 431, 502, 503, 504}


@pytest.fixture
async def gateway(start: Start) -> Gateway:
    computing = "".join(f"---\n{computed(name, text)}\n" for name, text in zip(COMPUTED, EXPRESSIONS, strict=True))
    return await start(SPECS + computing, erp={"*": Route({"state": "open"}), "/notes": Route({}, status=201)})


def computed(name: str, text: str) -> str:
    """An intent that evaluates an expression as a value, in a text, and for each row; JSON is YAML too."""
    expression = f"${{ {text} }}"
    each = {"$each": "input.rows", "$as": "row", "$where": "row.n", "$limit": "input.n", "$do": [expression, "${ row.text }"]}
    output = {"value": expression, "text": f"It is {expression}.", "each": each}
    return msgspec.json.encode({"intent": name, "input": {"type": "object"}, "output": output}).decode()


async def post(gateway: Gateway, body: bytes, headers: Headers) -> int:
    """The status; fails where the answer is neither an answer nor a problem, or doesn't come."""
    async with asyncio.timeout(PATIENCE):
        received = await gateway.raw.send("POST", "/v1/chat", body, headers, key="key-alice")
    check(received, body)
    return received.status


def check(received: Received, body: bytes) -> None:
    told = received.json()
    if received.status == 200:
        assert told["status"] in ("complete", "partial", "degraded"), body
        assert {"intent", "version", "level", "data", "reply", "errors", "meta"} < told.keys()
        return
    assert received.status in ALLOWED, body
    assert received.header("content-type") == "application/problem+json"
    assert (told["status"], told["request_id"]) == (received.status, received.header("x-request-id"))
    assert {"type", "title", "detail", "code", "errors"} < told.keys()


async def assault(gateway: Gateway, seed: int, count: int) -> Counter[int]:
    bodies = Bodies(seed, COMPUTED)
    return Counter([await post(gateway, *bodies.draw()) for _ in range(count)])


async def test_ten_thousand_bodies_get_an_answer_or_a_problem(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("ERROR")
    seen = await assault(gateway, 1, 10_000)
    assert seen.total() == 10_000
    # It is no good to be refused at the door ten thousand times.
    assert seen[200] > 2_000, seen
    assert min(seen[400], seen[422], seen[502]) > 200, seen
    assert len(seen) >= 7, seen
    assert caplog.records == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 12))
async def test_a_hundred_thousand_bodies(gateway: Gateway, seed: int) -> None:
    assert (await assault(gateway, seed, 10_000)).total() == 10_000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(INPUTS) | st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
REQUESTS = st.fixed_dictionaries(
    {},
    optional={
        "intent": st.sampled_from(INTENTS + COMPUTED) | st.text(max_size=5),
        "input": st.dictionaries(st.sampled_from(INPUTS), JSON, max_size=4),
        "message": st.sampled_from(MESSAGES) | st.text(max_size=30),
        **{name: JSON for name in MEMBERS if name and name not in ("intent", "message")},
    },
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(requests=st.lists(REQUESTS, min_size=1, max_size=5))
async def test_requests_of_every_shape_get_an_answer_or_a_problem(gateway: Gateway, requests: list[dict[str, Any]]) -> None:
    for request in requests:
        try:
            body = msgspec.json.encode(request)
        except (UnicodeEncodeError, OverflowError, msgspec.MsgspecError):
            continue
        await post(gateway, body, [(b"content-type", b"application/json")])


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200))
async def test_bytes_of_every_kind_get_a_problem(gateway: Gateway, body: bytes) -> None:
    assert await post(gateway, body, [(b"content-type", b"application/json")]) == 400
