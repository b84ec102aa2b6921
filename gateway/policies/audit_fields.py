"""What `record.fields` of policy `audit` may name, and where each value comes from (language §6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from gateway.sdk import Exchange

OfRequest = Callable[[Exchange], Any]
USER = "user."
KEPT_OUT = frozenset({"claims"})
"""Members of `user` that are never recorded: all that a token says is more than anybody asked for."""


def _user(name: str, exchange: Exchange) -> Any:
    return exchange.caller.user.get(name) if exchange.caller is not None else None


OF_REQUEST: Mapping[str, OfRequest] = {
    "user.id": partial(_user, "id"),
    "user.roles": partial(_user, "roles"),
    "user.kind": lambda exchange: exchange.caller.key[0] if exchange.caller is not None else None,
    "user.issuer": lambda exchange: exchange.caller.key[1] or None if exchange.caller is not None else None,
    "tenant.id": lambda exchange: exchange.tenant.id,
    "channel": lambda exchange: exchange.channel,
    "route": lambda exchange: exchange.route,
    "intent": lambda exchange: exchange.chosen.name if exchange.chosen is not None else None,
    "version": lambda exchange: exchange.chosen.version if exchange.chosen is not None else None,
    "session": lambda exchange: exchange.session,
    "client_ip": lambda exchange: exchange.client_ip or None,
    "trace_id": lambda exchange: exchange.traceparent[3:35] if exchange.traceparent is not None else None,
}
"""What is known as soon as the intent is. `user.kind` is the kind of identity that knew the caller; `user.roles` are those that were
decided with."""

OF_OUTCOME = ("status", "level", "sources", "operations", "writes", "masked", "idempotency")
"""What is known at the end; `masked` are the paths of the fields that were masked, `idempotency` is what became of a request with a key
(`run`, or for example `replayed` where nothing was done again)."""

ALWAYS = ("id", "time", "event", "request_id", "decision", "rule", "reason", "error")
"""In every record, and nothing to choose."""

PERSONAL = frozenset({"session", "client_ip"})
BY_DEFAULT = tuple(name for name in (*OF_REQUEST, *OF_OUTCOME) if name not in PERSONAL)
"""What is recorded where `fields` is not written: all but what tells more of a person than who they are to the gateway."""


def known_fields(user: Iterable[str]) -> list[str]:
    """All names that `fields` may hold; `user` are the members of the `user` root."""
    return sorted({*OF_REQUEST, *OF_OUTCOME, *(USER + name for name in user if name not in KEPT_OUT)})


def of_request(fields: Iterable[str]) -> tuple[tuple[str, OfRequest], ...]:
    """How to get those of `fields` that a request has before it ends."""
    return tuple((name, OF_REQUEST.get(name) or partial(_user, name.removeprefix(USER))) for name in fields if name not in OF_OUTCOME)
