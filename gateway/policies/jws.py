"""A JWS in compact form, read strictly, before anything of it is believed (RFC 7515 §7.1, RFC 8725).

Nothing that could be read in two ways passes: three parts, base64url without padding, spare bits or foreign characters, JSON without
duplicate members. What a header says about keys (`jwk jku x5u x5c`) is never looked at.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import msgspec

from gateway.policies.plain_json import NotPlain, plain_object

LONGEST = 16 * 1024
"""Characters of a token."""

_PART = re.compile(r"[A-Za-z0-9_-]+")


class NotJws(Exception):
    """The text is no JWS in compact form. Its text tells why, without any part of the token."""


class Jws(msgspec.Struct, frozen=True):
    """A token as it was presented: nothing of it is verified yet. `signed` is what the signature is over."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signed: bytes
    signature: bytes

    @property
    def algorithm(self) -> str | None:
        """What `alg` says."""
        return _text(self.header.get("alg"))

    @property
    def key_id(self) -> str | None:
        """What `kid` says; it only picks one of the keys that are known by configuration."""
        return _text(self.header.get("kid"))

    @property
    def issuer(self) -> str | None:
        """What `iss` says."""
        return _text(self.claims.get("iss"))


def read_jws(token: str) -> Jws:
    """Raises `NotJws` for what is no JWS whose header and payload are JSON objects."""
    if len(token) > LONGEST:
        raise NotJws("too long")
    parts = token.split(".", 3)
    if len(parts) != 3:
        raise NotJws("not three parts")
    header, payload, signature = (base64url(part) for part in parts)
    try:
        return Jws(plain_object(header), plain_object(payload), token[: token.rindex(".")].encode("ascii"), signature)
    except NotPlain as fault:
        raise NotJws(str(fault)) from None


def base64url(part: str) -> bytes:
    """base64url (RFC 4648 §5), where one text stands for one value: the bits that a last character has to spare are 0.

    Raises `NotJws`.
    """
    if not _PART.fullmatch(part) or len(part) % 4 == 1:
        raise NotJws("not base64url")
    decoded = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if urlsafe_b64encode(decoded).rstrip(b"=") != part.encode("ascii"):
        raise NotJws("not base64url")
    return decoded


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
