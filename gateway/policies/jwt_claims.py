"""Whether a token whose signature is good is meant for us, now (RFC 7519 §4.1, RFC 8725 §3, RFC 9068 §4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

ACCESS_TYPES = frozenset({"at+jwt", "application/at+jwt"})
"""`typ` of access tokens (RFC 9068 §2.1), in lower case."""

TYPES = ACCESS_TYPES | {"jwt", "application/jwt"}
OF_ID_TOKENS = frozenset({"nonce", "at_hash", "c_hash", "s_hash"})
"""Claims that stand in ID tokens (OpenID Connect Core §2, §3.3.2.11)."""

OF_ACCESS_TOKENS = frozenset({"scope", "scp", "client_id"})
LAST_SECOND = 253_402_300_799
"""The end of the year 9999."""


class Misfit(Exception):
    """The token is genuine and not for us, or not now. Its text says why, without any part of the token."""


class Expected(msgspec.Struct, frozen=True):
    """What the configuration expects; `leeway` in seconds."""

    issuer: str
    audiences: frozenset[str]
    leeway: float = 0.0
    required: frozenset[str] = frozenset()


def check_header(header: dict[str, Any]) -> None:
    """Raises `Misfit` for headers that change what a token means: `crit` and `b64`, and every `typ` but that of access tokens."""
    if "crit" in header or "b64" in header:
        raise Misfit("it has critical headers")
    if "typ" in header and _lower(header["typ"]) not in TYPES:
        raise Misfit("its type is another")
    if not isinstance(header.get("kid", ""), str):
        raise Misfit("its `kid` is no text")


def check_claims(header: dict[str, Any], claims: dict[str, Any], expected: Expected, now: datetime) -> datetime:
    """When the token stops being good, leeway included. Raises `Misfit`."""
    if claims.get("iss") != expected.issuer:
        raise Misfit("another issuer")
    if not check_audience(claims.get("aud"), expected.audiences):
        raise Misfit("another audience")
    if missing := sorted(expected.required - {name for name, value in claims.items() if value is not None}):
        raise Misfit(f"without {', '.join(missing)}")
    if "cnf" in claims:
        raise Misfit("bound to a key that the caller did not prove to have")
    if _lower(header.get("typ")) not in ACCESS_TYPES:
        _check_purpose(claims)
    return check_times(claims, expected.leeway, now)


def check_audience(written: Any, audiences: Iterable[str]) -> bool:
    """Whether one of ours is named; anything but a text or a list of texts names nobody."""
    named = [written] if isinstance(written, str) else written
    if not isinstance(named, list) or not all(isinstance(name, str) for name in named):
        return False
    return not set(named).isdisjoint(audiences)


def check_times(claims: dict[str, Any], leeway: float, now: datetime) -> datetime:
    """When it expires, leeway included. `exp` has to be there: what never ends can't be taken back."""
    expires = _seconds(claims, "exp")
    if expires is None:
        raise Misfit("without exp")
    seconds = now.timestamp()
    if seconds >= expires + leeway:
        raise Misfit("expired")
    for name in ("nbf", "iat"):
        since = _seconds(claims, name)
        if since is not None and seconds < since - leeway:
            raise Misfit("not valid yet")
    return datetime.fromtimestamp(min(expires + leeway, LAST_SECOND), UTC)


def _check_purpose(claims: dict[str, Any]) -> None:
    """An ID token tells a client who signed in and opens nothing here, not even where its audience is ours as well.

    One that bears none of the marks looked for here can be told by its audience alone, which is then a client's name: an audience of
    the gateway's own keeps it out, or `required: [client_id]`, which access tokens have (RFC 9068 §2.2).
    """
    if _lower(claims.get("token_use", "access")) != "access":  # so says Cognito
        raise Misfit("no access token")
    kind = claims.get("typ")  # Keycloak writes there what a token is for: Bearer, ID, Refresh …
    if kind is not None:
        if _lower(kind) != "bearer":
            raise Misfit("no access token")
        return
    if OF_ID_TOKENS & claims.keys():
        raise Misfit("an ID token")
    party = claims.get("azp")
    if isinstance(party, str) and check_audience(claims.get("aud"), [party]) and not OF_ACCESS_TOKENS & claims.keys():
        raise Misfit("an ID token")


def _seconds(claims: dict[str, Any], name: str) -> float | None:
    """A NumericDate (RFC 7519 §2)."""
    value = claims.get(name)
    if value is None and name not in claims:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LAST_SECOND:
        raise Misfit(f"its `{name}` is no time")
    return float(value)


def _lower(value: Any) -> str | None:
    return value.lower() if isinstance(value, str) else None
