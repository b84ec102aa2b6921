"""Identity `introspection`: callers with opaque tokens, about which their issuer is asked (RFC 7662).

An answer is believed for `ttl` at most, and never longer than the token lives; however many requests bring one token, it is asked
about once at a time. While the issuer doesn't answer, a token that is not remembered can't be verified: the caller gets 503.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import quote_plus, urlencode

from gateway.policies.bearer import AUTHORIZATION, CHALLENGE, digest_of, token_in
from gateway.policies.claims import ClaimMapping, Claims
from gateway.policies.configured_user import TenantName, tenant_usable
from gateway.policies.issuer_address import Address, client_at
from gateway.policies.jws import NotJws, read_jws
from gateway.policies.jwt_claims import Misfit, check_audience, check_times
from gateway.policies.plain_json import NotPlain, plain_object
from gateway.policies.revocation import Revocations, revocations
from gateway.policies.token_cache import Recent, TokenCache, Verified
from gateway.sdk import (
    BadResponse,
    Caller,
    Clock,
    Component,
    Duration,
    Exchange,
    GatewayError,
    HttpClient,
    HttpRequest,
    Model,
    Secret,
    SecretText,
    Services,
    Unauthorized,
    Unavailable,
    default,
    described,
)

MOST_BYTES = 64 * 1024
RESULTS = ("active", "refused", "failed")
INACTIVE_SECONDS = 5.0
"""How long a refusal is remembered at most, so that a storm of bad tokens is none at the issuer."""


class Introspection(Model, frozen=True, kw_only=True):
    """Bearer tokens that the issuer is asked about (RFC 7662)."""

    url: Annotated[Secret, described("The introspection endpoint.")]
    client_id: Annotated[Secret, described("The gateway's name there.")]
    client_secret: Annotated[Secret, described("The gateway's secret there.")]
    issuer: Annotated[str | None, described("Who must have issued the token; its JWTs are then asked about too.")] = None
    audience: Annotated[str | list[str] | None, described("For whom it must be; one of these.")] = None
    ttl: Annotated[Duration, described("How long an answer is believed; 30s by default.")] = default(Duration.parse, "30s")
    timeout: Annotated[Duration, described("Longest wait for an answer; 2s by default.")] = default(Duration.parse, "2s")
    revoked: Annotated[
        str | None, described("File with tokens that are refused, one a line: `jti <id>` or `sub <subject>`; read anew when it changes.")
    ] = None
    claims: Claims = {}
    tenant: TenantName = None


class Endpoint:
    """The issuer's endpoint, and how the gateway proves itself to it (RFC 6749 §2.3.1)."""

    def __init__(
        self, client: HttpClient, address: Address, clock: Clock, *, name: SecretText, secret: SecretText, patience: float
    ) -> None:
        self.origin = address.origin
        self._client = client
        self._address = address
        self._clock = clock
        self._name = name
        self._secret = secret
        self._patience = patience

    async def ask(self, token: str) -> dict[str, Any]:
        """What it says of a token. Raises a `GatewayError` where it says nothing that can be read."""
        request = HttpRequest(
            method="POST",
            target=self._address.path,
            deadline=self._clock.monotonic() + self._patience,
            headers=(
                ("Accept", "application/json"),
                ("Authorization", f"Basic {self._credentials()}"),
                ("Content-Type", "application/x-www-form-urlencoded"),
            ),
            body=urlencode({"token": token, "token_type_hint": "access_token"}).encode("ascii"),
            idempotent=True,
            max_body=MOST_BYTES,
        )
        answer = await self._client.send(request)
        if answer.status_code != 200:
            raise BadResponse(f"The issuer answered with status {answer.status_code}.")
        try:
            return plain_object(answer.body)
        except NotPlain:
            raise BadResponse("The issuer's answer can't be read.") from None

    def _credentials(self) -> str:
        return b64encode(f"{quote_plus(self._name.text)}:{quote_plus(self._secret.text)}".encode()).decode("ascii")


