"""The inventory: products and stock, as openapi/inventory.yaml describes them."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.demo.backends.answers import found, number_between, refused
from gateway.demo.company import Company, Product

MOST_KEYS = 50
RELATED = 2


def routes(company: Company) -> list[Route]:
    """The four operations of the OpenAPI document."""
    shelf = _Shelf(company)
    return [
        Route("/products", shelf.search),
        Route("/products/{sku}", shelf.product),
        Route("/availability", shelf.availabilities),
        Route("/availability/{sku}", shelf.availability),
    ]


class _Shelf:
    def __init__(self, company: Company) -> None:
        self._products = company.products

    async def search(self, request: Request) -> Response:
        word = request.query_params.get("q", "").strip().lower()
        limit = number_between(request.query_params.get("limit"), 1, 50, default=10)
        if not 2 <= len(word) <= 80 or limit is None:
            return refused(400, "bad_query", "q must have 2 to 80 characters, and limit be between 1 and 50.")
        matches = [product for product in self._products.values() if word in product.name.lower() or word in product.category]
        matches.sort(key=lambda product: (not product.name.lower().startswith(word), product.name))
        return found({"items": [_card(product) for product in matches[:limit]]})

    async def product(self, request: Request) -> Response:
        asked = self._products.get(request.path_params["sku"])
        if asked is None:
            return _unknown()
        others = [other for other in self._products.values() if other.category == asked.category and other is not asked]
        return found({**_card(asked), "related": [_card(other) for other in others[:RELATED]]})

    async def availability(self, request: Request) -> Response:
        asked = self._products.get(request.path_params["sku"])
        return _unknown() if asked is None else found(_stock(asked))

    async def availabilities(self, request: Request) -> Response:
        keys = [key for key in request.query_params.get("skus", "").split(",") if key]
        if not 1 <= len(keys) <= MOST_KEYS:
            return refused(400, "bad_skus", f"skus must name 1 to {MOST_KEYS} articles.")
        return found({"items": [_stock(self._products[key]) for key in dict.fromkeys(keys) if key in self._products]})


def _unknown() -> Response:
    return refused(404, "unknown_sku", "There is no such article.")


def _card(product: Product) -> dict[str, Any]:
    return {
        "sku": product.sku,
        "name": product.name,
        "category": product.category,
        "price": product.price,
        "quantity": product.quantity,
    }


def _stock(product: Product) -> dict[str, Any]:
    return {"sku": product.sku, "quantity": product.quantity, "warehouse": product.warehouse, "restock": product.restock}
