"""Identity `jwt`: callers who present a token that its issuer signed (RFC 7519, RFC 8725, RFC 9068).

In order, for one token: seen before? → read strictly (`jws.py`) → is it of this issuer? → header → signature, with a key that
the configuration leads to (`signing_keys.py`, `jwks.py`) → claims (`jwt_claims.py`) → revoked? → `user` (`claims.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from gateway.policies.api_key import HEADER_NAME
from gateway.policies.bearer import CHALLENGE, digest_of, token_in
from gateway.policies.claims import ClaimMapping, Claims
from gateway.policies.configured_user import TenantName, tenant_usable
from gateway.policies.issuer_address import client_at
from gateway.policies.jwks import Publication, RemoteKeys
from gateway.policies.jws import Jws, NotJws, read_jws
from gateway.policies.jwt_claims import Expected, Misfit, check_claims, check_header
from gateway.policies.key_files import read_keys
from gateway.policies.revocation import Revocations, revocations
from gateway.policies.signing_keys import SYMMETRIC, FixedKeys, Keys, SigningKey, UnusableKey
from gateway.policies.token_cache import Recent, TokenCache, Verified
from gateway.sdk import (
    Caller,
    Component,
    Duration,
    Exchange,
    Model,
    Secret,
    Services,
    Unauthorized,
    Unavailable,
    default,
    described,
    form,
)

Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519", "HS256", "HS384", "HS512"
]  # fmt: skip

KEY_HINT = "name a file with a public key (PEM, a certificate or a JWK), or with a shared secret for `HS…`"

KNOWN_FOREIGN = 1_000
"""Tokens of other issuers that are remembered as such."""


class Jwt(Model, frozen=True, kw_only=True):
    """Bearer tokens that are signed JWTs (RFC 7519, RFC 8725)."""

    issuer: Annotated[str, described("Who must have issued the token (`iss`).")]
    audience: Annotated[str | list[str], described("For whom it must be (`aud`); one of these.")]
    jwks_uri: Annotated[str | None, described("Where the issuer's public keys are; found by its metadata where unset.")] = None
    keys: Annotated[
        list[Secret], described("Files with public keys (PEM or JWK) or shared secrets (JWK or as it is), instead of `jwks_uri`.")
    ] = []
    algorithms: Annotated[
        Annotated[list[Algorithm], msgspec.Meta(min_length=1)], described("Signature algorithms that are accepted; no other is.")
    ]
    header: Annotated[
        Annotated[str, msgspec.Meta(pattern=HEADER_NAME), form("a header's name, without `_`")],
        described("Header that carries the token: `Authorization` behind the word `Bearer`, any other alone."),
    ] = "Authorization"
    leeway: Annotated[Duration, described("How far clocks may differ; 30s by default.")] = default(Duration.parse, "30s")
    required: Annotated[list[str], described("Claims that must be there.")] = []
    revoked: Annotated[
        str | None, described("File with tokens that are refused, one a line: `jti <id>` or `sub <subject>`; read anew when it changes.")
    ] = None
    claims: Claims = {}
    tenant: TenantName = None


class JwtTokens:
    """Knows the bearers of one issuer's tokens. A token of another issuer is none of its business."""

    challenge = CHALLENGE

    def __init__(self, config: Jwt, keys: Keys, *, mapping: ClaimMapping, revoked: Revocations, verified: TokenCache) -> None:
        audiences = [config.audience] if isinstance(config.audience, str) else config.audience
        self._header = config.header.lower()
        self._tenant = config.tenant
        self._keys = keys
        self._mapping = mapping
        self._revoked = revoked
        self._verified = verified
        self._foreign: Recent[bool] = Recent(KNOWN_FOREIGN)
        self._expected = Expected(config.issuer, frozenset(audiences), config.leeway, frozenset(config.required))
        self._algorithms = frozenset(config.algorithms)
        self.reads = frozenset({self._header})

    async def __call__(self, exchange: Exchange, /) -> Caller | None:
        """Raises `Unauthorized` for a token of this issuer that is not valid, `Unavailable` where that can't be told now."""
        value = exchange.headers.get(self._header)
        if value is None:
            return None
        digest = digest_of(value)
        if exchange.started >= self._keys.old_at:
            self._keys.refresh()
        verified = self._verified.get(digest, exchange.time)
        if verified is None:
            token = None if self._foreign.get(digest) else self._own(value, digest)
            if token is None:
                return None
            verified = await self._verify(token, exchange.time)
            self._verified.put(digest, verified)
        if self._revoked.holds(verified.token_id, verified.subject):
            raise _invalid("revoked")
        return verified.caller

    def _own(self, value: str, digest: bytes) -> Jws | None:
        """The token, where it says that it is of this issuer."""
        text = token_in(self._header, value)
        try:
            token = read_jws(text) if text is not None else None
        except NotJws:
            token = None
        if token is None or token.issuer != self._expected.issuer:
            self._foreign.put(digest, True)
            return None
        return token

    async def _verify(self, token: Jws, now: datetime) -> Verified:
        try:
            check_header(token.header)
            await self._check_signature(token)
            expires = check_claims(token.header, token.claims, self._expected, now)
        except Misfit as fault:
            raise _invalid(str(fault)) from None
        user = self._mapping.user(token.claims, self._expected.issuer)
        caller = Caller(("jwt", self._expected.issuer, user["id"]), user, tenant=self._tenant)
        return Verified(caller, expires, _text(token.claims.get("jti")), _text(token.claims.get("sub")))

    async def _check_signature(self, token: Jws) -> None:
        """A key that is not known may have been published since, and so may one for a token that names none."""
        algorithm = token.algorithm
        if algorithm is None or algorithm not in self._algorithms:
            raise Misfit("its algorithm is not accepted")
        keys = self._fitting(token, algorithm)
        if _verifies(keys, token, algorithm):
            return
        if token.key_id is None or all(key.id != token.key_id for key in keys):
            if await self._keys.renewed() and _verifies(self._fitting(token, algorithm), token, algorithm):
                return
            if self._keys.failing:
                raise Unavailable("Credentials can't be verified at the moment.")
        raise Misfit("its signature is not of one of the known keys")

    def _fitting(self, token: Jws, algorithm: str) -> Sequence[SigningKey]:
        """The keys that `kid` names and those without a name; where a token names none, also the only one that there is for its
        algorithm (OpenID Connect Core §10.1)."""
        fitting = [key for key in self._keys.known() if algorithm in key.algorithms]
        if token.key_id is None and len(fitting) == 1:
            return fitting
        return [key for key in fitting if key.id is None or key.id == token.key_id]


