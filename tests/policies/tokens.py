"""Issuers and their tokens, good and forged, for tests of identity kinds."""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import msgspec
from joserfc.jwa import JWS_ALGORITHMS
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from gateway.sdk import Exchange, GatewayError, HttpRequest, HttpResponse, Tenant
from gateway.testing import FakeServices

ISSUER = "https://id.example"
AUDIENCE = "chat"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NOW = int(NOON.timestamp())
MODELS = {model.name: model for model in JWS_ALGORITHMS}


class VirtualClock:
    """Time that a test owns: `pass_by` moves both scales."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds - 100.0)

    def pass_by(self, seconds: float) -> None:
        self.seconds += seconds


@cache
def rsa(name: str = "one", bits: int = 2048) -> RSAKey:
    return RSAKey.generate_key(bits, {"kid": name})


@cache
def ec(name: str = "one", curve: Any = "P-256") -> ECKey:
    return ECKey.generate_key(curve, {"kid": name})


@cache
def okp(name: str = "one", curve: Any = "Ed25519") -> OKPKey:
    return OKPKey.generate_key(curve, {"kid": name})


def published(*keys: Key) -> dict[str, Any]:
    """A JWKS of the public halves."""
    return {"keys": [key.as_dict(private=False, use="sig") for key in keys]}


def claims_of(**changed: Any) -> dict[str, Any]:
    """The claims of an access token; None leaves one out."""
    claims = {"iss": ISSUER, "sub": "ada", "aud": AUDIENCE, "exp": NOW + 300, "iat": NOW - 10, "scope": "orders:read", **changed}
    return {name: value for name, value in claims.items() if value is not None}


def b64(data: bytes | Mapping[str, Any]) -> str:
    return urlsafe_b64encode(data if isinstance(data, bytes) else msgspec.json.encode(data)).rstrip(b"=").decode()


def compact(header: Mapping[str, Any] | bytes, claims: Mapping[str, Any] | bytes, sign: Callable[[bytes], bytes]) -> str:
    """A token of any header and payload, signed by `sign`."""
    signed = f"{b64(header)}.{b64(claims)}"
    return f"{signed}.{b64(sign(signed.encode()))}"


def token(
    claims: Mapping[str, Any] | bytes | None = None, *, key: Key | None = None, alg: str = "RS256", header: Mapping[str, Any] | None = None
) -> str:
    """A genuine token; `header` changes its header, None leaves a member out."""
    key = key or rsa()
    told = {"alg": alg, "typ": "at+jwt", "kid": key.kid, **(header or {})}
    told = {name: value for name, value in told.items() if value is not None}
    return compact(told, claims_of() if claims is None else claims, lambda signed: MODELS[alg].sign(signed, key))


def secret_signed(secret: bytes, alg: str = "HS256", header: Mapping[str, Any] | None = None) -> str:
    """A token with a MAC, as a forger makes it from whatever bytes it has."""
    return token(key=OctKey(secret, secret), alg=alg, header={"kid": "one", **(header or {})})


def presenting(value: str, header: str = "authorization", *, clock: VirtualClock | None = None) -> Exchange:
    """A request with a token in `Authorization`, or with a value in another header."""
    clock = clock or VirtualClock()
    exchange = Exchange(request_id="r-1", started=clock.monotonic(), time=clock.now(), tenant=Tenant("default", {}), client_ip="192.0.2.7")
    exchange.headers = {header: f"Bearer {value}" if header == "authorization" else value}
    return exchange


class FakeIssuer:
    """An `HttpClient` that answers by path, with a page or what a function makes of the request.

    `down` makes every request fail; `pause` holds answers back until it is set.
    """

    def __init__(self, pages: Mapping[str, Any] | None = None) -> None:
        self.pages = dict(pages or {})
        self.requests: list[HttpRequest] = []
        self.down: GatewayError | None = None
        self.pause: asyncio.Event | None = None

    async def send(self, request: HttpRequest, /) -> HttpResponse:
        self.requests.append(request)
        if self.pause is not None:
            await self.pause.wait()
        await asyncio.sleep(0)
        if self.down is not None:
            raise self.down
        page = self.pages.get(request.target)
        if callable(page):
            page = page(request)
        if page is None:
            return HttpResponse(404, {}, b"{}")
        if isinstance(page, HttpResponse):
            return page
        return HttpResponse(200, {}, page if isinstance(page, bytes) else msgspec.json.encode(page))

    async def close(self) -> None:
        pass


class Issued:
    """Services, clock and issuer of one identity kind under test."""

    def __init__(self, pages: Mapping[str, Any] | None = None) -> None:
        self.clock = VirtualClock()
        self.issuer = FakeIssuer({"/keys": published(rsa())} if pages is None else pages)
        self.services = FakeServices(clock=self.clock, client=self.issuer)

    def presenting(self, value: str, header: str = "authorization") -> Exchange:
        return presenting(value, header, clock=self.clock)
