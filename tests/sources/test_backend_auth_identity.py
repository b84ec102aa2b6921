"""A signed header that names the caller, read as a backend would."""

from __future__ import annotations

import json
from typing import Any

import pytest
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import OctKey

from gateway.sdk import Call, SecretText, SystemClock
from gateway.sdk.source_config import IdentityHeader
from gateway.sources.backend_auth_identity import LIFETIME, SignedIdentity, identity_header
from gateway.testing import FakeServices, call_of

KEY = "0123456789abcdef0123456789abcdef"


def built(services: FakeServices | None = None, **more: Any) -> SignedIdentity:
    auth = identity_header(IdentityHeader(key=KEY, **more), services or FakeServices(name="crm"), ("auth", "identity_header"))
    assert auth is not None
    return auth


def read(token: str, key: str = KEY) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims. Raises where the signature isn't the key's."""
    found = jws.deserialize_compact(token, OctKey.import_key(key.encode()), algorithms=["HS256"])
    return dict(found.headers()), json.loads(found.payload or b"")


def call_by(identity: tuple[str, ...], **user: Any) -> Call:
    call = call_of("x", user=user)
    call.context.identity = identity
    return call


async def test_a_caller_is_named() -> None:
    call = call_by(("acme", "jwt", "https://id.test", "u1"), id="u1", roles=["agent"], issuer="https://id.test")
    name, token = (await built().prove(call)).header
    header, claims = read(token)
    now = SystemClock().now().timestamp()
    assert name == "X-Caller-Identity"
    assert (header["alg"], header["typ"]) == ("HS256", "gateway-caller+jwt")
    assert abs(claims["iat"] - now) < 5
    assert claims.pop("exp") - claims.pop("iat") == LIFETIME
    assert len(claims.pop("jti")) >= 16
    assert claims == {
        "aud": "crm", "sub": "u1", "idp": "https://id.test", "via": "jwt", "tenant": "acme", "roles": ["agent"], "request_id": "r1",
    }  # fmt: skip


async def test_an_anonymous_caller_is_nobody() -> None:
    _, claims = read((await built().prove(call_by(("default", "anonymous", "", ""), id=None))).header[1])
    assert "sub" not in claims
    assert claims["via"] == "anonymous"


async def test_header_and_audience_are_what_is_written() -> None:
    name, token = (await built(header="X-Who", audience="directory").prove(call_of("x"))).header
    assert (name, read(token)[1]["aud"]) == ("X-Who", "directory")


async def test_each_call_has_its_own_and_it_may_not_come_back() -> None:
    auth = built()
    first, second = await auth.prove(call_of("x")), await auth.prove(call_of("x"))
    assert first.header != second.header
    assert first.redaction.suspects({}, first.header[1].encode())
    assert not auth.refused(call_of("x"), first)


@pytest.mark.parametrize("key", ["", "short", "x" * 31])
def test_a_weak_key_is_a_problem(key: str) -> None:
    services = FakeServices()
    assert identity_header(IdentityHeader(key=key), services, ("auth", "identity_header")) is None
    assert [(problem.code, problem.path) for problem in services.problems] == [("GW255", ("auth", "identity_header", "key"))]


async def test_a_new_key_signs_at_once_and_has_another_name() -> None:
    services = FakeServices(name="crm")
    services.secrets["auth", "identity_header", "key"] = key = SecretText(KEY, secret=True)
    auth = built(services)
    old = (await auth.prove(call_of("x"))).header[1]
    key.replace(KEY[::-1])
    new = (await auth.prove(call_of("x"))).header[1]
    with pytest.raises(BadSignatureError):
        read(new)
    assert read(new, KEY[::-1])[0]["kid"] != read(old)[0]["kid"]
    key.replace("short")
    assert read((await auth.prove(call_of("x"))).header[1], KEY[::-1])[1]["sub"] == "u1"
    assert services.metrics.total("gateway_upstream_secrets_refused_total", source="crm") == 1


def test_everything_that_is_told_tells_callers_apart() -> None:
    assert built().identity == {("user", "id"), ("user", "issuer"), ("user", "roles"), ("tenant", "id")}
