"""What callers read of their limits: `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10)."""

from __future__ import annotations

from math import ceil

import msgspec

from gateway.sdk.allowance import Verdict
from gateway.server.outgoing import Outgoing


def with_limits(outgoing: Outgoing, verdict: Verdict | None) -> Outgoing:
    """The response to a caller who is limited tells so, whatever it answers."""
    if verdict is None:
        return outgoing
    return msgspec.structs.replace(outgoing, headers=(*outgoing.headers, *limit_headers(verdict)))


def limit_headers(verdict: Verdict) -> tuple[tuple[bytes, bytes], ...]:
    """The limit of which least is left: how much, of what, and in how many seconds all of it is back.

    A quota is written in whole units, as the draft has it: one of half a unit a second is one in two seconds.
    """
    allowance = verdict.allowance
    name = allowance.name.encode()
    scale = 1.0 if allowance.units >= 1 else 1.0 / allowance.units
    units, window = int(allowance.units * scale), ceil(allowance.window * scale)
    return (
        (b"ratelimit", b'"%s";r=%d;t=%d' % (name, verdict.remaining, ceil(verdict.reset))),
        (b"ratelimit-policy", b'"%s";q=%d;w=%d' % (name, units, window)),
    )
