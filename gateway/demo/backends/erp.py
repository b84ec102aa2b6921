"""The ERP system: sales orders."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.demo.backends.answers import found, number_between, refused
from gateway.demo.company import Company, Order


def routes(company: Company) -> list[Route]:
    """`GET /orders/{order_id}` and `GET /customers/{customer_id}/orders?limit=`."""
    by_customer: dict[str, list[Order]] = {}
    for placed in reversed(company.orders.values()):
        by_customer.setdefault(placed.customer, []).append(placed)

    async def order(request: Request) -> Response:
        asked = company.orders.get(request.path_params["order_id"])
        return refused(404, "unknown_order", "There is no such order.") if asked is None else found(asked)

    async def orders_of(request: Request) -> Response:
        customer = request.path_params["customer_id"]
        limit = number_between(request.query_params.get("limit"), 1, 100, default=20)
        if limit is None:
            return refused(400, "bad_limit", "limit must be between 1 and 100.")
        if customer not in company.customers:
            return refused(404, "unknown_customer", "There is no such customer.")
        return found({"orders": by_customer.get(customer, [])[:limit]})

    return [Route("/orders/{order_id}", order), Route("/customers/{customer_id}/orders", orders_of)]
