"""Against a real OpenID provider: what it issues is understood, its keys rotate under load, and its ID tokens open nothing."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import msgspec
import pytest

from gateway.policies import introspection, jwt
from gateway.policies.introspection import IntrospectedTokens, Introspection
from gateway.policies.jwt import Jwt, JwtTokens
from gateway.sdk import Exchange, Tenant, Unauthorized
from gateway.sdk.fields import decode_hook
from gateway.testing import FakeServices
from tests.npm import node, npm_package

pytestmark = pytest.mark.service

API = "urn:example:chat"
SCRIPT = Path(__file__).parent / "oidc_provider.mjs"


class Provider:
    """The provider as its clients see it."""

    def __init__(self, url: str, client: httpx2.AsyncClient) -> None:
        self.url = url
        self._client = client

    async def of_robot(self, resource: str = API) -> str:
        """An access token of a program."""
        form = {"grant_type": "client_credentials", "resource": resource, "scope": "orders:read"}
        answer = await self._client.post(f"{self.url}/token", data=form, auth=("robot", "robot-secret"))
        token: str = answer.json()["access_token"]
        return token

    async def of_person(self, nonce: str | None) -> dict[str, str]:
        """The tokens of somebody who signed in and agreed: `access_token` and `id_token`."""
        landing = f"{self.url}/landing"
        asked = {"client_id": "web", "response_type": "code", "scope": "openid orders:read", "redirect_uri": landing, "resource": API}
        page = await self._client.get(f"{self.url}/auth", params=asked | ({"nonce": nonce} if nonce else {}))
        while not page.headers.get("location", "").startswith(landing):
            if page.has_redirect_location:
                page = await self._client.get(httpx2.URL(self.url).join(page.headers["location"]))
            else:
                prompt = re.findall(r'name="prompt" value="(\w+)"', page.text)[0]
                page = await self._client.post(page.url, data={"prompt": prompt, "login": "ada", "password": "x"})
        code = parse_qs(urlsplit(page.headers["location"]).query)["code"][0]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": landing}
        answer = await self._client.post(f"{self.url}/token", data=form, auth=("web", "web-secret"))
        tokens: dict[str, str] = answer.json()
        return tokens

    async def post(self, path: str, **form: str) -> None:
        """Tells the provider to rotate or retire keys, or to take a token back."""
        await self._client.post(f"{self.url}{path}", data=form or None, auth=("robot", "robot-secret"))


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    package = npm_package("oidc-provider")
    command = [node(), str(SCRIPT), str(package)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        port = process.stdout.readline()
        if not port:
            pytest.skip("the OpenID provider does not run with this node: it needs 20 or newer")
        yield f"http://127.0.0.1:{int(port)}"
        process.terminate()


@pytest.fixture
async def provider(address: str) -> AsyncIterator[Provider]:
    async with httpx2.AsyncClient(timeout=10) as client:
        yield Provider(address, client)


@pytest.fixture
async def services() -> AsyncIterator[FakeServices]:
    services = FakeServices()
    yield services
    await services.close()


async def trusting(services: FakeServices, provider: Provider, **written: Any) -> JwtTokens:
    """The identity kind, its metadata and keys found by the issuer alone, started as the gateway starts it."""
    config = {"issuer": provider.url, "audience": API, "algorithms": ["RS256"], **written}
    tokens = jwt.build(msgspec.convert(config, Jwt, dec_hook=decode_hook), services)
    for start in services.starters:
        await start()
    assert services.problems == []
    return tokens


def presenting(services: FakeServices, token: str) -> Exchange:
    clock = services.clock
    exchange = Exchange(request_id="r-1", started=clock.monotonic(), time=clock.now(), tenant=Tenant("default", {}))
    exchange.headers = {"authorization": f"Bearer {token}"}
    return exchange


async def test_programs_and_people_are_known_by_their_access_tokens(provider: Provider, services: FakeServices) -> None:
    tokens = await trusting(services, provider)
    robot = await tokens(presenting(services, await provider.of_robot()))
    person = await tokens(presenting(services, (await provider.of_person("n-1"))["access_token"]))
    assert robot is not None
    assert person is not None
    assert (robot.key, robot.roles, robot.user["scopes"]) == (("jwt", provider.url, "robot"), ["partner"], ["orders:read"])
    assert (person.key, person.roles, person.user["scopes"]) == (("jwt", provider.url, "ada"), ["customer"], ["orders:read"])


async def test_an_id_token_opens_nothing(provider: Provider, services: FakeServices) -> None:
    """Not even where the gateway's audience is the client's own name, as an ID token's is."""
    id_token = (await provider.of_person("n-1"))["id_token"]
    tokens = await trusting(services, provider, audience=[API, "web"])
    with pytest.raises(Unauthorized) as caught:
        await tokens(presenting(services, id_token))
    assert caught.value.reason == "an ID token"


