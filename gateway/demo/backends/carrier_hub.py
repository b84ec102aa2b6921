"""The carriers' shared tracking service: the same parcels in another shape, and without a state of their own."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.demo.backends.answers import found, refused
from gateway.demo.company import Company


def routes(company: Company) -> list[Route]:
    """`GET /tracking/{no}`."""

    async def tracking(request: Request) -> Response:
        asked = company.shipments.get(request.path_params["no"])
        if asked is None:
            return refused(404, "unknown_number", "No carrier knows this number.")
        events = [{"at": event.time, "hub": event.place, "code": event.code} for event in asked.events]
        return found({"tracking": {"number": asked.tracking_no, "eta": asked.eta, "events": events}})

    return [Route("/tracking/{no}", tracking)]
