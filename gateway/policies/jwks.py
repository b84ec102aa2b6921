"""The public keys of an issuer, fetched from where it publishes them (RFC 7517 §5; RFC 8414, OpenID Connect Discovery 1.0).

They are fetched when the gateway starts, when a token names a key that is not known, and in the background once they are ten minutes
old. However many requests want them, one fetch is under way, and one follows another after 30 seconds at the earliest (the very first
aside). Keys last known stay in use while the issuer can't be reached; before any are known nothing can be verified.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from math import inf
from typing import Any

from gateway.policies.issuer_address import Address, UnusableAddress, read_address
from gateway.policies.plain_json import NotPlain, plain_object
from gateway.policies.signing_keys import SigningKey, UnusableKey, public_key
from gateway.sdk import Clock, GatewayError, HttpClient, HttpRequest, Metrics

PATIENCE = 5.0
"""Seconds for one answer of the issuer."""

PAUSE = 30.0
"""Seconds between two fetches."""

FIRST_PAUSE = 1.0
"""Seconds until the next try as long as no keys are known; doubled with each, up to `PAUSE`."""

MAX_AGE = 600.0
"""Seconds until keys are looked at again, so that one which was taken back does not stay for ever."""

MOST_BYTES = 256 * 1024
MOST_KEYS = 100


class Unusable(Exception):
    """The issuer's answer can't be used. Its text says why."""


class Publication:
    """Where an issuer publishes its keys: at an address that is known, or one that its metadata tells (`issuer` is then given).

    Keys are only ever fetched from the origin that the configuration names, and no redirect is followed.
    """

    def __init__(self, client: HttpClient, address: Address, clock: Clock, *, issuer: str | None = None) -> None:
        self._client = client
        self._address = address
        self._clock = clock
        self._issuer = issuer
        self._found: str | None = None

    async def document(self) -> dict[str, Any]:
        """The key set. Raises a `GatewayError` where nobody answers, `Unusable` for an answer that says nothing."""
        try:
            if self._issuer is None:
                return await self._get(self._address.path)
            self._found = self._found or await self._discovered(self._issuer)
            return await self._get(self._found)
        except (GatewayError, Unusable):
            self._found = None
            raise

    async def _discovered(self, issuer: str) -> str:
        """The path of the key set, from the metadata of OpenID Connect, else of RFC 8414 §3.1."""
        below = self._address.path.rstrip("/")
        try:
            metadata = await self._get(f"{below}/.well-known/openid-configuration")
        except Unusable:
            metadata = await self._get(f"/.well-known/oauth-authorization-server{below}")
        if metadata.get("issuer") != issuer:
            raise Unusable("its metadata is of another issuer")
        try:
            found = read_address(str(metadata.get("jwks_uri")))
        except UnusableAddress:
            raise Unusable("its metadata names no usable `jwks_uri`") from None
        if found.origin != self._address.origin:
            raise Unusable("its keys are at another origin: write `jwks_uri`")
        return found.path

    async def _get(self, path: str) -> dict[str, Any]:
        request = HttpRequest(
            method="GET",
            target=path,
            deadline=self._clock.monotonic() + PATIENCE,
            headers=(("Accept", "application/jwk-set+json, application/json"),),
            idempotent=True,
            max_body=MOST_BYTES,
        )
        answer = await self._client.send(request)
        if answer.status_code != 200:
            raise Unusable(f"status {answer.status_code}")
        try:
            return plain_object(answer.body)
        except NotPlain as fault:
            raise Unusable(str(fault)) from None


class RemoteKeys:
    """The keys of one issuer (`Keys`). `lost` is called when one that was known is no longer published."""

    def __init__(
        self,
        publication: Publication,
        accepted: Iterable[str],
        *,
        name: str,
        clock: Clock,
        metrics: Metrics,
        logger: logging.Logger,
        lost: Callable[[], None],
    ) -> None:
        self._publication = publication
        self._accepted = tuple(accepted)
        self._name = name
        self._clock = clock
        self._logger = logger
        self._lost = lost
        self._keys: tuple[SigningKey, ...] = ()
        self._fetching: asyncio.Task[None] | None = None
        self._not_before = clock.monotonic()
        self._pause = FIRST_PAUSE
        self.old_at = inf
        self._rounds = 0
        self.failing = False
        told = "Fetches of an issuer's keys by result."
        self._fetched = metrics.counter("gateway_jwks_refreshes_total", told, issuer=name, result="fetched")
        self._failed = metrics.counter("gateway_jwks_refreshes_total", told, issuer=name, result="failed")

    def known(self) -> Sequence[SigningKey]:
        """See `Keys.known`."""
        return self._keys

    def refresh(self) -> None:
        """See `Keys.refresh`."""
        if self._may_fetch():
            self._begin()

    async def renewed(self) -> bool:
        """See `Keys.renewed`. Whoever wants them while a fetch is under way waits for that one."""
        if self._fetching is None:
            if not self._may_fetch():
                return False
            self._begin()
        rounds = self._rounds
        if self._fetching is not None:
            await asyncio.shield(self._fetching)
        return self._rounds != rounds

    async def start(self) -> None:
        """Fetches the keys before the port opens. Failing is no reason not to start: until they are there, nobody gets in by them."""
        await self.renewed()

    async def close(self) -> None:
        """Ends a fetch that is under way."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait([self._fetching])

    def _may_fetch(self) -> bool:
        return self._fetching is None and self._clock.monotonic() >= self._not_before

    def _begin(self) -> None:
        first = not self._keys
        self._fetching = asyncio.create_task(self._fetch(first=first))
        self._fetching.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._fetching = None
        if not task.cancelled() and (fault := task.exception()) is not None:
            self._logger.error("keys of issuer %s: %s", self._name, type(fault).__name__, exc_info=fault)

    async def _fetch(self, *, first: bool) -> None:
        try:
            keys = self._usable(await self._publication.document())
        except (GatewayError, Unusable) as fault:
            self._keep(fault)
            return
        gone = [key for key in self._keys if key not in keys]
        if keys != self._keys:
            self._rounds += 1
        self._keys = keys
        self.failing = False
        now = self._clock.monotonic()
        self._not_before = now if first else now + PAUSE
        self.old_at = now + MAX_AGE
        self._fetched.inc()
        if gone:
            self._logger.info("issuer %s took back %d of its keys", self._name, len(gone))
            self._lost()

    def _keep(self, fault: Exception) -> None:
        """Nothing new: what is known stays in use."""
        self.failing = True
        self._failed.inc()
        pause = PAUSE if self._keys else self._pause
        self._pause = min(self._pause * 2, PAUSE)
        self._not_before = self._clock.monotonic() + pause
        self._logger.warning("keys of issuer %s could not be fetched (%s); %d known ones stay in use", self._name, fault, len(self._keys))

    def _usable(self, document: dict[str, Any]) -> tuple[SigningKey, ...]:
        """The keys that can be used; others are none of our business. Raises `Unusable` where there is none."""
        published = document.get("keys")
        if not isinstance(published, list):
            raise Unusable("it has no `keys`")
        keys = tuple(key for jwk in published[:MOST_KEYS] if (key := self._read(jwk)) is not None)
        if not keys:
            raise Unusable("none of its keys can be used")
        return keys

    def _read(self, jwk: Any) -> SigningKey | None:
        try:
            return public_key(jwk, self._accepted)
        except UnusableKey as fault:
            self._logger.debug("a key of issuer %s is passed over: %s", self._name, fault)
            return None