@pytest.mark.parametrize(
    ("written", "reason"), [({}, "another audience"), ({"audience": "web", "required": ["client_id"]}, "without client_id")]
)
async def test_nor_does_one_without_any_mark(provider: Provider, services: FakeServices, written: dict[str, Any], reason: str) -> None:
    """This provider writes nothing else into it where no nonce was asked for: its audience tells, or what it lacks."""
    id_token = (await provider.of_person(None))["id_token"]
    with pytest.raises(Unauthorized) as caught:
        await (await trusting(services, provider, **written))(presenting(services, id_token))
    assert caught.value.reason == reason


async def test_an_opaque_token_is_none_that_this_kind_reads(provider: Provider, services: FakeServices) -> None:
    tokens = await trusting(services, provider)
    assert await tokens(presenting(services, await provider.of_robot("urn:example:opaque"))) is None


async def test_keys_rotate_under_load_and_no_valid_request_fails(provider: Provider, services: FakeServices) -> None:
    tokens = await trusting(services, provider)
    known: list[str] = []
    key_ids: set[str] = set()

    async def work() -> None:
        for _ in range(15):
            text = await provider.of_robot()
            key_ids.add(jwt.read_jws(text).key_id or "")
            caller = await tokens(presenting(services, text))
            known.append(caller.user["id"] if caller is not None else "nobody")

    workers = [asyncio.create_task(work()) for _ in range(8)]
    while len(known) < 30:
        await asyncio.sleep(0.005)
    await provider.post("/rotate")
    await asyncio.gather(*workers)
    assert known == ["robot"] * 120
    assert len(key_ids) == 2
    assert services.metrics.total("gateway_jwks_refreshes_total", issuer=provider.url, result="fetched") == 2


async def asking(services: FakeServices, provider: Provider) -> IntrospectedTokens:
    """A program's token has no subject here, so its client is who calls."""
    written = {
        "url": f"{provider.url}/token/introspection", "client_id": "gateway", "client_secret": "s:/+ %",
        "issuer": provider.url, "audience": API, "claims": {"id": "client_id"},
    }  # fmt: skip
    return introspection.build(msgspec.convert(written, Introspection, dec_hook=decode_hook), services)


async def test_an_opaque_token_is_asked_about(provider: Provider, services: FakeServices) -> None:
    caller = await (await asking(services, provider))(presenting(services, await provider.of_robot("urn:example:opaque")))
    assert caller is not None
    assert (caller.key, caller.user["scopes"], caller.roles) == (("introspection", provider.url, "robot"), ["orders:read"], ["partner"])


async def test_one_taken_back_or_made_up_is_refused(provider: Provider, services: FakeServices) -> None:
    tokens = await asking(services, provider)
    taken_back = await provider.of_robot("urn:example:opaque")
    await provider.post("/token/revocation", token=taken_back)
    for text in (taken_back, "made-up", "0" * 43):
        with pytest.raises(Unauthorized):
            await tokens(presenting(services, text))
