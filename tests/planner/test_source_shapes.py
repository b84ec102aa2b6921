from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.planner.folders import marked, misshapen, planned

ROLES = "policy: roles\nroles: {c: {}}\n"
HTTP = """
source: shop
type: http
servers: ["http://127.0.0.1:1"]
operations:
  order:
    request: "POST /orders/{id}"
    effect: read
    params: {type: object, properties: {id: {type: string}, n: {type: integer}, tags: {type: array, items: {type: string}}}}
    output_schema:
      type: object
      required: [ok, order]
      properties: {ok: {type: boolean}, order: {type: object, properties: {id: {type: string}}}}
    MORE
---
intent: ask
access: {roles: [c]}
steps: {s: {call: shop.order, with: {id: a}}}
output: ${ steps.s }
"""


def schema(folder: Path, specs: str) -> Any:
    plan = planned(folder, specs, roles=ROLES).plan.catalogue.get("ask")
    assert plan is not None
    return plan.output_schema


@pytest.mark.parametrize(
    ("more", "faults"),
    [
        ('query: {n: "${ args.n }"}', []),
        ('headers: {X: "${ args.tags.first }"}', [("GW262", "first")]),
        ('body: {n: "${ user.nobody }", m: "${ config.none }"}', [("GW226", "none")]),
        ("result: body.order.idd", [("GW226", "idd")]),
        ("result: body.order[0]", [("GW263", "[0]")]),
        ("result: body.order.id", []),
        ("success: body.whatever == 'x' && status_code == `200`", []),
        ("success: status_code == 'x'", [("GW264", "status_code == 'x'")]),
        ("error: {code: body.error.code, message: body.messages[0]}", []),
        ("error: {code: headers.x.y}", [("GW262", "y")]),
        ("cache: {ttl: 1m, key: [args.n, args.tags[0]], tags: ['order:${ args.id }']}", []),
        ("cache: {ttl: 1m, key: [args.m], tags: ['order:${ args.idd }']}", [("GW226", "m"), ("GW226", "idd")]),
    ],
)
def test_what_an_operation_s_own_expressions_read(tmp_path: Path, more: str, faults: list[tuple[str, str]]) -> None:
    """Of a failure's body nothing is certain; that of a success is as declared."""
    made = planned(tmp_path, HTTP.replace("MORE", more), roles=ROLES, gateway="gateway: g\nidentity: [{scenario: {}}]\nconfig: {}\n")
    assert misshapen(tmp_path, made) == faults


MAYBE_ID = {"type": "object", "properties": {"id": {"type": ["null", "string"]}}}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("timeout: 1s", {"type": "object", "properties": {"ok": {"type": "boolean"}, "order": MAYBE_ID}}),
        ("result: body.order", MAYBE_ID),
        ("result: body.order.id || 'x'", {"type": "string"}),
        ("result: headers.location", {"type": ["null", "string"]}),
        ("result: status_code", {"type": "integer"}),
    ],
)
def test_what_steps_see_of_an_answer(tmp_path: Path, more: str, expected: dict[str, Any]) -> None:
    assert schema(tmp_path, HTTP.replace("MORE", more)) == expected


BATCH = """
source: shop
type: fake
operations:
  price:
    params: {type: object, properties: {sku: {type: string}}}
    batch: {operation: prices, param: skus, rows: ROWS, match: {sku: sku}}
    output_schema: {type: object, required: [sku, price], properties: {sku: {type: string}, price: {type: number}}}
  prices:
    params: {type: object, properties: {skus: {type: array}}}
    output_schema:
      type: object
      required: [items]
      properties: {items: {type: array, items: {type: object, required: [sku], properties: {sku: {type: string}, stock: {type: integer}}}}}
---
intent: ask
access: {roles: [c]}
steps: {s: {call: shop.price, with: {sku: a}}}
output: ${ steps.s }
"""


def test_a_call_in_a_batch_gives_a_row_or_null(tmp_path: Path) -> None:
    assert schema(tmp_path, BATCH.replace("ROWS", "body.items")) == {
        "type": ["null", "object"],
        "properties": {"sku": {"type": "string"}, "price": {"type": ["null", "number"]}, "stock": {"type": ["integer", "null"]}},
    }


@pytest.mark.parametrize(("rows", "told"), [("body.itms", [("GW226", "itms")]), ("headers.rows", []), ("body", [])])
def test_rows_are_read_from_the_answer_of_the_batch(tmp_path: Path, rows: str, told: list[tuple[str, str]]) -> None:
    assert misshapen(tmp_path, planned(tmp_path, BATCH.replace("ROWS", rows), roles=ROLES)) == told


