"""`POST /admin/cache/purge`: operators have kept answers forgotten (interfaces §1, operators' listener).

The body names what: `{"tags": ["orders"]}`, `{"operation": "crm.contact"}`, `{"source": "crm"}` or `{"all": true}`, of one tenant alone
with `"tenant"`. It takes the permission `admin:cache`. The answer tells how many answers the workers kept of that: `{"purged": 12}`; other
gateways that share `stores.state` forget theirs too. Who purged what is logged, and recorded where a policy `audit` is.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from gateway.runtime.plan import Plan
from gateway.sdk import Answer, Caller, Decision, Exchange, Handler, Malformed, Unavailable
from gateway.sdk.kept import EVERYTHING, Purge, label_of
from gateway.server.answers import encoded, whole_answer
from gateway.server.chat import pointer
from gateway.server.endpoint import Endpoint, Incoming
from gateway.server.gate import Gate
from gateway.server.outgoing import Outgoing
from gateway.server.refusals import MethodNotAllowed
from gateway.server.request_body import read_json
from gateway.server.router import Found
from gateway.server.serving import Serving

PATH = "/admin/cache/purge"
PERMISSION = "admin:cache"
NOTE = "purge"

Forget = Callable[[Purge], Awaitable[int]]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]


class PurgeRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body: exactly one of `tags`, `operation`, `source` and `all`."""

    tags: Annotated[list[Text], msgspec.Meta(min_length=1, max_length=100)] | None = None
    operation: Text | None = None
    source: Text | None = None
    all: bool = False
    tenant: Text | None = None

    def purge(self) -> Purge:
        """Raises `Malformed` where not exactly one thing is named."""
        if [bool(self.tags), self.operation is not None, self.source is not None, self.all].count(True) != 1:
            raise Malformed("A purge names one of `tags`, `operation`, `source` and `all`.")
        if self.tags is not None:
            return Purge(tuple(label_of("tag", tag) for tag in self.tags), self.tenant)
        if self.operation is not None:
            return Purge((label_of("operation", self.operation),), self.tenant)
        return Purge((EVERYTHING if self.source is None else label_of("source", self.source),), self.tenant)


class PurgeCache:
    """The endpoint: identity and tenant by the pipeline's first phases, then the permission, then the purge."""

    takes_body = True

    def __init__(self, logger: logging.Logger, purge: Forget) -> None:
        """`purge` has answers forgotten in all workers, and tells how many."""
        self._logger = logger
        self._forget = purge

    def handler(self, plan: Plan, /) -> Handler:
        """The phases that know the caller, and what is to be done once they do."""

        async def handle(exchange: Exchange) -> Answer:
            answer = await plan.front(exchange)
            return answer if answer.error is not None else await self._purge(plan, exchange)

        return handle

    def read(self, exchange: Exchange, incoming: Incoming, /) -> None:
        """Raises `Malformed` for a body that is no purge."""
        try:
            request = msgspec.convert(read_json(incoming.body, exchange.headers), PurgeRequest)
        except msgspec.ValidationError as error:
            message, _, place = str(error).partition(" - at `$")
            where = [part for part in place.rstrip("`").replace("[", ".").replace("]", "").split(".") if part]
            raise Malformed("The body is not a valid purge.", details=[{"pointer": pointer(where), "message": message}]) from None
        exchange.notes[NOTE] = request.purge()

    def write(self, plan: Plan, exchange: Exchange, answer: Answer, now: float, /) -> Outgoing:
        """How many answers are forgotten."""
        if answer.error is not None:
            return whole_answer(plan, exchange, answer, now)
        return encoded(200, answer.data, exchange)

    async def _purge(self, plan: Plan, exchange: Exchange) -> Answer:
        caller, purge = exchange.caller, exchange.notes[NOTE]
        if caller is None or plan.answers is None:
            return Answer("failed", error=Unavailable())
        if not plan.permitted(caller, PERMISSION, exchange.scope):
            self._log(exchange, caller, purge, "denied", None)
            return Answer("denied", error=Decision(False, None, f"nothing allows {PERMISSION}", "role").error(caller))
        unkept = plan.auditor.acted(exchange, {"event": "cache_purged", **_told(purge)}) if plan.auditor is not None else None
        if unkept is not None:
            return Answer("failed", error=unkept)
        purged = await self._forget(purge)
        self._log(exchange, caller, purge, "done", purged)
        return Answer("complete", data={"purged": purged})

    def _log(self, exchange: Exchange, caller: Caller, purge: Purge, outcome: str, purged: int | None) -> None:
        who = {"request_id": exchange.request_id, "tenant": exchange.tenant.id, "user": caller.user.get("id")}
        level = logging.INFO if purged is not None else logging.WARNING
        self._logger.log(level, "cache purge", extra={"fields": {**who, **_told(purge), "outcome": outcome, "purged": purged}})


class PurgeRoute:
    """The endpoint as an ASGI application."""

    def __init__(self, gate: Gate, serving: Callable[[], Serving], purge: Forget) -> None:
        self._gate = gate
        self._serving = serving
        self._found: Found[Endpoint] = Found(PurgeCache(logging.getLogger("gateway.admin"), purge), {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        plan = self._serving().plan
        if scope["method"] == "POST":
            await self._gate.admit(scope, receive, send, plan, self._found)
        else:
            refused = await self._gate.refuse(scope, plan, MethodNotAllowed(("POST",)))
            await refused.send(send)


def purge_route(gate: Gate, serving: Callable[[], Serving], purge: Forget) -> BaseRoute:
    """For the operators' listener."""
    return Route(PATH, PurgeRoute(gate, serving, purge))


def _told(purge: Purge) -> dict[str, Any]:
    """What is purged, as records show it."""
    return {"purge": list(purge.labels), "purge_tenant": purge.tenant}
