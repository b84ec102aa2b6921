"""Calls of operations, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from gateway.sdk import Call, CallContext


def call_of(
    operation: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    seconds: float = 2.0,
    user: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    traceparent: str | None = None,
    idempotency_key: str | None = None,
) -> Call:
    """A call with `seconds` left on the system's clock, by a user of the one tenant; `headers` are the caller's, in lower case."""
    person = {"id": "u1", "roles": [], "groups": [], "scopes": [], **(user or {})}
    scope = {
        "user": person,
        "tenant": {"id": "default", "config": {}},
        "ctx": {"request_id": "r1", "channel": "api", "locale": "en", "time": datetime(2026, 11, 20, 9, 30, tzinfo=UTC)},
        "config": {},
    }
    context = CallContext(scope, ("default", "test", "", str(person["id"])), headers or {}, traceparent)
    return Call(operation, dict(arguments or {}), context, monotonic() + seconds, idempotency_key)