def _verifies(keys: Sequence[SigningKey], token: Jws, algorithm: str) -> bool:
    return any(key.verifies(algorithm, token.signed, token.signature) for key in keys)


def _invalid(reason: str) -> Unauthorized:
    return Unauthorized("The credential is not valid.", reason=reason)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def build(config: Jwt, services: Services) -> JwtTokens:
    """Reports keys, addresses and claims that can't be used; without keys nobody gets in."""
    verified = TokenCache()
    tenant_usable(config.tenant, (), services)
    mapping = ClaimMapping(config.claims, services)
    revoked = revocations(config.revoked, services)
    keys = _fixed(config, services) if config.keys else _remote(config, services, verified)
    return JwtTokens(config, keys, mapping=mapping, revoked=revoked, verified=verified)


def _fixed(config: Jwt, services: Services) -> FixedKeys:
    if config.jwks_uri is not None:
        services.problem("GW527", "keys come from files or from `jwks_uri`, not from both", path=("keys",), key=True)
    shared = SYMMETRIC & frozenset(config.algorithms)
    if shared and shared != frozenset(config.algorithms):
        services.problem(
            "GW527", "public keys and shared secrets don't go together", path=("algorithms",), hint="write an entry for each of the two"
        )
    found: list[SigningKey] = []
    for index, name in enumerate(config.keys):
        try:
            found += read_keys(services.folder / name, config.algorithms)
        except (UnusableKey, ValueError) as fault:
            services.problem("GW525", f"this key can't be used: {fault}", path=("keys", index), hint=KEY_HINT)
    return FixedKeys(found)


def _remote(config: Jwt, services: Services, verified: TokenCache) -> Keys:
    for index, algorithm in enumerate(config.algorithms):
        if algorithm in SYMMETRIC:
            services.problem(
                "GW527", f"`{algorithm}` needs a shared secret", path=("algorithms", index), hint="write `keys` with a file that holds it"
            )
    if config.jwks_uri is not None:
        found = client_at(config.jwks_uri, ("jwks_uri",), services)
    else:
        found = client_at(
            config.issuer, ("issuer",), services, hint="write `jwks_uri` or `keys` besides: its metadata can't be found there"
        )
    if found is None:
        return FixedKeys(())
    client, address = found
    publication = Publication(client, address, services.clock, issuer=config.issuer if config.jwks_uri is None else None)
    keys = RemoteKeys(
        publication,
        [algorithm for algorithm in config.algorithms if algorithm not in SYMMETRIC],
        name=config.issuer,
        clock=services.clock,
        metrics=services.metrics,
        logger=services.logger,
        lost=verified.clear,
    )
    services.at_start(keys.start)
    services.at_close(keys.close)
    return keys


component = Component(
    kind="identity",
    name="jwt",
    Config=Jwt,
    build=build,
    summary="Bearer tokens that are signed JWTs.",
    example="""identity:
  - jwt:
      issuer: https://id.acme.example
      audience: chat
      jwks_uri: https://id.acme.example/keys
      algorithms: [RS256]
      required: [sub]
      claims: {customer_id: sub, roles: realm_access.roles}
""",
)
