"""Client credentials, against a real token endpoint."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from gateway.sdk import BackendError, Call, HttpSourceConfig, SecretText
from gateway.sdk.fields import decode_hook
from gateway.sources.backend_auth_oauth2 import ClientCredentials, oauth2
from gateway.testing import FakeServices, call_of
from gateway.testing.servers import http_server
from tests.sources.token_server import TokenServer


def made(services: FakeServices, token_url: str, source: dict[str, Any] | None = None, **more: Any) -> ClientCredentials | None:
    auth = {"oauth2": {"token_url": token_url, "client_id": "gw", "client_secret": "canary-secret", **more}}
    written = {"source": "crm", "type": "http", "servers": ["http://a.test"], "auth": auth, **(source or {})}
    config = msgspec.convert(written, HttpSourceConfig, dec_hook=decode_hook)
    assert config.auth is not None
    assert config.auth.oauth2 is not None
    return oauth2(config.auth.oauth2, config, services, ("auth", "oauth2"))


def call_in(tenant: str) -> Call:
    call = call_of("x")
    call.context.identity = (tenant, "test", "", "u1")
    return call


async def test_a_token_for_each_tenant_asked_for_once(services: FakeServices) -> None:
    server = TokenServer()
    async with http_server({"POST /token": server.route}) as url:
        auth = made(services, f"{url}/token", scopes=["a", "b"], audience="crm")
        assert auth is not None
        proofs = await asyncio.gather(*(auth.prove(call_in(tenant)) for tenant in ("acme", "globex") * 100))
        assert {proof.header[1] for proof in proofs[::2]} | {proof.header[1] for proof in proofs[1::2]} == {
            "Bearer canary-token-1",
            "Bearer canary-token-2",
        }
        assert proofs[0].header != proofs[1].header
        assert server.route.count == 2
        assert server.forms[0] == {"grant_type": "client_credentials", "scope": "a b", "audience": "crm"}
        assert auth.refused(call_in("acme"), proofs[0])
        assert (await auth.prove(call_in("acme"))).header[1] == "Bearer canary-token-3"
        assert (await auth.prove(call_in("globex"))).header == proofs[1].header
        await services.close()
    assert (auth.identity, auth.forwards) == (frozenset(), frozenset())


async def test_a_new_secret_is_used_for_the_next_token(services: FakeServices) -> None:
    services.secrets["auth", "oauth2", "client_secret"] = secret = SecretText("stale-secret", secret=True)
    server = TokenServer()
    async with http_server({"*": server.route}) as url:
        auth = made(services, url)
        assert auth is not None
        with pytest.raises(BackendError):
            await auth.prove(call_in("acme"))
        secret.replace("canary-secret")
        assert (await auth.prove(call_in("acme"))).header[1] == "Bearer canary-token-1"
        await services.close()


async def test_closing_ends_what_is_under_way(services: FakeServices) -> None:
    server = TokenServer()
    server.route.fault = "silent"
    async with http_server({"*": server.route}) as url:
        auth = made(services, url)
        assert auth is not None
        waiting = asyncio.create_task(auth.prove(call_in("acme")))
        await asyncio.sleep(0.02)
        await services.close()
        assert isinstance((await asyncio.gather(waiting, return_exceptions=True))[0], Exception)


def test_the_endpoint_is_reached_as_the_source_is() -> None:
    services = FakeServices()
    made(services, "https://id.test/token", {"engine": "httpx", "proxy": "http://proxy.test"})
    (settings,) = services.settings
    assert (settings.servers, settings.engine, settings.proxy) == (("https://id.test",), "httpx", "http://proxy.test")


@pytest.mark.parametrize(
    ("more", "code", "at"),
    [
        ({"grant": "token_exchange"}, "GW111", "grant"),
        ({"token_url": "http://id.test/token"}, "GW255", "token_url"),
        ({"token_url": f"https://{'a' * 70}.test/token"}, "GW255", "token_url"),
        ({"client_id": ""}, "GW255", "client_id"),
        ({"client_secret": ""}, "GW255", "client_secret"),
    ],
)
def test_what_cant_be_used_is_a_problem(more: dict[str, Any], code: str, at: str) -> None:
    services = FakeServices()
    assert made(services, **{"token_url": "https://id.test", **more}) is None
    assert [(problem.code, problem.path) for problem in services.problems] == [(code, ("auth", "oauth2", at))]
