from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway.sdk import NotFound, Unavailable
from tests.runtime.conftest import USER, Make
from tests.runtime.specs import codes, intent, statuses

EACH = """
steps:
  orders:
    foreach: input.ids
    as: id
    call: erp.order
    with: {id: "${ id }"}
    ITEM
output: {orders: "${ steps.orders }", items: "${ meta.orders.items }"}
"""


def each(more: str = "required: true") -> str:
    return intent(EACH.replace("ITEM", more))


async def test_results_come_in_input_order_equal_items_once_and_nulls_left_out(gateway: Make) -> None:
    async def backend(id: str) -> dict[str, Any]:
        await asyncio.sleep(0.01 if id == "b" else 0)
        return {"id": id}

    made = await gateway(each(), {"erp.order": backend})
    answer = await made.ask("ask", {"ids": ["b", None, "a", "b", "c"]}, user=USER)
    assert answer.data["orders"] == [{"id": "b"}, {"id": "a"}, {"id": "c"}]
    assert [item["index"] for item in answer.data["items"]] == [0, 2, 4]
    assert (answer.status, answer.errors) == ("complete", [])
    assert len(made.calls) == 3


async def test_concurrency_is_bounded(gateway: Make) -> None:
    running = most = 0

    async def backend(id: str) -> dict[str, Any]:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001)
        running -= 1
        return {"id": id}

    made = await gateway(each("concurrency: 3"), {"erp.order": backend})
    answer = await made.ask("ask", {"ids": [str(n) for n in range(20)]}, user=USER)
    assert len(answer.data["orders"]) == 20
    assert most == 3


@pytest.mark.parametrize(("item_error", "kept"), [("drop", [{"id": "a"}, {"id": "c"}]), ("keep_null", [{"id": "a"}, None, {"id": "c"}])])
async def test_a_failed_item_is_dropped_or_null_and_the_answer_partial(gateway: Make, item_error: str, kept: list[Any]) -> None:
    def backend(id: str) -> Any:
        return NotFound() if id == "b" else {"id": id}

    made = await gateway(each(f"item_error: {item_error}"), {"erp.order": backend})
    answer = await made.ask("ask", {"ids": ["a", "b", "c"]}, user=USER)
    assert answer.data["orders"] == kept
    assert answer.data["items"][1] == {"index": 1, "status": "failed", "code": "not_found"}
    assert (answer.status, answer.level) == ("partial", "reduced")
    assert codes(answer) == [("orders", "not_found")]
    assert answer.errors[0].path == "/1"
    assert statuses(answer) == {"orders": "partial"}


async def test_a_failed_item_fails_the_step_and_ends_the_others(gateway: Make) -> None:
    ended: list[str] = []

    async def backend(id: str) -> Any:
        if id == "b":
            await asyncio.sleep(0)
            raise Unavailable
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            ended.append(id)
            raise

    made = await gateway(each(), {"erp.order": backend})
    answer = await made.ask("ask", {"ids": ["a", "b", "c"]}, user=USER)
    assert codes(answer) == [("orders", "unavailable")]
    assert ended == ["a", "c"]


async def test_a_ladder_acts_per_item(gateway: Make) -> None:
    def backend(id: str) -> Any:
        return Unavailable() if id == "b" else {"id": id}

    made = await gateway(each('fallback: [{return: {id: "${ id }", known: false}}]'), {"erp.order": backend})
    answer = await made.ask("ask", {"ids": ["a", "b"]}, user=USER)
    assert answer.data["orders"] == [{"id": "a"}, {"id": "b", "known": False}]
    assert (answer.status, answer.errors[0].path) == ("partial", "/1")


async def test_an_ensure_acts_per_item_and_one_denial_denies_all(gateway: Make) -> None:
    made = await gateway(
        each("item_error: drop\n    ensure: [{check: result.owner == user.id}]"),
        {"erp.order": lambda id: {"id": id, "owner": "u1" if id == "a" else "u2"}},
    )
    assert (await made.ask("ask", {"ids": ["a"]}, user=USER)).status == "complete"
    assert (await made.ask("ask", {"ids": ["a", "b"]}, user=USER)).status == "denied"


