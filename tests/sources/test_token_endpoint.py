"""One request for a token: what is sent, what is believed, and what is told of failures."""

from __future__ import annotations

from base64 import b64decode
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sdk import BackendError, BackendFailure, BadResponse, Derived, HttpResponse, HttpSettings, SecretText, Timeout, Unavailable
from gateway.sources.token_endpoint import ASSUMED, LARGEST, LONGEST, Client, Grant, TokenEndpoint, address_of, granted, lifetime
from gateway.testing import FakeServices
from gateway.testing.servers import Fault, Route, http_server, refused_url
from tests.sources.token_server import TokenServer

GOOD = {"access_token": "canary-token", "token_type": "Bearer", "expires_in": 60}


def never() -> None:
    raise AssertionError


def endpoint(services: FakeServices, url: str, *, name: str = "gw", secret: str = "canary-secret") -> TokenEndpoint:
    http = services.http(HttpSettings(servers=(url,)))
    client = Derived(Client, SecretText(name), SecretText(secret), refused=never)
    form = {"grant_type": "client_credentials", "scope": "a b"}
    return TokenEndpoint(http, "/oauth2/token?tenant=x", client=client, form=form, services=services)


def answer(value: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(status, {"content-type": "application/json"}, msgspec.json.encode(value))


async def test_the_client_proves_itself_as_the_rfc_says(services: FakeServices) -> None:
    server = TokenServer("s+c r:t€%")
    async with http_server({"POST /oauth2/token": server.route}) as url:
        grant = await endpoint(services, url, secret="s+c r:t€%").ask()
        await services.close()
    assert (grant.token, grant.lifetime) == ("canary-token-1", 3600)
    assert server.forms == [{"grant_type": "client_credentials", "scope": "a b"}]
    request = server.route.received[0]
    assert request.target == "/oauth2/token?tenant=x"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert b64decode(request.headers["authorization"].removeprefix("Basic ")) == b"gw:s%2Bc+r%3At%E2%82%AC%25"
    assert services.metrics.total("gateway_upstream_tokens_total", source="subject", result="ok") == 1


@pytest.mark.parametrize(
    ("route", "error", "told"),
    [
        (Route({"error": "invalid_client", "error_description": "canary"}, status=401), BackendError, "backend_error (invalid_client)"),
        (Route({"error": "canary"}, status=400), BackendError, "backend_error (status 400)"),
        (Route(status=302, headers={"location": "https://evil.test"}), BackendError, "backend_error (status 302)"),
        (Route("canary", status=503), Unavailable, "unavailable (status 503)"),
        (Route(status=429), Unavailable, "unavailable (status 429)"),
        (Route({"error": "canary"}), BadResponse, "bad_response (token_type is not Bearer)"),
        (Route({**GOOD, "token_type": "mac"}), BadResponse, "bad_response (token_type is not Bearer)"),
        (Route({**GOOD, "access_token": "a b"}), BadResponse, "bad_response (access_token is not a token)"),
        (Route(["canary"]), BadResponse, "bad_response (no object)"),
        (Route(body=b"{canary", headers={"content-type": "application/json"}), BadResponse, "bad_response"),
        (Route({**GOOD, "padding": "x" * LARGEST}), BadResponse, "bad_response"),
        (Route(fault="close"), Unavailable, "unavailable"),
        (Route(fault="garbage"), BadResponse, "bad_response"),
        (Route(GOOD, fault="truncated"), BadResponse, "bad_response"),
    ],
)
async def test_failures_are_told_without_the_servers_words(
    services: FakeServices, caplog: pytest.LogCaptureFixture, route: Route, error: type[BackendFailure], told: str
) -> None:
    async with http_server({"*": route}) as url:
        with pytest.raises(error) as caught:
            await endpoint(services, url).ask()
        await services.close()
    assert type(caught.value) is error
    assert caught.value.message == "The gateway could not prove itself to a backend."
    assert (caught.value.detail_code, caught.value.status_code) == (None, None)
    assert [record.getMessage() for record in caplog.records] == [f"no token for source subject: {told}"]
    assert "canary" not in caplog.text
    assert "127.0.0.1" not in caplog.text
    assert services.metrics.total("gateway_upstream_tokens_total", source="subject", result=error.code) == 1


async def test_nobody_there_is_unavailable(services: FakeServices) -> None:
    with pytest.raises(Unavailable):
        await endpoint(services, refused_url()).ask()
    await services.close()


@pytest.mark.parametrize("fault", ["silent", "dripping"])
async def test_a_slow_server_is_a_timeout(services: FakeServices, monkeypatch: pytest.MonkeyPatch, fault: Fault) -> None:
    monkeypatch.setattr("gateway.sources.token_endpoint.PATIENCE", 0.05)
    async with http_server({"*": Route(GOOD, fault=fault)}) as url:
        with pytest.raises(Timeout):
            await endpoint(services, url).ask()
        await services.close()


@pytest.mark.parametrize("kind", ["Bearer", "bearer", "BEARER"])
def test_the_type_is_bearer_however_it_is_written(kind: str) -> None:
    grant = granted(answer({**GOOD, "token_type": kind}))
    assert grant == Grant("canary-token", 60.0)
    assert "canary" not in repr(grant)


@pytest.mark.parametrize("token", [None, "", 1, "a" * 16_385, "a\r\nX: 1", "é", "=a", ["a"]])
def test_what_is_no_token_is_refused(token: Any) -> None:
    with pytest.raises(BadResponse):
        granted(answer({**GOOD, "access_token": token}))


@pytest.mark.parametrize(
    ("stated", "seconds"),
    [
        (None, ASSUMED),
        (60, 60.0),
        ("60", 60.0),
        (0.5, 0.5),
        (10**9, LONGEST),
        (10**300, LONGEST),
        (float("inf"), LONGEST),
        ("9999999999", LONGEST),
    ],
)  # fmt: skip
def test_how_long_a_token_is_good(stated: Any, seconds: float) -> None:
    assert lifetime(stated) == seconds


@pytest.mark.parametrize("stated", [0, -1, "0", "", "60s", "-60", "1e3", "60" * 6, True, False, [], {}, float("nan"), float("-inf")])
def test_what_is_no_length_of_time_is_refused(stated: Any) -> None:
    with pytest.raises(BadResponse):
        lifetime(stated)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text() | st.integers(), st.lists, max_leaves=3))
