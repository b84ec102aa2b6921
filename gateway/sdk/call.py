"""One backend call and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from gateway.sdk.exchange import Scope

Effect = Literal["read", "write"]


class CallContext:
    """What all backend calls of one request share. Built once a request.

    `scope` holds the roots `user tenant ctx config`; `headers` are the caller's request headers in lower case (only those
    that a source lists under `forward` leave the gateway); `identity` is (tenant id, *caller key). `notes` are the exchange's.
    """

    __slots__ = ("headers", "identity", "notes", "scope", "traceparent")

    def __init__(
        self,
        scope: Scope,
        identity: tuple[str, ...],
        headers: Mapping[str, str],
        traceparent: str | None = None,
        notes: dict[str, Any] | None = None,
    ) -> None:
        self.scope = scope
        self.identity = identity
        self.headers = headers
        self.traceparent = traceparent
        self.notes: dict[str, Any] = {} if notes is None else notes


class Call:
    """One use of an operation: `arguments` by parameter name, `deadline` in seconds on the clock's monotonic scale.

    `idempotency_key` is already derived for this step and item (language §4 "Keys"). Interceptors may pass on a changed copy.
    """

    __slots__ = ("arguments", "attempts", "context", "deadline", "idempotency_key", "operation")

    def __init__(
        self,
        operation: str,
        arguments: dict[str, Any],
        context: CallContext,
        deadline: float,
        idempotency_key: str | None = None,
    ) -> None:
        self.operation = operation
        self.arguments = arguments
        self.context = context
        self.deadline = deadline
        self.idempotency_key = idempotency_key
        self.attempts = 1

    def replace(self, *, operation: str | None = None, arguments: dict[str, Any] | None = None, deadline: float | None = None) -> Call:
        """A copy for another operation, with other arguments or another deadline."""
        return Call(
            operation or self.operation,
            self.arguments if arguments is None else arguments,
            self.context,
            self.deadline if deadline is None else deadline,
            self.idempotency_key,
        )


class Response(msgspec.Struct, frozen=True):
    """What a source's transport brought back, before `success`, `error` and `result` of the operation are looked at.

    `body` is JSON-like data (str, int, float, bool, None, list, dict); `headers` are lower-case. `status_code` is the HTTP
    status, or 200 for sources that know none.
    """

    body: Any
    status_code: int = 200
    headers: Mapping[str, str] = {}


class Result(msgspec.Struct, frozen=True):
    """An operation's outcome: `value` is what steps see as `result`."""

    value: Any
    response: Response
    attempts: int = 1
    cached: bool = False
    stale: bool = False
