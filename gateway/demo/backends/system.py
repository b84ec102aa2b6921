"""One system: its name, where the gateway looks for its address, and what it serves behind its switch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.demo.backends import carrier_hub, crm, delivery, erp, hr, inventory, tickets
from gateway.demo.backends.switches import Switch
from gateway.demo.company import Company

HALF_A_DOCUMENT = b'{"order_id": "10'


class SystemKind(msgspec.Struct, frozen=True):
    """`variable` is the environment variable that the specs read; `latency_ms` what such a system takes on a good day."""

    name: str
    variable: str
    latency_ms: int
    routes: Callable[[Company], list[Route]]


SYSTEMS = (
    SystemKind("erp", "ERP_URL", 18, erp.routes),
    SystemKind("delivery", "DELIVERY_URL", 24, delivery.routes),
    SystemKind("carrier_hub", "CARRIER_HUB_URL", 40, carrier_hub.routes),
    SystemKind("inventory", "INVENTORY_URL", 12, inventory.routes),
    SystemKind("crm", "CRM_URL", 15, crm.routes),
    SystemKind("tickets", "TICKETS_URL", 20, tickets.routes),
    SystemKind("hr", "HR_URL", 16, hr.routes),
)


def system_app(kind: SystemKind, company: Company, switch: Switch) -> ASGIApp:
    """The system's routes behind its switch, and `GET /health`."""
    return Switched(Starlette(routes=[*kind.routes(company), Route("/health", health)]), switch)


async def health(_: object) -> Response:
    return PlainTextResponse("ok")


class Switched:
    """Delays or garbles what `app` answers; `down` is the connection's business (see `serving`)."""

    def __init__(self, app: ASGIApp, switch: Switch) -> None:
        self._app = app
        self._switch = switch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._switch.delay:
            await asyncio.sleep(self._switch.delay)
        answer = Response(HALF_A_DOCUMENT, media_type="application/json") if self._switch.mode == "garbled" else self._app
        await answer(scope, receive, send)
