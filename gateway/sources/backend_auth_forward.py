"""`auth: {forward_token: true}`: the backend gets the caller's own bearer token, and decides by itself."""

from __future__ import annotations

import re

from gateway.sdk import Call, Reference, Unauthorized
from gateway.sources.backend_auth import Proof

HEADER = "authorization"
BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)
"""RFC 6750 §2.1."""

WITHOUT_TOKEN = frozenset({"anonymous", "api_key", "hmac", "mutual_tls"})
"""Kinds of identity that are known by something else: what their callers send as `Authorization` is no token to pass on."""


class ForwardedToken:
    """Passes a token on as it was verified. A caller without one can't be served: the call fails `unauthorized` and isn't made."""

    identity: frozenset[Reference] = frozenset({("user", "id")})
    forwards = frozenset({HEADER})

    async def prove(self, call: Call, /) -> Proof:
        context = call.context
        kind = context.identity[1] if len(context.identity) > 1 else "anonymous"
        presented = None if kind in WITHOUT_TOKEN else BEARER.fullmatch(context.headers.get(HEADER, "").strip(" \t"))
        if presented is None:
            raise Unauthorized("This needs a caller who signed in with a token.")
        return Proof("Authorization", f"Bearer {presented[1]}", (presented[1],))

    def refused(self, call: Call, proof: Proof, /) -> bool:
        """The caller has no other token."""
        del call, proof
        return False
