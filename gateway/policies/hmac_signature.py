"""Identity `hmac`: servers that sign each request with a shared secret (RFC 2104).

What is signed are these five lines, joined by single line feeds and without one at the end:

    the method                                        POST
    the path, as it stands in the request line        /v1/intents/track_order
    the query behind its `?`, empty without one       lang=de
    the time of signing, as its header says it        1763640000.125
    the hash of the body, in lower-case hexadecimal   e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855

The hash is that of `algorithm`, also where there is no body; the time is in seconds since 1970 (UTC), with up to six decimals. The
signature is the HMAC of these lines in lower-case hexadecimal.

A signature is good for `tolerance` to both sides of its time, and once: two requests that are alike in all five lines need times that
differ. What was seen is remembered by this process, for as long as it could be repeated; where there is no room to remember, the
request is refused.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Annotated, Any, Literal

import msgspec

from gateway.policies.api_key import HEADER_NAME
from gateway.policies.configured_user import TenantName, configured_caller
from gateway.policies.seen_once import SeenOnce, TooMany
from gateway.sdk import (
    Caller,
    Component,
    Duration,
    Exchange,
    Model,
    Overloaded,
    Path,
    Secret,
    SecretText,
    Services,
    Unauthorized,
    default,
    described,
    form,
)

LEAST_BYTES = 32
"""Of a secret: as long as the shorter hash (RFC 2104 §3)."""

MARK_BYTES = 16
"""Of a signature, by which it is remembered."""

TIMESTAMP = re.compile(r"[0-9]{1,11}(?:\.[0-9]{1,6})?")
SIGNATURE = re.compile(r"[0-9a-f]{64}(?:[0-9a-f]{64})?")

HeaderName = Annotated[str, msgspec.Meta(pattern=HEADER_NAME), form("a header's name, without `_`")]


class HmacKey(Model, frozen=True, kw_only=True):
    """One caller's key."""

    id: Annotated[str, described("Name of the key, sent with the request.")]
    secret: Annotated[Secret, described("The shared secret, at least 32 bytes.")]
    tenant: TenantName = None
    user: Annotated[dict[str, Any], described("Who the caller is: `{id, roles, …}`.")]


class Hmac(Model, frozen=True, kw_only=True):
    """Requests signed with a shared secret (RFC 2104)."""

    header: Annotated[HeaderName, described("Header that carries the signature, in hexadecimal.")] = "X-Signature"
    key_header: Annotated[HeaderName, described("Header that names the key.")] = "X-Key-Id"
    timestamp_header: Annotated[HeaderName, described("Header that carries the time of signing in seconds since 1970; it is signed.")] = (
        "X-Timestamp"
    )
    algorithm: Annotated[Literal["sha256", "sha512"], described("Hash function.")] = "sha256"
    tolerance: Annotated[Duration, described("How far the time of signing may be from now; 5m by default.")] = default(Duration.parse, "5m")
    keys: Annotated[Annotated[list[HmacKey], msgspec.Meta(min_length=1)], described("Callers' keys.")]


class Signer(msgspec.Struct, frozen=True):
    """Who holds a key."""

    secret: SecretText
    caller: Caller


class Signatures:
    """Knows callers by what they signed."""

    challenge = 'HMAC realm="gateway"'

    def __init__(self, config: Hmac, signers: dict[str, Signer]) -> None:
        self._header = config.header.lower()
        self._key_header = config.key_header.lower()
        self._timestamp_header = config.timestamp_header.lower()
        self._algorithm = config.algorithm
        self._tolerance = config.tolerance
        self._signers = signers
        self._seen = SeenOnce(2 * config.tolerance)
        self.reads = frozenset({self._header, self._key_header})

    async def __call__(self, exchange: Exchange, /) -> Caller | None:
        """Raises `Unauthorized` for what is half signed, unknown, wrong, too old or repeated, `Overloaded` where no repetition could be
        told any more."""
        headers = exchange.headers
        signature, key_id, timestamp = (headers.get(name) for name in (self._header, self._key_header, self._timestamp_header))
        if signature is None and key_id is None:
            return None
        if signature is None or key_id is None or timestamp is None:
            raise _invalid("half of a signature")
        self._check_time(timestamp, exchange)
        signer = self._signers.get(key_id)
        if signer is None or not signer.secret.text:
            raise _invalid("unknown key")
        made = hmac.digest(signer.secret.text.encode(), signed_text(exchange, timestamp, self._algorithm), self._algorithm)
        if not SIGNATURE.fullmatch(signature) or not hmac.compare_digest(made.hex(), signature):
            raise _invalid("wrong signature")
        self._check_first(made, exchange)
        return signer.caller

    def _check_time(self, timestamp: str, exchange: Exchange) -> None:
        if not TIMESTAMP.fullmatch(timestamp):
            raise _invalid("no time of signing")
        if abs(exchange.time.timestamp() - float(timestamp)) > self._tolerance:
            raise _invalid("signed at another time")

    def _check_first(self, made: bytes, exchange: Exchange) -> None:
        """Only good signatures are remembered: nobody else can fill the memory."""
        try:
            first = self._seen.add(made[:MARK_BYTES], exchange.started)
        except TooMany:
            raise Overloaded from None
        if not first:
            raise _invalid("repeated")


def signed_text(exchange: Exchange, timestamp: str, algorithm: str) -> bytes:
    """The five lines that are signed."""
    body = hashlib.new(algorithm, exchange.raw_body).hexdigest()
    return b"\n".join((exchange.method.encode(), exchange.raw_path, exchange.query, timestamp.encode(), body.encode()))


def _invalid(reason: str) -> Unauthorized:
    return Unauthorized("The credential is not valid.", reason=reason)


def build(config: Hmac, services: Services) -> Signatures:
    """Reports secrets, users and headers that can't be used; an unusable key knows nobody."""
    names = [config.header.lower(), config.key_header.lower(), config.timestamp_header.lower()]
    if len(set(names)) != len(names):
        services.problem("GW527", "signature, key and time are in headers of their own", path=("header",), hint="give each another name")
    signers: dict[str, Signer] = {}
    for index, key in enumerate(config.keys):
        path: Path = ("keys", index)
        caller = configured_caller("hmac", key.user, key.tenant, path=path, services=services)
        secret = services.secret(key.secret, path=(*path, "secret"))
        if key.id in signers:
            services.problem("GW521", f"two keys are called `{key.id}`", path=(*path, "id"), hint="each key has a name of its own")
        elif len(secret.text.encode()) < LEAST_BYTES:
            services.problem(
                "GW525", f"a secret has {LEAST_BYTES} bytes or more", path=(*path, "secret"), hint="make one: openssl rand -hex 32"
            )
        elif caller is not None:
            signers[key.id] = Signer(secret, caller)
    return Signatures(config, signers)


component = Component(
    kind="identity",
    name="hmac",
    Config=Hmac,
    build=build,
    summary="Requests signed with a shared secret.",
    example="""identity:
  - hmac:
      header: X-Signature
      keys:
        - {id: shop, secret: "${ secret.shop_hmac }", user: {id: shop_bot, roles: [partner]}}
""",
)
