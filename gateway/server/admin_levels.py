"""`/admin/levels`: operators look at degradation levels, set them and take them back (interfaces §1, operators' listener).

`GET` tells which are set. `PUT {"level": "maintenance", "tenant": "acme", "intent": "track_order", "until": "2026-11-21T06:00:00Z",
"reason": "new database"}` sets one: for the gateway, or for what is named; `full` takes it back. So does `DELETE`, with `?tenant=` and
`?intent=` for what is named. All take the permission `admin:levels`, and answer what is set then; `durable` tells whether that is kept
for a restart and for processes that share no `stores.state`. Who set what is logged, and recorded where a policy `audit` is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import parse_qsl

import msgspec
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from gateway.policies.level_keeper import LevelKeeper
from gateway.policies.level_settings import LONGEST_NAME, LONGEST_REASON, LevelSetting, Name
from gateway.runtime.plan import Plan
from gateway.sdk import Answer, Caller, Decision, Exchange, GatewayError, Handler, InvalidRequest, Level, Malformed, Unavailable
from gateway.server.answers import encoded, whole_answer
from gateway.server.chat import pointer
from gateway.server.endpoint import Endpoint, Incoming
from gateway.server.gate import Gate
from gateway.server.outgoing import Outgoing
from gateway.server.refusals import MethodNotAllowed
from gateway.server.request_body import read_json
from gateway.server.router import Found
from gateway.server.serving import Serving

PATH = "/admin/levels"
PERMISSION = "admin:levels"
NOTE = "level_request"
MOST_FIELDS = 10
LONGEST = 10 * 365 * 86_400.0
"""Seconds; whoever means for ever leaves `until` out."""


class LevelRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked for; `until` has to name its offset from UTC."""

    level: Level
    tenant: Name | None = None
    intent: Name | None = None
    until: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    reason: Annotated[str, msgspec.Meta(max_length=LONGEST_REASON)] | None = None

    def setting(self, keeper: LevelKeeper, by: str | None) -> LevelSetting:
        """Raises `InvalidRequest` for a tenant or intent that isn't there, and for a time that is over."""
        levels = keeper.levels
        now = levels.now()
        until = None if self.until is None or self.level == "full" else self.until.timestamp()
        faults = [
            {"pointer": f"/{member}", "message": f"there is no such {member}"}
            for member, name, known in (("tenant", self.tenant, levels.tenants), ("intent", self.intent, levels.intents))
            if self.level != "full" and name is not None and name not in known
        ]
        if until is not None and not now < until <= now + LONGEST:
            faults.append({"pointer": "/until", "message": "is over already" if until <= now else "is too far away"})
        if faults:
            raise InvalidRequest("This level can't be set.", details=faults)
        setting = LevelSetting(level=self.level, at=now, tenant=self.tenant, intent=self.intent, until=until, reason=self.reason, by=by)
        return msgspec.structs.replace(setting, at=levels.settings.later(setting.target, now))


