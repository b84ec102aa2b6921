"""The one credential of a source."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gateway.sdk import HttpSourceConfig
from gateway.sdk.fields import decode_hook
from gateway.sdk.source_config import BackendAuth
from gateway.sources.backend_auth import Credential
from gateway.sources.backend_auth_fixed import FixedAuth
from gateway.sources.backend_auth_forward import ForwardedToken
from gateway.sources.backend_auth_identity import SignedIdentity
from gateway.sources.backend_auth_oauth2 import ClientCredentials
from gateway.sources.credential import own_credential, tenant_credentials
from gateway.testing import FakeServices

KEY = "0123456789abcdef0123456789abcdef"
OAUTH2 = {"token_url": "https://id.test/token", "client_id": "gw", "client_secret": "s"}


def made(services: FakeServices, **source: Any) -> Credential | None:
    return own_credential(config(**source), services)


def config(**source: Any) -> HttpSourceConfig:
    written = {"source": "crm", "type": "http", "servers": ["http://a.test"], **source}
    return msgspec.convert(written, HttpSourceConfig, dec_hook=decode_hook)


@pytest.mark.parametrize(
    ("auth", "kind"),
    [
        ({"oauth2": OAUTH2}, ClientCredentials),
        ({"basic": {"username": "a", "password": "b"}}, FixedAuth),
        ({"api_key": {"value": "k"}}, FixedAuth),
        ({"forward_token": True}, ForwardedToken),
        ({"identity_header": {"key": KEY}}, SignedIdentity),
        (None, type(None)),
    ],
)
def test_each_way_has_its_kind(auth: Any, kind: type[object]) -> None:
    services = FakeServices()
    assert type(made(services, auth=auth)) is kind
    assert services.problems == []


@pytest.mark.parametrize(
    ("auth", "source", "found"),
    [
        ({"api_key": {"value": "k"}}, {"headers": {"x-api-KEY": "1"}}, ("headers", "x-api-KEY")),
        ({"api_key": {"value": "k", "header": "X-Key"}}, {"forward": ["A", "x-key"]}, ("forward", 1)),
        ({"oauth2": OAUTH2}, {"headers": {"authorization": "1"}}, ("headers", "authorization")),
        ({"basic": {"username": "a", "password": "b"}}, {"forward": ["Authorization"]}, ("forward", 0)),
        ({"identity_header": {"key": KEY}}, {"forward": ["X-Caller-Identity"]}, ("forward", 0)),
    ],
)
def test_nothing_else_sends_the_same_header(auth: Any, source: Any, found: Any) -> None:
    services = FakeServices()
    made(services, auth=auth, **source)
    assert [(problem.code, problem.path) for problem in services.problems] == [("GW255", found)]


@pytest.mark.parametrize("header", ["X Key", "", "Connection", "Host", "Content-Length", "a:b", "x\r\ny"])
@pytest.mark.parametrize("way", ["api_key", "identity_header"])
def test_headers_that_cant_carry_a_proof(header: str, way: str) -> None:
    services = FakeServices()
    member = {"api_key": {"value": "k"}, "identity_header": {"key": KEY}}[way]
    assert made(services, auth={way: {**member, "header": header}}) is None
    assert [(problem.code, problem.path) for problem in services.problems] == [("GW243", ("auth", way, "header"))]


def of_tenants(services: FakeServices, source: HttpSourceConfig, **auth: Any) -> dict[str, Credential]:
    services.tenant_auth = {tenant: (msgspec.convert(written, BackendAuth), FakeServices(name="crm")) for tenant, written in auth.items()}
    return dict(tenant_credentials(source, services))


def problems_of(services: FakeServices, tenant: str) -> list[tuple[str, Any]]:
    found = services.tenant_auth[tenant][1]
    assert isinstance(found, FakeServices)
    return [(problem.code, problem.path) for problem in found.problems]


def test_tenants_have_their_own() -> None:
    services = FakeServices(name="crm")
    found = of_tenants(services, config(), acme={"forward_token": True}, globex={"basic": {"username": "a", "password": "b"}})
    assert {tenant: type(credential) for tenant, credential in found.items()} == {"acme": ForwardedToken, "globex": FixedAuth}
    assert services.problems == problems_of(services, "acme") == problems_of(services, "globex") == []


def test_what_a_tenant_cant_use_is_told_where_it_is_written() -> None:
    services = FakeServices(name="crm")
    source = config(forward=["X-Key"])
    written: dict[str, Any] = {
        "colon": {"basic": {"username": "a:b", "password": "c"}},
        "weak": {"identity_header": {"key": "short"}},
        "plain": {"oauth2": {**OAUTH2, "token_url": "http://id.test"}},
        "twice": {"api_key": {"value": "k", "header": "x-key"}},
        "name": {"api_key": {"value": "k", "header": "x key"}},
    }
    assert list(of_tenants(services, source, **written)) == ["twice"]
    assert {tenant: problems_of(services, tenant) for tenant in written} == {
        "colon": [("GW255", ("basic", "username"))],
        "weak": [("GW255", ("identity_header", "key"))],
        "plain": [("GW255", ("oauth2", "token_url"))],
        "twice": [("GW255", ())],
        "name": [("GW243", ("api_key", "header"))],
    }
    assert services.problems == []
