"""Which pages of other origins may use the gateway from a browser (`server.cors`, and `use: cors` of a route)."""

from __future__ import annotations

from typing import Annotated

import msgspec

from gateway.sdk.fields import Duration, default, described, form
from gateway.sdk.source_config import Model

Token = Annotated[str, msgspec.Meta(pattern=r"^[!#$%&'*+.^`|~0-9A-Za-z-]+$"), form("a header's name")]
Method = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]+$"), form("a method such as `GET`")]

HEADERS = ("Authorization", "Content-Type", "X-API-Key", "Idempotency-Key", "X-Request-Id", "X-Deadline-Ms", "traceparent")
EXPOSED = ("X-Request-Id", "Retry-After", "RateLimit", "RateLimit-Policy", "Idempotent-Replayed", "Location")


class Cors(Model, frozen=True, kw_only=True):
    """Cross-origin requests (Fetch standard)."""

    origins: Annotated[
        list[str], described("Origins such as `https://shop.example`; `https://*.shop.example` is each with one more label, `*` is any.")
    ]
    methods: Annotated[list[Method] | None, described("Methods that pages may use; all that an address has where unset.")] = None
    headers: Annotated[list[Token], described("Request headers that pages may send.")] = msgspec.field(
        default_factory=lambda: list(HEADERS)
    )
    expose: Annotated[list[Token], described("Response headers that pages may read.")] = msgspec.field(
        default_factory=lambda: list(EXPOSED)
    )
    credentials: Annotated[bool, described("Whether pages may send cookies and client certificates; not with `*`.")] = False
    max_age: Annotated[Duration, described("How long a browser remembers what it may; 10m by default.")] = default(Duration.parse, "10m")
