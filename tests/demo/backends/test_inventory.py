"""The inventory answers as its OpenAPI document says."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
import yaml

from tests.demo.backends.conftest import Ask

INVENTORY = yaml.safe_load((Path(__file__).parents[3] / "openapi/inventory.yaml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("path", "target", "status"),
    [
        ("/products", "/products?q=lamp", 200),
        ("/products/{sku}", "/products/LMP-001", 200),
        ("/availability", "/availability?skus=LMP-001,LMP-002", 200),
        ("/availability/{sku}", "/availability/LMP-001", 200),
        ("/products", "/products?q=x", 400),
        ("/products", "/products?q=lamp&limit=51", 400),
        ("/products/{sku}", "/products/XXX-999", 404),
        ("/availability", "/availability", 400),
        ("/availability/{sku}", "/availability/XXX-999", 404),
    ],
)
async def test_answers_as_the_document_says(ask: Ask, path: str, target: str, status: int) -> None:
    answer = await ask.get("inventory", target)
    assert answer.status_code == status
    described = INVENTORY["paths"][path]["get"]["responses"][str(status)]
    if "$ref" in described:
        described = INVENTORY["components"]["responses"]["Problem"]
    schema = described["content"]["application/json"]["schema"]
    jsonschema.Draft202012Validator({**schema, "components": INVENTORY["components"]}).validate(answer.json())


async def test_search_puts_the_best_match_first(ask: Ask) -> None:
    items = (await ask.get("inventory", "/products?q=wall&limit=3")).json()["items"]
    assert len(items) == 3
    assert all(item["name"].startswith("Wall") for item in items)


async def test_search_looks_at_the_category_too(ask: Ask) -> None:
    items = (await ask.get("inventory", "/products?q=GARDEN&limit=50")).json()["items"]
    assert {item["category"] for item in items} == {"garden"}
    assert items[0]["name"].startswith("Garden bench")


async def test_a_product_comes_with_what_goes_with_it(ask: Ask) -> None:
    product = (await ask.get("inventory", "/products/LMP-001")).json()
    assert {other["category"] for other in product["related"]} == {"lamps"}
    assert product["sku"] not in {other["sku"] for other in product["related"]}


async def test_stock_of_many_leaves_unknown_and_doubled_ones_out(ask: Ask) -> None:
    items = (await ask.get("inventory", "/availability?skus=LMP-002,XXX-999,LMP-001,LMP-002")).json()["items"]
    assert [item["sku"] for item in items] == ["LMP-002", "LMP-001"]


async def test_stock_of_too_many_is_refused(ask: Ask) -> None:
    assert (await ask.get("inventory", "/availability?skus=" + ",".join(["LMP-001"] * 51))).status_code == 400


async def test_what_is_out_of_stock_comes_back(ask: Ask) -> None:
    items = (await ask.get("inventory", "/availability?skus=" + ",".join(f"LMP-{number:03}" for number in range(1, 21)))).json()["items"]
    assert {item["quantity"] == 0 for item in items} == {True, False}
    assert all((item["restock"] is None) == (item["quantity"] > 0) for item in items)
