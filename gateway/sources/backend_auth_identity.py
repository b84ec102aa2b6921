"""`auth: {identity_header}`: a signed header that names the caller, for backends that trust the gateway to know who is asking.

A compact JWS (RFC 7515) with HMAC-SHA-256 over these claims: `sub` (absent for anonymous callers), `idp` (who vouched for the caller)
and `via` (the kind of identity), without which equal subjects of two issuers look the same; `tenant`, `roles`, `aud` (the source's
name), `iat`, `exp`, `jti`, and `request_id` to find the request by. Each call has its own: none is kept, none outlives a minute.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

import msgspec

from gateway.sdk import Call, Clock, Derived, Path, Reference, Services
from gateway.sdk.source_config import IdentityHeader
from gateway.sources.backend_auth import Proof
from gateway.sources.live_header import kept

LIFETIME = 60
"""Seconds that a header is good for."""

SHORTEST_KEY = 32
"""Bytes: a key for HS256 has at least the size of the hash (RFC 7518 §3.2)."""

TYPE = "gateway-caller+jwt"
"""The explicit type (RFC 8725 §3.11), so that the header is taken for nothing else that has the same key."""


class SigningKey:
    """A key with the head that its signatures have. `kid` tells keys apart while they are rotated."""

    __slots__ = ("_head", "_key")

    def __init__(self, text: str) -> None:
        """Raises `ValueError` for a key that is too short."""
        self._key = text.encode()
        if len(self._key) < SHORTEST_KEY:
            raise ValueError(f"the key has fewer than {SHORTEST_KEY} bytes")
        kid = sha256(b"kid:" + self._key).hexdigest()[:8]
        self._head = encoded({"alg": "HS256", "typ": TYPE, "kid": kid})

    def sign(self, claims: dict[str, Any]) -> str:
        """The compact form."""
        signed = self._head + b"." + encoded(claims)
        return (signed + b"." + base64url(hmac.digest(self._key, signed, "sha256"))).decode()


class SignedIdentity:
    """Names the caller of each call."""

    identity: frozenset[Reference] = frozenset({("user", "id"), ("user", "issuer"), ("user", "roles"), ("tenant", "id")})
    forwards: frozenset[str] = frozenset()

    def __init__(self, header: str, audience: str, key: Derived[SigningKey], clock: Clock) -> None:
        self._header = header
        self._audience = audience
        self._key = key
        self._clock = clock

    async def prove(self, call: Call, /) -> Proof:
        token = self._key.value.sign(self._claims(call))
        return Proof(self._header, token, (token,))

    def _claims(self, call: Call) -> dict[str, Any]:
        scope, identity = call.context.scope, call.context.identity
        user, now = scope["user"], int(self._clock.now().timestamp())
        claims = {
            "aud": self._audience,
            "tenant": identity[0],
            "via": identity[1],
            "roles": user["roles"],
            "iat": now,
            "exp": now + LIFETIME,
            "jti": token_urlsafe(12),
            "request_id": scope["ctx"]["request_id"],
        }
        named = {"sub": user["id"], "idp": user.get("issuer")}
        return claims | {name: value for name, value in named.items() if value is not None}

    def refused(self, call: Call, proof: Proof, /) -> bool:
        """Another header would say the same."""
        del call, proof
        return False


def identity_header(config: IdentityHeader, services: Services, path: Path) -> SignedIdentity | None:
    """None where the key can't be used, which is reported."""
    path = (*path, "key")
    text = services.secret(config.key, path=path)
    try:
        key = Derived(SigningKey, text, refused=kept(services))
    except ValueError as fault:
        services.problem("GW255", str(fault), path=path, hint="make one with `openssl rand -base64 48`")
        return None
    return SignedIdentity(config.header, config.audience or services.name, key, services.clock)


def encoded(value: dict[str, Any]) -> bytes:
    return base64url(msgspec.json.encode(value))


def base64url(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")
