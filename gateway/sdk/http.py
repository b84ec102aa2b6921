"""Outbound HTTP, as sources receive it from the gateway (implemented in `gateway/net`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

import msgspec

from gateway.sdk.fields import MIB

Engine = Literal["fast", "httpx"]


class HttpRequest(msgspec.Struct):
    """One request to one of a client's servers.

    `target` is the path and query below the server's base path, already percent-encoded, starting with `/`. `deadline` is the
    one total limit for everything (queueing, connecting, sending, receiving), in seconds on the monotonic clock.
    `idempotent` permits one transparent resend when a kept-alive connection turns out stale. `max_body` limits the answer's
    body in bytes, after decompression too.
    """

    method: str
    target: str
    deadline: float
    headers: Sequence[tuple[str, str]] = ()
    body: bytes | None = None
    idempotent: bool = False
    max_body: int = 10 * MIB


class HttpResponse(msgspec.Struct):
    """An answer, whole and decompressed. Header names are lower-case; repeated ones are joined by `, `."""

    status_code: int
    headers: Mapping[str, str]
    body: bytes


class HttpClient(Protocol):
    """A pooled client of one source's servers.

    `send` raises `InvalidRequest` where the request can't be sent as it is, else only `Unavailable` (refused, reset, DNS, TLS),
    `Timeout` (the deadline), `BadResponse` (garbage, truncated, over-long, undecodable compression) and `Overloaded` (its own
    waiting queue is full); redirects are not followed.
    A cancelled `send` never costs a place in the pool.
    """

    async def send(self, request: HttpRequest, /) -> HttpResponse: ...
    async def close(self) -> None: ...


class HttpSettings(msgspec.Struct, frozen=True):
    """How a client is to be made.

    `servers` are base URLs; `connections` caps open connections per host, `waiting` the callers queueing for one; `idle` is how long,
    in seconds, an unused connection is kept.
    """

    servers: tuple[str, ...]
    engine: Engine = "fast"
    connections: int = 100
    waiting: int = 1000
    idle: float = 30.0
    proxy: str | None = None