async def test_writes_are_never_de_duplicated_and_each_has_a_key_of_its_own(gateway: Make, tmp_path: Path) -> None:
    made = await gateway(
        intent("""
        steps: {notes: {foreach: input.texts, as: text, call: erp.note, with: {text: "${ text }"}, concurrency: 1}}
        output: "${ steps.notes }"
        """),
        {"erp.note": lambda text: text},
    )
    answer = await made.ask("ask", {"texts": ["a", "a"]}, user=USER, idempotency_key="k")
    assert answer.data == ["a", "a"]
    assert len({call.idempotency_key for call in made.calls}) == 2
    with closing(sqlite3.connect(tmp_path / "var/gateway.db", isolation_level=None)) as records:
        records.execute("DELETE FROM gateway_idempotency")
    await made.ask("ask", {"texts": ["a", "a"]}, user=USER, idempotency_key="k")
    assert [call.idempotency_key for call in made.calls[:2]] == [call.idempotency_key for call in made.calls[2:]]


@pytest.mark.parametrize("ids", [[], None])
async def test_nothing_to_do_gives_an_empty_list(gateway: Make, ids: Any) -> None:
    made = await gateway(each(), {"erp.order": {}})
    answer = await made.ask("ask", {"ids": ids}, user=USER)
    assert answer.data["orders"] == []


@pytest.mark.parametrize(("ids", "code"), [(["a", "b", "c"], "bad_response"), ("text", "expression_error")])
async def test_too_many_items_and_no_list_fail_the_step(gateway: Make, ids: Any, code: str) -> None:
    made = await gateway(each("max_items: 2"), {"erp.order": {}})
    assert codes(await made.ask("ask", {"ids": ids}, user=USER)) == [("orders", code)]
    assert made.calls == []


BATCHED = """
source: shop
type: fake
operations:
  price:
    params: {type: object, required: [sku], properties: {sku: {type: string}, market: {type: string}}}
    batch: {operation: prices, param: skus, join: ",", max: 3, rows: body.items, match: {sku: sku}}
  prices: {params: {type: object, required: [skus], properties: {skus: {type: string}, market: {type: string}}}}
---
intent: ask
input: {type: object}
steps:
  prices: {foreach: input.skus, as: sku, call: shop.price, with: {sku: "${ sku }", market: "${ input.market }"}, item_error: drop}
output: "${ steps.prices }"
"""


async def test_items_are_batched_and_matched_by_key(gateway: Make) -> None:
    def prices(skus: str, market: str = "") -> Any:
        return {"items": [{"sku": sku, "price": len(sku), "market": market} for sku in reversed(skus.split(",")) if sku != "none"]}

    made = await gateway(BATCHED, {"shop.prices": prices})
    answer = await made.ask("ask", {"skus": ["a", "bb", "none", "ccc", "a"], "market": "de"}, user=USER)
    assert [row and row["price"] for row in answer.data] == [1, 2, None, 3]
    assert made.called("shop.prices") == [{"skus": "a,bb,none", "market": "de"}, {"skus": "ccc", "market": "de"}]


async def test_two_rows_for_one_key_are_that_items_failure(gateway: Make) -> None:
    made = await gateway(
        BATCHED, {"shop.prices": {"items": [{"sku": "a", "price": 1}, {"sku": "a", "price": 2}, {"sku": "b", "price": 3}]}}
    )
    answer = await made.ask("ask", {"skus": ["a", "b"]}, user=USER)
    assert [row["price"] for row in answer.data] == [3]
    assert codes(answer) == [("prices", "bad_response")]


async def test_numbers_and_texts_are_one_key_in_a_batch(gateway: Make) -> None:
    made = await gateway(BATCHED, {"shop.prices": {"items": [{"sku": 7, "price": 1}]}})
    assert [row["price"] for row in (await made.ask("ask", {"skus": ["7"]}, user=USER)).data] == [1]


async def test_the_list_operations_own_params_hold(gateway: Make) -> None:
    specs = BATCHED.replace(
        "properties: {skus: {type: string}, market: {type: string}}",
        "properties: {skus: {type: string, maxLength: 5}, market: {type: string}, currency: {type: string, default: EUR}}",
    )
    made = await gateway(specs, {"shop.prices": {"items": [{"sku": "a", "price": 1}]}})
    assert (await made.ask("ask", {"skus": ["a"]}, user=USER)).status == "complete"
    assert made.called("shop.prices") == [{"skus": "a", "currency": "EUR"}]
    answer = await made.ask("ask", {"skus": ["aaa", "bbb"]}, user=USER)
    assert codes(answer) == [("prices", "invalid_request"), ("prices", "invalid_request")]
