"""The CRM: contact records."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.demo.backends.answers import found, refused
from gateway.demo.company import Company


def routes(company: Company) -> list[Route]:
    """`GET /contacts/{customer_id}`."""

    async def contact(request: Request) -> Response:
        asked = company.customers.get(request.path_params["customer_id"])
        return refused(404, "unknown_customer", "There is no such customer.") if asked is None else found(asked)

    return [Route("/contacts/{customer_id}", contact)]