def test_any_length_of_time_is_one_or_is_refused(stated: Any) -> None:
    with suppress(BadResponse):
        assert 0 < lifetime(stated) <= LONGEST


@given(st.sampled_from([200, 201, 400, 401, 500]), st.binary(max_size=60), st.sampled_from(["application/json", "text/html", "", "x/y"]))
def test_any_answer_is_a_token_or_a_failure(status: int, body: bytes, kind: str) -> None:
    with suppress(BackendFailure):
        granted(HttpResponse(status, {"content-type": kind}, body))


@pytest.mark.parametrize(
    ("url", "base", "target"),
    [
        ("https://id.test/oauth2/token?x=1", "https://id.test", "/oauth2/token?x=1"),
        ("https://id.test:8443", "https://id.test:8443", "/"),
        ("http://localhost:9/token", "http://localhost:9", "/token"),
        ("http://127.0.0.9/token", "http://127.0.0.9", "/token"),
        ("http://[::1]:9/token", "http://[::1]:9", "/token"),
    ],
)
def test_addresses(url: str, base: str, target: str) -> None:
    assert address_of(url) == (base, target)


@pytest.mark.parametrize(
    "url",
    [
        "http://id.test/canary", "http://localhost.evil.test/canary", "http://127.1/canary", "http://10.0.0.1/canary", "ftp://id.test/canary",
        "https://", "https:///canary", "canary", "", "https://u:canary@id.test/", "https://id.test/#canary", "https://id.test:0/canary",
        "https://id.test:canary/", "https://[canary/", "https://id.test/ canary", "https://id.test/canäry", "https://id.test/\ncanary",
    ],
)  # fmt: skip
def test_addresses_to_which_no_secret_may_go(url: str) -> None:
    with pytest.raises(ValueError, match="URL") as caught:
        address_of(url)
    assert "canary" not in str(caught.value)


def test_a_client_needs_a_name_and_a_secret() -> None:
    for pair, at in ((("", "x"), "client_id"), (("x", ""), "client_secret")):
        with pytest.raises(ValueError, match=f"`{at}` is empty"):
            Client(*pair)
    assert "canary" not in repr(Client("gw", "canary"))
