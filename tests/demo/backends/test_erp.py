"""The ERP system: orders by number and by customer."""

from __future__ import annotations

import pytest

from gateway.demo.company import Company
from tests.demo.backends.conftest import Ask


async def test_an_order_is_told_as_it_is(ask: Ask, company: Company) -> None:
    order = (await ask.get("erp", "/orders/1007")).json()
    assert order["total"] == company.orders["1007"].total
    assert (order["customer"], order["delivery_status"], order["tracking_no"]) == ("C1001", "shipped", "NW00001007DE")


async def test_orders_come_newest_first(ask: Ask) -> None:
    orders = (await ask.get("erp", "/customers/C1001/orders?limit=50")).json()["orders"]
    assert orders[0]["order_id"] == "1003"
    assert [order["ordered"] for order in orders] == sorted((order["ordered"] for order in orders), reverse=True)
    assert (await ask.get("erp", "/customers/C1001/orders?limit=2")).json()["orders"] == orders[:2]


@pytest.mark.parametrize("limit", ["0", "101", "x"])
async def test_senseless_limits_are_refused(ask: Ask, limit: str) -> None:
    assert (await ask.get("erp", f"/customers/C1001/orders?limit={limit}")).status_code == 400
