"""The delivery service: parcels with their scans."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.demo.backends.answers import found, refused
from gateway.demo.company import Company


def routes(company: Company) -> list[Route]:
    """`GET /v2/shipments/{tracking_no}`; a parcel that was never scanned is unknown."""

    async def shipment(request: Request) -> Response:
        asked = company.shipments.get(request.path_params["tracking_no"])
        return refused(404, "not_scanned", "This parcel has not been scanned yet.") if asked is None else found(asked)

    return [Route("/v2/shipments/{tracking_no}", shipment)]
