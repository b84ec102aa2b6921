"""Outbound HTTP, as sources receive it from the gateway (implemented in `gateway/net`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

import msgspec

from gateway.sdk.circuit import CircuitSettings
from gateway.sdk.fields import MIB

Engine = Literal["fast", "httpx"]
Balance = Literal["round_robin", "least_connections", "ip_hash", "consistent_hash"]


class HttpRequest(msgspec.Struct):
    """One request to one of a client's servers.

    `target` is the path and query below the server's base path, already percent-encoded, starting with `/`. `deadline` is the
    one total limit for everything (queueing, connecting, sending, receiving), in seconds on the monotonic clock.
    `idempotent` permits one transparent resend when a kept-alive connection turns out stale. `max_body` limits the answer's
    body in bytes, after decompression too.

    With several servers, `affinity` is what decides which of them is picked where `balance` hashes (without it they take turns).
    `tried` are the numbers of servers that are picked only where no other is left; the one that is picked is added. `errors_meant` says
    that a 5xx may be a good answer of this operation: it then tells nothing about the server's health. `fair` is how long a server must
    have had, in seconds, to be blamed for being late.
    """

    method: str
    target: str
    deadline: float
    headers: Sequence[tuple[str, str]] = ()
    body: bytes | None = None
    idempotent: bool = False
    max_body: int = 10 * MIB
    affinity: bytes | None = None
    tried: set[int] | None = None
    errors_meant: bool = False
    fair: float = 0.0


class HttpResponse(msgspec.Struct):
    """An answer, whole and decompressed. Header names are lower-case; repeated ones are joined by `, `."""

    status_code: int
    headers: Mapping[str, str]
    body: bytes


ServerState = Literal["in", "probing", "out"]


class ServerReport(msgspec.Struct, frozen=True):
    """One server as its client sees it. `checked` is what active checks say: false where they leave the server out."""

    number: int
    state: ServerState
    in_flight: int
    checked: bool = True


class HttpClient(Protocol):
    """A pooled client of one source's servers.

    `send` raises `InvalidRequest` where the request can't be sent as it is, else only `Unavailable` (refused, reset, DNS, TLS),
    `Timeout` (the deadline), `BadResponse` (garbage, truncated, over-long, undecodable compression) and `Overloaded` (its own
    waiting queue is full); redirects are not followed.
    A cancelled `send` never costs a place in the pool. `start` begins active checks, where there are any: in the loop that serves.
    """

    async def send(self, request: HttpRequest, /) -> HttpResponse: ...
    def servers(self) -> tuple[ServerReport, ...]: ...
    async def start(self) -> None: ...
    async def close(self) -> None: ...


class CheckSettings(msgspec.Struct, frozen=True):
    """Active checks: `GET endpoint` below each server's base path every `interval`, answered with 2xx or 3xx within `timeout`.

    Times in seconds. `threshold` failed checks in a row leave a server out, one good check brings it back. A check carries no
    credentials and none of the source's headers: its answer is known to whoever can reach the server.
    """

    endpoint: str
    interval: float = 10.0
    timeout: float = 5.0
    threshold: int = 3


EJECTION = CircuitSettings(failure_threshold=3, recovery_timeout=1.0, longest_recovery=60.0)
"""When one of several servers is left out for what calls found, and for how long, where nothing else is configured."""


class HttpSettings(msgspec.Struct, frozen=True):
    """How a client is to be made.

    `servers` are base URLs, `weights` their shares (1 each where empty); `connections` caps open connections per server, `waiting` the
    callers queueing for one; `idle` is how long, in seconds, an unused connection is kept. `ejection` is the circuit of each server.
    `pool` tells this client's servers from others of the same source, in metrics and log records.
    """

    servers: tuple[str, ...]
    engine: Engine = "fast"
    connections: int = 100
    waiting: int = 1000
    idle: float = 30.0
    proxy: str | None = None
    weights: tuple[float, ...] = ()
    balance: Balance = "round_robin"
    ejection: CircuitSettings = EJECTION
    check: CheckSettings | None = None
    pool: str = ""
