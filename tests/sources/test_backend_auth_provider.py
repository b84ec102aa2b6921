"""Client credentials of a real OpenID provider: its tokens are got, used and known again by it."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest

from gateway.sdk import BackendError, HttpSourceConfig
from gateway.sdk.source_config import OAuth2
from gateway.sources.backend_auth_oauth2 import ClientCredentials, oauth2
from gateway.testing import FakeServices, call_of
from tests.npm import node, npm_package

pytestmark = pytest.mark.service

SCRIPT = Path(__file__).parents[1] / "policies" / "oidc_provider.mjs"
CLIENTS = {"robot": "robot-secret", "gateway": "s:/+ %"}
"""The second one's secret is another text in the header than in the form."""


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    command = [node(), str(SCRIPT), str(npm_package("oidc-provider"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        port = process.stdout.readline()
        if not port:
            pytest.skip("the OpenID provider does not run with this node: it needs 20 or newer")
        yield f"http://127.0.0.1:{int(port)}"
        process.terminate()


@pytest.fixture
async def services() -> AsyncIterator[FakeServices]:
    services = FakeServices(name="orders")
    yield services
    await services.close()


def credentials(services: FakeServices, provider: str, client: str, secret: str) -> ClientCredentials:
    source = HttpSourceConfig(source="orders", type="http", servers=["http://orders.test"])
    config = OAuth2(token_url=f"{provider}/token", client_id=client, client_secret=secret)
    made = oauth2(config, source, services, ("auth", "oauth2"))
    assert made is not None
    return made


@pytest.mark.parametrize("client", sorted(CLIENTS))
async def test_its_token_is_got_and_known_again(services: FakeServices, provider: str, client: str) -> None:
    auth = credentials(services, provider, client, CLIENTS[client])
    proof = await auth.prove(call_of("x", seconds=10))
    scheme, _, token = proof.header[1].partition(" ")
    assert (proof.header[0], scheme) == ("Authorization", "Bearer")
    assert await auth.prove(call_of("x")) is proof
    async with httpx2.AsyncClient() as other:
        told = await other.post(f"{provider}/token/introspection", data={"token": token}, auth=("robot", CLIENTS["robot"]))
    assert (told.json()["active"], told.json()["client_id"]) == (True, client)


async def test_what_it_refuses_is_told(services: FakeServices, provider: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(BackendError):
        await credentials(services, provider, "robot", "wrong").prove(call_of("x", seconds=10))
    assert [record.getMessage() for record in caplog.records] == ["no token for source orders: backend_error (invalid_client)"]
