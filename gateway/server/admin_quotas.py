"""`GET /admin/quotas`: how much of each quota is used (operators' listener).

    {"shared": true, "more": false,
     "quotas": [{"quota": "tenant_day", "key": ["acme"], "used": 812, "limit": 10000, "period": "day",
                 "resets_at": "2026-11-21T00:00:00Z"}]}

It takes the permission `admin:quotas`. Whoever used most of theirs comes first, and at most `MOST` are told: `more` says that there are
others. `shared` says that it is what all workers and nodes counted; else it is what this process counted alone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from heapq import nlargest
from typing import Any

import msgspec
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from gateway.policies.limits import Limits
from gateway.runtime.plan import Plan
from gateway.sdk import Answer, Decision, Exchange, Handler, Unavailable
from gateway.sdk.allowance import Use
from gateway.server.answers import encoded, whole_answer
from gateway.server.endpoint import Endpoint, Incoming
from gateway.server.gate import Gate
from gateway.server.outgoing import Outgoing
from gateway.server.refusals import MethodNotAllowed
from gateway.server.router import Found
from gateway.server.serving import Serving

PATH = "/admin/quotas"
PERMISSION = "admin:quotas"
MOST = 1000


class ReadQuotas:
    """The endpoint: identity and tenant by the pipeline's first phases, then the permission, then what was counted."""

    takes_body = False

    def handler(self, plan: Plan, /) -> Handler:
        """The phases that know the caller, and what is to be told once they do."""

        async def handle(exchange: Exchange) -> Answer:
            answer = await plan.front(exchange)
            return answer if answer.error is not None else await _told(plan, exchange)

        return handle

    def read(self, exchange: Exchange, incoming: Incoming, /) -> None:
        """There is nothing to say."""

    def write(self, plan: Plan, exchange: Exchange, answer: Answer, now: float, /) -> Outgoing:
        """The quotas, for nobody else to keep."""
        if answer.error is not None:
            return whole_answer(plan, exchange, answer, now)
        return encoded(200, answer.data, exchange, ((b"cache-control", b"no-store"),))


class QuotasRoute:
    """The endpoint as an ASGI application."""

    def __init__(self, gate: Gate, serving: Callable[[], Serving]) -> None:
        self._gate = gate
        self._serving = serving
        self._found: Found[Endpoint] = Found(ReadQuotas(), {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        plan = self._serving().plan
        if scope["method"] == "GET":
            await self._gate.admit(scope, receive, send, plan, self._found)
        else:
            refused = await self._gate.refuse(scope, plan, MethodNotAllowed(("GET",)))
            await refused.send(send)


def quotas_route(gate: Gate, serving: Callable[[], Serving]) -> BaseRoute:
    """For the operators' listener."""
    return Route(PATH, QuotasRoute(gate, serving))


async def _told(plan: Plan, exchange: Exchange) -> Answer:
    caller, limits = exchange.caller, plan.limits
    if caller is None or limits is None:
        return Answer("failed", error=Unavailable())
    if not plan.permitted(caller, PERMISSION, exchange.scope):
        return Answer("denied", error=Decision(False, None, f"nothing allows {PERMISSION}", "role").error(caller))
    return Answer("complete", data=await _quotas(limits))


async def _quotas(limits: Limits) -> dict[str, Any]:
    usage = await limits.usage()
    most = nlargest(MOST, usage.uses, key=lambda use: use.used / use.allowance.units)
    return {"shared": usage.shared, "more": len(usage.uses) > MOST, "quotas": [_quota(use) for use in most]}


def _quota(use: Use) -> dict[str, Any]:
    return {
        "quota": use.allowance.name,
        "key": [msgspec.json.decode(member) if isinstance(member, bytes) else member for member in use.owner],
        "used": _number(use.used),
        "limit": _number(use.allowance.units),
        "period": use.allowance.period,
        "resets_at": datetime.fromtimestamp(use.ends, UTC).isoformat().replace("+00:00", "Z"),
    }


def _number(units: float) -> float:
    return int(units) if units == int(units) else units