class IntrospectedTokens:
    """Knows the bearers of tokens by asking. A JWT is asked about only where its `iss` is the issuer that is configured."""

    challenge = CHALLENGE
    reads = frozenset({AUTHORIZATION})

    def __init__(
        self, config: Introspection, endpoint: Endpoint | None, services: Services, *, mapping: ClaimMapping, revoked: Revocations
    ) -> None:
        audience = config.audience
        self._issuer = config.issuer
        self._audiences = None if audience is None else frozenset([audience] if isinstance(audience, str) else audience)
        self._ttl = timedelta(seconds=config.ttl)
        self._tenant = config.tenant
        self._endpoint = endpoint
        self._mapping = mapping
        self._revoked = revoked
        self._logger = services.logger
        self._verified = TokenCache()
        self._refused: Recent[datetime] = Recent()
        self._asking: dict[bytes, asyncio.Task[Verified | None]] = {}
        told = "Questions about opaque tokens by result."
        self._asked = {each: services.metrics.counter("gateway_introspections_total", told, result=each) for each in RESULTS}

    async def __call__(self, exchange: Exchange, /) -> Caller | None:
        """Raises `Unauthorized` for a token that is not active or not for us, `Unavailable` where that can't be told now."""
        value = exchange.headers.get(AUTHORIZATION)
        if value is None:
            return None
        digest = digest_of(value)
        verified = self._verified.get(digest, exchange.time)
        if verified is None:
            token = token_in(AUTHORIZATION, value)
            if token is None or not self._is_ours(token):
                return None
            verified = await self._found_out(token, digest, exchange.time)
        if self._revoked.holds(verified.token_id, verified.subject):
            raise _invalid("revoked")
        return verified.caller

    async def close(self) -> None:
        """Ends what is being asked."""
        asking = list(self._asking.values())
        for task in asking:
            task.cancel()
        if asking:
            await asyncio.wait(asking)

    def _is_ours(self, token: str) -> bool:
        try:
            return read_jws(token).issuer == self._issuer
        except NotJws:
            return True

    async def _found_out(self, token: str, digest: bytes, now: datetime) -> Verified:
        refused_until = self._refused.get(digest)
        if refused_until is not None and now < refused_until:
            raise _invalid("not active")
        task = self._asking.get(digest)
        if task is None:
            task = self._asking[digest] = asyncio.create_task(self._ask(token, digest, now))
            task.add_done_callback(lambda ended: self._forget(digest, ended))
        verified = await asyncio.shield(task)
        if verified is None:
            raise _invalid("not active")
        return verified

    def _forget(self, digest: bytes, task: asyncio.Task[Verified | None]) -> None:
        """What it raised is for those who waited; where nobody did any more, for nobody."""
        self._asking.pop(digest, None)
        if not task.cancelled():
            task.exception()

    async def _ask(self, token: str, digest: bytes, now: datetime) -> Verified | None:
        """What the issuer says, remembered; None for a token that is not valid."""
        endpoint = self._endpoint
        if endpoint is None:
            return None
        try:
            told = await endpoint.ask(token)
        except GatewayError as fault:
            self._asked["failed"].inc()
            self._logger.warning("a token could not be asked about: %s", fault.message)
            raise Unavailable("Credentials can't be verified at the moment.") from None
        try:
            verified = self._checked(told, now, endpoint.origin)
        except (Misfit, Unauthorized) as refusal:
            self._asked["refused"].inc()
            self._logger.info("a token was refused: %s", refusal.reason if isinstance(refusal, Unauthorized) else refusal)
            self._refused.put(digest, now + min(self._ttl, timedelta(seconds=INACTIVE_SECONDS)))
            return None
        self._asked["active"].inc()
        self._verified.put(digest, verified)
        return verified

    def _checked(self, told: dict[str, Any], now: datetime, origin: str) -> Verified:
        """Raises `Misfit` or `Unauthorized` for what is not active, of another issuer, for others, or not now."""
        if told.get("active") is not True:
            raise Misfit("not active")
        if self._issuer is not None and told.get("iss") != self._issuer:
            raise Misfit("another issuer")
        if self._audiences is not None and not check_audience(told.get("aud"), self._audiences):
            raise Misfit("another audience")
        if "cnf" in told:
            raise Misfit("bound to a key that the caller did not prove to have")
        until = now + self._ttl
        ends = check_times({"exp": until.timestamp() + 1, **told}, 0.0, now)
        issuer = _text(told.get("iss"))
        user = self._mapping.user(told, issuer)
        # One endpoint may tell of tokens of several issuers, for whom equal subjects are different people.
        caller = Caller(("introspection", issuer or origin, user["id"]), user, tenant=self._tenant)
        return Verified(caller, min(until, ends), _text(told.get("jti")), _text(told.get("sub")))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _invalid(reason: str) -> Unauthorized:
    return Unauthorized("The credential is not valid.", reason=reason)


def build(config: Introspection, services: Services) -> IntrospectedTokens:
    """Reports an address and claims that can't be used; without an address nobody gets in."""
    tenant_usable(config.tenant, (), services)
    found = client_at(config.url, ("url",), services)
    endpoint = None
    if found is not None:
        client, address = found
        endpoint = Endpoint(
            client,
            address,
            services.clock,
            name=services.secret(config.client_id, path=("client_id",)),
            secret=services.secret(config.client_secret, path=("client_secret",)),
            patience=config.timeout,
        )
    mapping = ClaimMapping(config.claims, services)
    tokens = IntrospectedTokens(config, endpoint, services, mapping=mapping, revoked=revocations(config.revoked, services))
    services.at_close(tokens.close)
    return tokens


component = Component(
    kind="identity",
    name="introspection",
    Config=Introspection,
    build=build,
    summary="Bearer tokens that the issuer is asked about.",
    example="""identity:
  - introspection:
      url: https://id.acme.example/introspect
      client_id: gateway
      client_secret: ${ secret.introspection }
      issuer: https://id.acme.example
      audience: [chat]
      claims: {customer_id: sub}
""",
)
