"""Every identity kind that reads a credential against the public contract."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.policies import api_key, hmac_signature, introspection, jwt, mutual_tls
from gateway.sdk import Authenticator, Exchange
from gateway.sdk.fields import decode_hook
from gateway.testing import FakeServices
from gateway.testing.identity_contract import AuthenticatorContract, request_with
from tests.policies.certificates import certificate, der, pem
from tests.policies.tokens import AUDIENCE, ISSUER, FakeIssuer, VirtualClock, claims_of, published, rsa, secret_signed, token

CLOCK = VirtualClock()


def built(component: Any, services: FakeServices, **written: Any) -> Any:
    return component.build(msgspec.convert(written, component.Config, dec_hook=decode_hook), services)


def asked(headers: dict[str, str]) -> Exchange:
    return request_with(headers, CLOCK)


def bearer(text: str) -> Exchange:
    return asked({"authorization": f"Bearer {text}"})


class OnVirtualTime(AuthenticatorContract):
    """With an issuer of its own."""

    @pytest.fixture
    def services(self) -> FakeServices:
        return FakeServices(clock=CLOCK, client=FakeIssuer({"/keys": published(rsa()), "/introspect": self.told}))

    def told(self, request: Any) -> dict[str, Any]:
        return {"active": b"good-token" in (request.body or b""), "sub": "ada"}


class TestApiKey(OnVirtualTime):
    component = api_key.component

    @pytest.fixture
    def authenticator(self, services: FakeServices) -> Authenticator:
        keys = [
            {"hash": f"sha256:{hashlib.sha256(key).hexdigest()}", "user": {"id": "ada"}, "expires": expires}
            for key, expires in ((b"good-key-0123456789", "2030-01-01T00:00:00Z"), (b"old-key-0123456789", "2020-01-01T00:00:00Z"))
        ]
        authenticator: Authenticator = built(self.component, services, keys=keys)
        return authenticator

    @pytest.fixture
    def valid(self) -> Callable[[], Exchange]:
        return lambda: asked({"x-api-key": "good-key-0123456789"})

    @pytest.fixture
    def forged(self) -> list[Exchange]:
        return [asked({"x-api-key": key}) for key in ("bad-key-0123456789", "old-key-0123456789", "good-key-0123456789 ", "")]


class TestJwt(OnVirtualTime):
    component = jwt.component

    @pytest.fixture
    def authenticator(self, services: FakeServices) -> Authenticator:
        written = {"issuer": ISSUER, "audience": AUDIENCE, "jwks_uri": f"{ISSUER}/keys", "algorithms": ["RS256"]}
        authenticator: Authenticator = built(self.component, services, **written)
        return authenticator

    @pytest.fixture
    def valid(self) -> Callable[[], Exchange]:
        return lambda: bearer(token())

    @pytest.fixture
    def forged(self) -> list[Exchange]:
        return [
            bearer(token(claims_of(aud="other"))),
            bearer(token(key=rsa("two"))),
            bearer(secret_signed(b"s" * 32)),
            bearer(token()[:-4]),
        ]


class TestIntrospection(OnVirtualTime):
    component = introspection.component

    @pytest.fixture
    def authenticator(self, services: FakeServices) -> Authenticator:
        authenticator: Authenticator = built(
            self.component, services, url=f"{ISSUER}/introspect", client_id="gateway", client_secret="secret"
        )
        return authenticator

    @pytest.fixture
    def valid(self) -> Callable[[], Exchange]:
        return lambda: bearer("good-token-0123456789")

    @pytest.fixture
    def forged(self) -> list[Exchange]:
        return [bearer("bad-token-0123456789"), bearer("worse-token-0123456789")]


class TestHmac(OnVirtualTime):
    component = hmac_signature.component
    secret = "s" * 40

    @pytest.fixture
    def services(self) -> FakeServices:
        services = FakeServices(clock=CLOCK)
        services.secrets["keys", 0, "secret"] = services.secret(self.secret, path=("keys", 0, "secret"))
        return services

    @pytest.fixture
    def authenticator(self, services: FakeServices) -> Authenticator:
        key = {"id": "shop", "secret": self.secret, "user": {"id": "shop_bot"}}
        authenticator: Authenticator = built(self.component, services, keys=[key])
        return authenticator

    def signed(self, number: int, secret: str) -> Exchange:
        timestamp = f"{int(CLOCK.now().timestamp())}.{number:06}"
        exchange = asked({"x-key-id": "shop", "x-timestamp": timestamp})
        lines = f"POST\n/v1/chat\n\n{timestamp}\n{hashlib.sha256(b'').hexdigest()}"
        exchange.headers = {**exchange.headers, "x-signature": hmac.new(secret.encode(), lines.encode(), "sha256").hexdigest()}
        return exchange

    @pytest.fixture
    def valid(self) -> Callable[[], Exchange]:
        numbers: Iterator[int] = iter(range(1000))
        return lambda: self.signed(next(numbers), self.secret)

    @pytest.fixture
    def forged(self) -> list[Exchange]:
        return [self.signed(0, "t" * 40), asked({"x-signature": "0" * 64}), asked({"x-key-id": "shop"})]


class TestMutualTls(OnVirtualTime):
    component = mutual_tls.component

    @pytest.fixture
    def services(self, tmp_path: Path) -> FakeServices:
        (tmp_path / "certs").mkdir()
        (tmp_path / "certs" / "partners.pem").write_bytes(pem(certificate("CN=Partner CA", "CN=Partner CA", authority=True)))
        return FakeServices(folder=tmp_path, clock=CLOCK)

    @pytest.fixture
    def authenticator(self, services: FakeServices) -> Authenticator:
        authenticator: Authenticator = built(self.component, services, ca="certs/partners.pem", header="X-Client-Cert")
        return authenticator

    def passed_on(self, value: str) -> Exchange:
        exchange = asked({"x-client-cert": value})
        exchange.via_proxy = True
        return exchange

    @pytest.fixture
    def valid(self) -> Callable[[], Exchange]:
        good = der(certificate("CN=shop", "CN=Partner CA"))
        return lambda: self.passed_on(good)

    @pytest.fixture
    def forged(self, valid: Callable[[], Exchange]) -> list[Exchange]:
        direct = asked(dict(valid().headers))
        return [direct, self.passed_on(der(certificate("CN=shop", "CN=shop"))), self.passed_on("x"), self.passed_on("")]