class LevelEndpoint:
    """Identity and tenant by the pipeline's first phases, then the permission, then what is asked for."""

    def __init__(self, logger: logging.Logger, read: Callable[[Exchange, Incoming], LevelRequest | None], *, takes_body: bool) -> None:
        self._logger = logger
        self._read = read
        self.takes_body = takes_body

    def handler(self, plan: Plan, /) -> Handler:
        """The phases that know the caller, and what is to be done once they do."""

        async def handle(exchange: Exchange) -> Answer:
            answer = await plan.front(exchange)
            return answer if answer.error is not None else await self._serve(plan, exchange)

        return handle

    def read(self, exchange: Exchange, incoming: Incoming, /) -> None:
        """Raises `Malformed` for what is no request of this kind."""
        exchange.notes[NOTE] = self._read(exchange, incoming)

    def write(self, plan: Plan, exchange: Exchange, answer: Answer, now: float, /) -> Outgoing:
        """What is set."""
        if answer.error is not None:
            return whole_answer(plan, exchange, answer, now)
        return encoded(200, answer.data, exchange)

    async def _serve(self, plan: Plan, exchange: Exchange) -> Answer:
        caller, keeper, request = exchange.caller, plan.levels, exchange.notes[NOTE]
        if caller is None or keeper is None:
            return Answer("failed", error=Unavailable())
        if not plan.permitted(caller, PERMISSION, exchange.scope):
            if request is not None:
                self._log(exchange, caller, request, "denied", None)
            return Answer("denied", error=Decision(False, None, f"nothing allows {PERMISSION}", "role").error(caller))
        if request is None:
            return Answer("complete", data={"levels": told(keeper)})
        try:
            return await self._set(plan, exchange, caller, keeper, request)
        except GatewayError as error:
            return Answer("failed", error=error)

    async def _set(self, plan: Plan, exchange: Exchange, caller: Caller, keeper: LevelKeeper, request: LevelRequest) -> Answer:
        user = caller.user.get("id")
        setting = request.setting(keeper, None if user is None else str(user)[:LONGEST_NAME])
        unkept = plan.auditor.acted(exchange, {"event": "level_set", **_recorded(request)}) if plan.auditor is not None else None
        if unkept is not None:
            return Answer("failed", error=unkept)
        durable = await keeper.put(setting)
        self._log(exchange, caller, request, "done", durable)
        return Answer("complete", data={"levels": told(keeper), "durable": durable})

    def _log(self, exchange: Exchange, caller: Caller, request: LevelRequest, outcome: str, durable: bool | None) -> None:
        who = {"request_id": exchange.request_id, "tenant": exchange.tenant.id, "user": caller.user.get("id")}
        loudness = logging.INFO if outcome == "done" else logging.WARNING
        fields = {**who, **_recorded(request), "outcome": outcome, "durable": durable}
        self._logger.log(loudness, "level set", extra={"fields": fields})


class LevelRoute:
    """The endpoints as an ASGI application, by method."""

    def __init__(self, gate: Gate, serving: Callable[[], Serving]) -> None:
        self._gate = gate
        self._serving = serving
        logger = logging.getLogger("gateway.admin")
        self._found: Mapping[str, Found[Endpoint]] = {
            "GET": Found(LevelEndpoint(logger, _nothing, takes_body=False), {}),
            "PUT": Found(LevelEndpoint(logger, _of_body, takes_body=True), {}),
            "DELETE": Found(LevelEndpoint(logger, _of_query, takes_body=False), {}),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        plan, found = self._serving().plan, self._found.get(scope["method"])
        if found is not None:
            await self._gate.admit(scope, receive, send, plan, found)
        else:
            refused = await self._gate.refuse(scope, plan, MethodNotAllowed(tuple(self._found)))
            await refused.send(send)


def level_route(gate: Gate, serving: Callable[[], Serving]) -> BaseRoute:
    """For the operators' listener."""
    return Route(PATH, LevelRoute(gate, serving))


def told(keeper: LevelKeeper) -> list[dict[str, Any]]:
    """The levels that are set and hold, in order of what they are for."""
    return [
        {
            "level": each.level,
            "tenant": each.tenant,
            "intent": each.intent,
            "since": _moment(each.at),
            "until": _moment(each.until),
            "reason": each.reason,
            "by": each.by,
        }
        for each in keeper.levels.settings.holding(keeper.levels.now())
    ]


def _nothing(exchange: Exchange, incoming: Incoming) -> None:
    del exchange, incoming


def _of_body(exchange: Exchange, incoming: Incoming) -> LevelRequest:
    try:
        return msgspec.convert(read_json(incoming.body, exchange.headers), LevelRequest)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$")
        where = [part for part in place.rstrip("`").replace("[", ".").replace("]", "").split(".") if part]
        raise Malformed("The body is not a valid level.", details=[{"pointer": pointer(where), "message": message}]) from None


def _of_query(exchange: Exchange, incoming: Incoming) -> LevelRequest:
    """What is to be as if it had never been set."""
    del exchange
    try:
        fields = parse_qsl(incoming.query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Malformed("The query can't be read.") from None
    names = [name for name, _ in fields]
    try:
        if len(set(names)) < len(names) or not {"tenant", "intent"}.issuperset(names):
            raise msgspec.ValidationError
        return msgspec.convert({"level": "full", **dict(fields)}, LevelRequest)
    except msgspec.ValidationError:
        raise Malformed("The query names one `tenant`, one `intent`, both or neither.") from None


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _recorded(request: LevelRequest) -> dict[str, Any]:
    """What is set, as records show it."""
    return {
        "set_level": request.level,
        "level_tenant": request.tenant,
        "level_intent": request.intent,
        "until": None if request.until is None else request.until.isoformat(),
        "reason": request.reason,
    }
