"""Callers with tokens, from the bytes of a request to those of its answer, the record and the metrics."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from gateway.app import application, prepare
from gateway.server.application import Application
from gateway.testing import Route, http_server
from tests.policies.tokens import claims_of, published, rsa, secret_signed, token
from tests.server.gateways import JSON_TYPE, Client, Received

GATEWAY = """gateway: shop
identity:
  - jwt:
      issuer: %(issuer)s
      audience: chat
      jwks_uri: %(url)s/keys
      algorithms: [RS256]
      claims: {region: address.region}
  - api_key:
      keys: [{hash: "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", user: {id: bot, roles: [agent]}}]
"""
SPECS = """intent: whoami
access: {roles: [agent], scopes: [orders:read]}
output: {id: "${ user.id }", region: "${ user.region }", issuer: "${ user.issuer }"}
"""
ISSUER = "https://id.example"


def now() -> int:
    return int(datetime.now(UTC).timestamp())


def of_agent(**changed: object) -> str:
    claims = claims_of(exp=now() + 300, iat=now(), roles=["agent"], address={"region": "eu"}, **changed)
    return token(claims)


class Served:
    """A gateway with an issuer of its own."""

    def __init__(self, app: Application, keys: Route) -> None:
        self.app = app
        self.keys = keys

    async def ask(self, *headers: tuple[bytes, bytes]) -> Received:
        return await Client(self.app).send("POST", "/v1/chat", b'{"intent": "whoami"}', [JSON_TYPE, *headers], key=None)

    async def ask_with(self, text: str) -> Received:
        return await self.ask((b"authorization", f"Bearer {text}".encode()))


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    keys = Route(published(rsa()))
    async with http_server({"/keys": keys}) as url:
        (tmp_path / "specs").mkdir()
        (tmp_path / "policies").mkdir()
        (tmp_path / "gateway.yaml").write_text(GATEWAY % {"issuer": ISSUER, "url": url})
        (tmp_path / "specs" / "whoami.yaml").write_text(SPECS)
        app = application(prepare(tmp_path, environ={}))
        yield Served(app, keys)
        await app.shutdown()


async def test_a_token_is_all_that_it_takes(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    await served.app.startup()
    assert served.keys.count == 1
    with caplog.at_level(logging.INFO):
        received = await served.ask_with(of_agent())
    assert (received.status, received.json()["data"]) == (200, {"id": "ada", "region": "eu", "issuer": ISSUER})
    (record,) = [record for record in caplog.records if record.getMessage() == "request"]
    assert (record.__dict__["fields"]["identity"], record.__dict__["fields"]["user"]) == ("jwt", "ada")
    assert served.keys.count == 1


async def test_who_is_not_let_in_is_told_how_to_get_in(served: Served) -> None:
    received = await served.ask()
    told = [value for name, value in received.headers if name == b"www-authenticate"]
    assert (received.status, told) == (401, [b'Bearer realm="gateway"', b'ApiKey realm="gateway"'])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(secret_signed(b"s" * 40), id="another algorithm"),
        pytest.param(token(claims_of(roles=["agent"], exp=1)), id="expired"),
        pytest.param(token(claims_of(roles=["agent"], aud="other", exp=2**33)), id="for another"),
        pytest.param("opaque-token-0123456789", id="opaque"),
    ],
)
async def test_a_bad_token_is_told_apart_from_none_and_leaves_no_trace(served: Served, text: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        received = await served.ask_with(text)
    assert received.status == 401
    assert received.json()["detail"] == "The credential is not valid."
    (record,) = [record for record in caplog.records if record.getMessage() == "request"]
    assert record.__dict__["fields"]["credential"].partition(":")[0] in ("jwt", "none")
    everything = received.body.decode() + "".join(json.dumps(each.__dict__, default=str) for each in caplog.records)
    assert not [part for part in text.split(".") if part in everything]


async def test_while_nothing_can_be_verified_nobody_gets_in_and_it_is_no_fault_of_theirs(served: Served) -> None:
    served.keys.fault = "close"
    await served.app.startup()
    received = await served.ask_with(of_agent())
    assert (received.status, received.json()["code"]) == (503, "unavailable")
    assert received.header("retry-after")


async def test_scopes_and_roles_decide(served: Served) -> None:
    assert (await served.ask_with(of_agent(scope="profile"))).status == 403
    assert (await served.ask_with(token(claims_of(exp=now() + 300, iat=now(), roles=["customer"])))).status == 403


async def test_two_credentials_are_none(served: Served) -> None:
    received = await served.ask((b"authorization", f"Bearer {of_agent()}".encode()), (b"x-api-key", b"k"))
    assert received.status == 401
    assert msgspec.json.decode(received.body)["detail"] == "More than one credential was sent."
