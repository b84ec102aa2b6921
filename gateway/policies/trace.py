"""Stage `trace`: gives a request its id and its place in a distributed trace."""

from __future__ import annotations

import os
import re
from datetime import datetime

from gateway.sdk import Answer, Component, Exchange, Handler, Model, Services

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
TRACEPARENT = re.compile(r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-.*)?")
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = tuple(high + low for high in _ALPHABET for low in _ALPHABET)


class TraceConfig(Model, frozen=True):
    """Nothing to set."""


class Trace:
    """Keeps a valid `X-Request-Id` and continues a valid `traceparent`; makes new ones otherwise."""

    async def __call__(self, exchange: Exchange, proceed: Handler, /) -> Answer:
        exchange.request_id = request_id(exchange.headers.get("x-request-id"), exchange.time)
        exchange.traceparent = continued(exchange.headers.get("traceparent"))
        return await proceed(exchange)


def request_id(given: str | None, time: datetime) -> str:
    """The caller's id where it is one, else a new one that sorts by `time`: 48 bits of milliseconds and 80 random ones in
    Crockford's base 32, 26 characters."""
    if given is not None and REQUEST_ID.fullmatch(given):
        return given
    number = (int(time.timestamp() * 1000) << 80) | int.from_bytes(os.urandom(10), "big")
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in range(120, -1, -10)])


def continued(given: str | None) -> str:
    """The `traceparent` of the gateway's own span, in the trace that `given` names, else in a new one (W3C Trace Context 1).

    A version higher than ours may carry more; what we know of it is used. An unreadable header starts a new trace.
    """
    match = TRACEPARENT.fullmatch(given) if given is not None else None
    if match is None or (match[1] == "00" and match[4] is not None):
        return f"00-{_random(16)}-{_random(8)}-00"
    return f"00-{match[2]}-{_random(8)}-{int(match[3], 16) & 1:02x}"


def _random(size: int) -> str:
    drawn = os.urandom(size).hex()
    return drawn if drawn.strip("0") else _random(size)


def build(config: TraceConfig, services: Services) -> Trace:
    """Always in the chain."""
    del config, services
    return Trace()


component = Component(
    kind="stage",
    name="trace",
    phase="trace",
    Config=TraceConfig,
    build=build,
    summary="Request ids and W3C trace context.",
    example="telemetry: {traces: none}",
)