def test_rows_have_the_fields_that_they_are_found_by(tmp_path: Path) -> None:
    specs = BATCH.replace("ROWS", "body.items").replace("match: {sku: sku}", "match: {sku: article}")
    made = planned(tmp_path, specs, roles=ROLES)
    assert misshapen(tmp_path, made) == [("GW226", "article")]
    assert "unknown field `article` of `prices`" in {problem.message for problem in made.problems}


STATIC = """
source: store
type: static
operations:
  hours: {value: {city: "${ args.city }", days: [{day: monday, open: "09:00"}], phone: null}, MORE}
---
intent: ask
access: {roles: [c]}
steps: {s: {call: store.hours, with: {city: a}}}
output: OUTPUT
"""


def test_an_answer_that_stands_in_the_document_is_known(tmp_path: Path) -> None:
    specs = STATIC.replace("MORE", "params: {type: object, required: [city], properties: {city: {type: string}}}")
    found = schema(tmp_path, specs.replace("OUTPUT", "${ steps.s }"))
    day = {"day": {"type": "string", "enum": ["monday"]}, "open": {"type": "string", "enum": ["09:00"]}}
    items = {"type": "object", "properties": day, "additionalProperties": False}
    assert found["properties"] == {"city": {"type": "string"}, "days": {"type": "array", "items": items}, "phone": {"type": "null"}}
    assert misshapen(tmp_path, planned(tmp_path, specs.replace("OUTPUT", "${ steps.s.days[0].close }"), roles=ROLES)) == [
        ("GW226", "close")
    ]


SQL = """
source: billing
type: sql
url: "sqlite://"
operations:
  invoices:
    query: "SELECT no, amount FROM invoices"
    MORE
---
intent: ask
access: {roles: [c]}
steps: {s: {call: billing.invoices}}
output: OUTPUT
"""
ROWS = "{type: array, items: {type: object, properties: {no: {}}}}"
COLUMNS = f"output_schema: {{type: object, required: [rows, count], properties: {{count: {{type: integer}}, rows: {ROWS}}}}}"


@pytest.mark.parametrize(
    ("more", "output", "told"),
    [
        ("effect: read", "${ steps.s.rows[*].anything }", []),
        ("effect: read", "${ steps.s.row }", [("GW226", "row")]),
        ("effect: read", "${ steps.s.rows.no }", [("GW262", "no")]),
        ("effect: read", "${ steps.s.count.x }", [("GW262", "x")]),
        (COLUMNS, "${ steps.s.rows[*].no }", []),
        (COLUMNS, "${ steps.s.rows[*].nr }", [("GW226", "nr")]),
    ],
)
def test_rows_of_a_database(tmp_path: Path, more: str, output: str, told: list[tuple[str, str]]) -> None:
    made = planned(tmp_path, SQL.replace("MORE", more).replace("OUTPUT", output), roles=ROLES)
    assert misshapen(tmp_path, made) == told


BALANCED = """
source: shop
type: http
servers: ["http://127.0.0.1:1", "http://127.0.0.1:2"]
balance: consistent_hash
key: [KEY]
operations:
  order: {request: "GET /orders/{id}"}
  orders: {request: GET /orders, query: {ids: "${ args.ids }"}}
---
intent: ask
access: {roles: [c]}
steps: {s: {call: shop.order, with: {id: a}}, t: {call: shop.orders, with: {ids: a}}}
output: ["${ steps.s }", "${ steps.t }"]
"""


@pytest.mark.parametrize(
    ("key", "faults"),
    [
        ("args.id || args.ids", []),
        ("user.id", []),
        ("args", []),
        ("args.nobody || args.ids", [("GW226", "nobody")]),
        ("args.nobody", [("GW226", "nobody")]),
        ("args.id", [("GW224", "args.id")]),
        ("args.ids", [("GW224", "args.ids")]),
    ],
)
def test_what_servers_are_picked_by_is_there_in_every_operation(tmp_path: Path, key: str, faults: list[tuple[str, str]]) -> None:
    made = planned(tmp_path, BALANCED.replace("KEY", key), roles=ROLES, gateway="gateway: g\nidentity: [{scenario: {}}]\nconfig: {}\n")
    assert [told for told in marked(tmp_path, made) if told[0] in ("GW224", "GW226")] == faults
