"""`Idempotent-Replayed: true`: the answer is that of an earlier request with the same idempotency key.

No standard names such a header (draft-ietf-httpapi-idempotency-key-header-07 has none); this one is in wide use, first by Stripe.
"""

from __future__ import annotations

import msgspec

from gateway.runtime.once import NOTE
from gateway.sdk import Exchange
from gateway.server.outgoing import Outgoing

REPLAYED = (b"idempotent-replayed", b"true")


def with_replay(outgoing: Outgoing, exchange: Exchange) -> Outgoing:
    """The response to whom an earlier answer is given tells so."""
    if exchange.notes.get(NOTE) != "replayed":
        return outgoing
    return msgspec.structs.replace(outgoing, headers=(*outgoing.headers, REPLAYED))
