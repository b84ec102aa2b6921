"""Headers that every answer and every page has."""

from __future__ import annotations

import msgspec
import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from gateway.sdk import Unavailable
from gateway.server.application import Application
from gateway.server.security_headers import with_safe_headers
from tests.server.gateways import Client, Received, echo, failing, make_plan

ALWAYS = {"x-content-type-options": "nosniff", "cache-control": "no-store", "referrer-policy": "no-referrer"}


async def page(request: Request) -> Response:
    return HTMLResponse("<p>Hello</p>")


async def framed(request: Request) -> Response:
    return HTMLResponse("<p>Hello</p>", headers={"Content-Security-Policy": "default-src 'none'", "Cache-Control": "max-age=60"})


@pytest.fixture
def client() -> Client:
    plan = make_plan({"track_order": echo, "broken": failing(Unavailable()), "fault": failing(ValueError())})
    return Client(Application(plan, routes=[Route("/page", page), Route("/framed", framed)]))


def missing(received: Received) -> dict[str, str]:
    assert received.header("server") is None
    return {name: value for name, value in ALWAYS.items() if received.header(name) != value}


@pytest.mark.parametrize("body", [b'{"intent": "track_order"}', b'{"intent": "broken"}', b'{"intent": "fault"}', b"{", b'{"intent": "x"}'])
async def test_they_are_on_answers_and_errors(client: Client, body: bytes) -> None:
    assert missing(await client.send("POST", "/v1/chat", body, [(b"content-type", b"application/json")])) == {}


@pytest.mark.parametrize("path", ["/v1/intents", "/nowhere", "/healthz", "/readyz", "/v1/chat", "/page", "//"])
async def test_they_are_on_whatever_is_asked_for(client: Client, path: str) -> None:
    assert missing(await client.get(path)) == {}
    assert missing(await client.send("OPTIONS", path)) == {}


async def test_a_page_runs_nothing_from_elsewhere(client: Client) -> None:
    policy = (await client.get("/page")).header("content-security-policy")
    assert policy is not None
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert (await client.get("/v1/intents")).header("content-security-policy") is None


async def test_what_a_page_says_itself_stays(client: Client) -> None:
    received = await client.get("/framed")
    assert (received.header("content-security-policy"), received.header("cache-control")) == ("default-src 'none'", "max-age=60")
    assert [name for name, _ in received.headers].count(b"cache-control") == 1


def test_html_of_a_route_is_a_page_too() -> None:
    assert b"content-security-policy" in dict(with_safe_headers([], b"text/html; charset=utf-8"))


async def test_the_operators_pages_have_them_too() -> None:
    application = Application(make_plan())
    assert missing(await Client(application.admin_asgi).get("/readyz")) == {}


@pytest.mark.parametrize(
    ("url", "told"), [("https://chat.acme.example", "max-age=31536000"), ("http://chat.acme.example", None), (None, None)]
)
async def test_who_comes_by_https_is_to_come_by_nothing_else(url: str | None, told: str | None) -> None:
    plan = make_plan()
    plan = msgspec.structs.replace(plan, server=msgspec.structs.replace(plan.server, public_url=url))
    for path in ("/v1/intents", "/nowhere", "/healthz", "//"):
        assert (await Client(Application(plan)).get(path)).header("strict-transport-security") == told
