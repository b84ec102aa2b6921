"""User names, passwords and keys."""

from __future__ import annotations

from base64 import b64decode

import pytest

from gateway.sdk import SecretText
from gateway.sdk.source_config import ApiKeyAuth, BasicAuth
from gateway.sources.backend_auth_fixed import FixedAuth, api_key, basic, basic_proof
from gateway.testing import FakeServices, call_of


def built(auth: FixedAuth | None) -> FixedAuth:
    assert auth is not None
    return auth


async def test_basic_is_utf_8() -> None:
    auth = built(basic(BasicAuth(username="jürgen", password="pass:wörd€"), FakeServices(), ("auth", "basic")))
    name, value = (await auth.prove(call_of("x"))).header
    assert name == "Authorization"
    assert b64decode(value.removeprefix("Basic ")).decode() == "jürgen:pass:wörd€"


async def test_the_example_of_the_rfc() -> None:
    """RFC 7617 §2.1."""
    auth = built(basic(BasicAuth(username="test", password="123£"), FakeServices(), ("auth", "basic")))
    assert (await auth.prove(call_of("x"))).header == ("Authorization", "Basic dGVzdDoxMjPCow==")


@pytest.mark.parametrize(
    ("username", "password", "at"),
    [("a:b", "x", "username"), ("", "x", "username"), ("a", "", "password"), ("a\n", "x", "username"), ("a", "x\x7f", "password")],
)
def test_what_basic_cant_carry_is_a_problem(username: str, password: str, at: str) -> None:
    services = FakeServices()
    assert basic(BasicAuth(username=username, password=password), services, ("auth", "basic")) is None
    assert [(problem.code, problem.path) for problem in services.problems] == [("GW255", ("auth", "basic", at))]


def test_neither_the_pair_nor_the_password_may_come_back() -> None:
    redaction = basic_proof("gateway", "canary-password").redaction
    for text in (b"canary-password", b"gateway:canary-password", b"Z2F0ZXdheTpjYW5hcnktcGFzc3dvcmQ="):
        assert redaction.suspects({}, b"no: " + text)


async def test_a_key_has_the_header_that_it_is_given() -> None:
    auth = built(api_key(ApiKeyAuth(value=" key-1 "), FakeServices(), ("auth", "api_key")))
    assert (await auth.prove(call_of("x"))).header == ("X-API-Key", "key-1")
    auth = built(api_key(ApiKeyAuth(header="Ocp-Key", value="k"), FakeServices(), ("auth", "api_key")))
    assert (await auth.prove(call_of("x"))).header == ("Ocp-Key", "k")


@pytest.mark.parametrize("value", ["", "a\r\nX-Admin: 1", "ü"])
def test_a_key_that_cant_be_sent_is_a_problem(value: str) -> None:
    services = FakeServices()
    assert api_key(ApiKeyAuth(value=value), services, ("auth", "api_key")) is None
    assert [(problem.code, problem.path) for problem in services.problems] == [("GW255", ("auth", "api_key", "value"))]
    assert "Admin" not in services.problems[0].message


async def test_new_secrets_are_used_at_once_and_worth_another_try() -> None:
    services = FakeServices()
    services.secrets["auth", "basic", "password"] = password = SecretText("old", secret=True)
    auth = built(basic(BasicAuth(username="a", password="old"), services, ("auth", "basic")))
    first = await auth.prove(call_of("x"))
    assert not auth.refused(call_of("x"), first)
    password.replace("new")
    assert auth.refused(call_of("x"), first)
    assert b64decode((await auth.prove(call_of("x"))).header[1].removeprefix("Basic ")) == b"a:new"
    password.replace("n\now")
    assert b64decode((await auth.prove(call_of("x"))).header[1].removeprefix("Basic ")) == b"a:new"
    assert services.metrics.total("gateway_upstream_secrets_refused_total", source="subject") == 1


def test_nobody_is_told_apart() -> None:
    auth = built(api_key(ApiKeyAuth(value="k"), FakeServices(), ("auth", "api_key")))
    assert (auth.identity, auth.forwards) == (frozenset(), frozenset())
