"""One backend call and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any, Literal

import msgspec

from gateway.sdk.circuit import CircuitState
from gateway.sdk.exchange import Scope
from gateway.sdk.source_config import Cache, Retry

Effect = Literal["read", "write"]


FAIR = 0.5
"""The share of its time that a backend must have had to be blamed for being late."""


class CallContext:
    """What all backend calls of one request share. Built once a request.

    `scope` holds the roots `user tenant ctx config`; `headers` are the caller's request headers in lower case (only those
    that a source lists under `forward` leave the gateway); `identity` is (tenant id, *caller key). `notes` are the exchange's.
    `patience` is how long the request may take in all by its configuration, in seconds, however little its caller gives it.
    """

    __slots__ = ("headers", "identity", "notes", "patience", "scope", "traceparent")

    def __init__(
        self,
        scope: Scope,
        identity: tuple[str, ...],
        headers: Mapping[str, str],
        traceparent: str | None = None,
        notes: dict[str, Any] | None = None,
        *,
        patience: float = inf,
    ) -> None:
        self.scope = scope
        self.identity = identity
        self.headers = headers
        self.traceparent = traceparent
        self.notes: dict[str, Any] = {} if notes is None else notes
        self.patience = patience


class Course:
    """What happened to one call on its way: written by interceptors and sources, read when the call is over, failed or not.

    `attempts` counts what was sent to a backend (0 for an answer that was kept, or refused before it was sent), `hedges` those of them
    that were sent beside one under way. `breaker` is the state of the circuit that it met last. `tried` are the servers that were
    picked, by their number in `servers`: another try takes another one first. Of an answer that was kept, `born` is when it was new, on
    the clock's monotonic scale.
    """

    __slots__ = ("attempts", "born", "breaker", "cached", "hedges", "stale", "tried")

    def __init__(self) -> None:
        self.attempts = 0
        self.hedges = 0
        self.breaker: CircuitState | None = None
        self.cached = False
        self.stale = False
        self.born = inf
        self.tried: set[int] = set()

    def follow(self, other: Course) -> None:
        """The answer is that of another call: what is true of it is true here too. What was sent for it is told of there alone."""
        self.cached = self.cached or other.cached
        self.stale = self.stale or other.stale
        self.born = min(self.born, other.born)


class StepLimits(msgspec.Struct, frozen=True):
    """What a step makes narrower than its operation says; both are in force.

    `stale_by_ladder`: the step's ladder says when a stale value stands in, so `stale_if_error` doesn't by itself.
    """

    retry: Retry | None = None
    cache: Cache | None = None
    stale_by_ladder: bool = False


NO_LIMITS = StepLimits()


class Call:
    """One use of an operation: `arguments` by parameter name, `deadline` in seconds on the clock's monotonic scale.

    `timeout` is the longest that one attempt may take, in seconds; the deadline leaves room for those that `retry` allows.
    `idempotency_key` is already derived for this step and item (language §4 "Keys"). `stale` asks for a kept answer of at most
    this age, in seconds, and for nothing to be sent; `kept_only` for whatever is kept and may be given in place of a failure, as if
    there had been one. `conditions` are headers that make a request conditional (RFC 9110 §13.1).
    `waited` is how long it waited in the gateway's own queue before it was sent, in seconds.
    Interceptors may pass on a changed copy; all copies share one `course`.
    """

    __slots__ = (
        "arguments", "conditions", "context", "course", "deadline", "idempotency_key", "kept_only", "limits", "operation", "stale",
        "timeout", "waited",
    )  # fmt: skip

    def __init__(
        self,
        operation: str,
        arguments: dict[str, Any],
        context: CallContext,
        deadline: float,
        idempotency_key: str | None = None,
        *,
        timeout: float = inf,
        limits: StepLimits = NO_LIMITS,
    ) -> None:
        self.operation = operation
        self.arguments = arguments
        self.context = context
        self.deadline = deadline
        self.idempotency_key = idempotency_key
        self.timeout = timeout
        self.limits = limits
        self.stale: float | None = None
        self.kept_only = False
        self.waited = 0.0
        self.conditions: tuple[tuple[str, str], ...] = ()
        self.course = Course()

    @property
    def fair(self) -> float:
        """How long a backend must have had, in seconds, to be blamed for being late; 0 where its time isn't bounded.

        One that got a small part of its time, since a caller is in a hurry, steps before it took long, or the call waited in our queue,
        may be as good as ever: else few impatient callers would shut it for all others.
        """
        longest = min(self.timeout, self.context.patience)
        return 0.0 if longest == inf else FAIR * longest

    def replace(
        self,
        *,
        operation: str | None = None,
        arguments: dict[str, Any] | None = None,
        deadline: float | None = None,
        conditions: tuple[tuple[str, str], ...] | None = None,
    ) -> Call:
        """A copy for another operation, with other arguments, another deadline or other conditions."""
        copy = Call(
            operation or self.operation,
            self.arguments if arguments is None else arguments,
            self.context,
            self.deadline if deadline is None else deadline,
            self.idempotency_key,
            timeout=self.timeout,
            limits=self.limits,
        )
        copy.stale, copy.kept_only = self.stale, self.kept_only
        copy.conditions = self.conditions if conditions is None else conditions
        copy.course = self.course
        return copy


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
