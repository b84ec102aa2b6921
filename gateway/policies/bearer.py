"""How a token is presented: in `Authorization` as a bearer token (RFC 6750 §2.1), or alone in a header of its own."""

from __future__ import annotations

import re
from hashlib import sha256

from gateway.policies.jws import LONGEST
from gateway.sdk import Unauthorized

AUTHORIZATION = "authorization"
CHALLENGE = 'Bearer realm="gateway"'
SCHEME = "bearer"
LONGEST_VALUE = LONGEST + len("Bearer ")

_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")


def digest_of(value: str) -> bytes:
    """By what a header's value is remembered. Raises `Unauthorized` for one that is too long to be a token."""
    if len(value) > LONGEST_VALUE:
        raise Unauthorized("The credential is not valid.", reason="too long")
    return sha256(value.encode("utf-8", "surrogatepass")).digest()


def token_in(header: str, value: str) -> str | None:
    """The token in a header (its name in lower case), or None where another scheme or no token is there."""
    if header == AUTHORIZATION:
        scheme, _, value = value.partition(" ")
        if scheme.lower() != SCHEME:
            return None
    return value if _TOKEN.fullmatch(value) else None
