"""Stage `trace`: gives a request its id and its place in a distributed trace."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import datetime

from gateway.sdk import Answer, Component, Exchange, Handler, Model, Services

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
TRACEPARENT = re.compile(r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-.*)?")
AT_A_TIME = 4096
"""Random bytes per fetch: a system call each time costs more than all the rest of this stage."""

Draw = Callable[[int], bytes]
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = tuple(high + low for high in _ALPHABET for low in _ALPHABET)


class TraceConfig(Model, frozen=True):
    """Nothing to set."""


class Trace:
    """Keeps a valid `X-Request-Id` and continues a valid `traceparent`; makes new ones otherwise."""

    def __init__(self) -> None:
        self._draw = Drawer().draw

    async def __call__(self, exchange: Exchange, proceed: Handler, /) -> Answer:
        exchange.request_id = request_id(exchange.headers.get("x-request-id"), exchange.time, self._draw)
        exchange.traceparent = continued(exchange.headers.get("traceparent"), self._draw)
        return await proceed(exchange)


class Drawer:
    """Random bytes, fetched from the system many at a time. The first fetch waits for the first request, so that processes forked
    from one that is ready to serve don't draw the same."""

    def __init__(self) -> None:
        self._drawn = b""
        self._used = 0

    def draw(self, size: int) -> bytes:
        """`size` random bytes that nobody got before."""
        begin = self._used
        if begin + size > len(self._drawn):
            self._drawn, begin = os.urandom(AT_A_TIME), 0
        self._used = begin + size
        return self._drawn[begin : self._used]


def request_id(given: str | None, time: datetime, draw: Draw = os.urandom) -> str:
    """The caller's id where it is one, else a new one that sorts by `time`: 48 bits of milliseconds and 80 random ones in
    Crockford's base 32, 26 characters."""
    if given is not None and REQUEST_ID.fullmatch(given):
        return given
    number = (int(time.timestamp() * 1000) << 80) | int.from_bytes(draw(10), "big")
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in range(120, -1, -10)])


def continued(given: str | None, draw: Draw = os.urandom) -> str:
    """The `traceparent` of the gateway's own span, in the trace that `given` names, else in a new one (W3C Trace Context 1).

    A version higher than ours may carry more; what we know of it is used. An unreadable header starts a new trace.
    """
    match = TRACEPARENT.fullmatch(given) if given is not None else None
    if match is None or (match[1] == "00" and match[4] is not None):
        return f"00-{_id(16, draw)}-{_id(8, draw)}-00"
    return f"00-{match[2]}-{_id(8, draw)}-{int(match[3], 16) & 1:02x}"


def _id(size: int, draw: Draw) -> str:
    drawn = draw(size).hex()
    return drawn if drawn.strip("0") else _id(size, draw)


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
