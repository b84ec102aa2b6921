"""What browsers are told of other origins' pages, on every answer there is."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gateway.runtime.cross_origin import CrossOrigin
from gateway.runtime.plan import RoutePlan
from gateway.sdk import Unavailable
from gateway.server.application import Application
from gateway.server.cors import telling
from tests.server.gateways import Client, Received, echo, failing, make_intent, make_plan

SHOP = b"https://shop.example"
EVIL = b"https://evil.example"
ORIGINS = frozenset({"https://shop.example", "https://*.acme.example"})


def client(rules: CrossOrigin | None = None, **members: Any) -> Client:
    rules = rules or CrossOrigin(ORIGINS, headers=("Authorization",), expose=("X-Request-Id",))
    plan = make_plan({"track_order": echo, "broken": failing(Unavailable()), "fault": failing(ValueError())}, **members)
    return Client(Application(msgspec.structs.replace(plan, server=msgspec.structs.replace(plan.server, cross_origin=rules))))


def told(received: Received) -> tuple[str | None, str | None]:
    return received.header("access-control-allow-origin"), received.header("vary")


async def preflight(asked: Client, path: str, method: bytes = b"POST", origin: bytes = SHOP) -> Received:
    return await asked.send("OPTIONS", path, headers=[(b"origin", origin), (b"access-control-request-method", method)], key=None)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/v1/chat", b'{"intent": "track_order"}', 200),
        ("POST", "/v1/chat", b"{", 400),
        ("POST", "/v1/chat", b'{"intent": "nothing"}', 404),
        ("POST", "/v1/chat", b'{"intent": "broken"}', 503),
        ("POST", "/v1/chat", b'{"intent": "fault"}', 500),
        ("POST", "/v1/chat", b" " * 2_000_000, 413),
        ("PUT", "/v1/chat", b"", 405),
        ("GET", "/v1/intents", b"", 200),
        ("GET", "/nowhere", b"", 404),
        ("GET", "/healthz", b"", 200),
        ("GET", "//", b"", 400),
        ("GET", "/" + "a" * 5000, b"", 414),
    ],
)
async def test_every_answer_tells_who_is_let_in(method: str, path: str, body: bytes, status: int) -> None:
    for origin, allowed in ((SHOP, "https://shop.example"), (EVIL, None), (b"https://eu.acme.example", "https://eu.acme.example")):
        received = await client().send(method, path, body, [(b"content-type", b"application/json"), (b"origin", origin)])
        assert received.status == status
        assert told(received) == (allowed, "Origin")
        assert received.header("access-control-expose-headers") == (allowed and "X-Request-Id")
        assert received.header("access-control-allow-credentials") is None


async def test_who_comes_without_an_origin_is_told_nothing_and_caches_know() -> None:
    assert told(await client().get("/v1/intents")) == (None, "Origin")


async def test_a_refused_caller_is_told_too() -> None:
    received = await client().send("GET", "/v1/intents", headers=[(b"origin", SHOP), (b"x-api-key", b"wrong")], key=None)
    assert (received.status, *told(received)) == (401, "https://shop.example", "Origin")


async def test_the_question_beforehand_needs_no_caller() -> None:
    received = await preflight(client(), "/v1/chat")
    assert (received.status, received.body, *told(received)) == (204, b"", "https://shop.example", "Origin")
    assert received.header("access-control-allow-methods") == "POST"
    assert received.header("access-control-allow-headers") == "Authorization"
    assert received.header("access-control-max-age") == "600"


async def test_a_stranger_gets_no_answer_to_it() -> None:
    received = await preflight(client(), "/v1/chat", origin=EVIL)
    assert (received.status, received.header("allow"), *told(received)) == (204, "OPTIONS, POST", None, "Origin")
    assert received.header("access-control-allow-methods") is None


async def test_where_nothing_is_there_is_nothing_to_allow() -> None:
    assert (await preflight(client(), "/nowhere")).header("access-control-allow-methods") is None


async def test_methods_may_be_narrowed() -> None:
    rules = CrossOrigin(ORIGINS, methods=frozenset({"GET"}))
    assert (await preflight(client(rules), "/v1/chat")).header("access-control-allow-methods") == ""
    assert (await preflight(client(rules), "/v1/intents", b"GET")).header("access-control-allow-methods") == "GET"


async def test_everybody_is_told_the_same() -> None:
    asked = client(CrossOrigin(frozenset({"*"})))
    assert told(await asked.get("/v1/intents", (b"origin", EVIL))) == ("*", None)
    assert told(await preflight(asked, "/v1/chat", origin=b"null")) == ("*", None)


async def test_credentials_are_let_in_for_named_origins() -> None:
    asked = client(CrossOrigin(ORIGINS, credentials=True))
    assert (await asked.get("/v1/intents", (b"origin", SHOP))).header("access-control-allow-credentials") == "true"
    assert (await asked.get("/v1/intents", (b"origin", EVIL))).header("access-control-allow-credentials") is None
    assert (await preflight(asked, "/v1/chat")).header("access-control-allow-credentials") == "true"


@pytest.mark.parametrize("origins", [[SHOP, SHOP], [SHOP, EVIL], [b"https://shop.example "], [b"https://shop.example, " + EVIL], [b"\xff"]])
async def test_what_is_no_origin_is_none(origins: list[bytes]) -> None:
    assert told(await client().get("/v1/intents", *((b"origin", origin) for origin in origins)))[0] is None


async def test_a_route_has_rules_of_its_own() -> None:
    rules = CrossOrigin(frozenset({"https://partner.example"}))
    routes = tuple(
        RoutePlan(name=name, methods=("GET",), path=f"/{name}", intent=make_intent(), cross_origin=own)
        for name, own in (("own", rules), ("general", None))
    )
    asked = client(routes=routes)
    for path, allowed in (("/own", b"https://partner.example"), ("/general", SHOP)):
        for origin in (SHOP, b"https://partner.example"):
            expected = origin.decode() if origin == allowed else None
            assert told(await asked.get(path, (b"origin", origin))) == (expected, "Origin")
            assert told(await asked.send("PUT", path, headers=[(b"origin", origin)])) == (expected, "Origin")
            assert told(await preflight(asked, path, b"GET", origin)) == (expected, "Origin")


async def test_without_rules_nobody_is_told_anything() -> None:
    plain = Client(Application(make_plan()))
    assert told(await plain.get("/v1/intents", (b"origin", SHOP))) == (None, None)
    assert told(await preflight(plain, "/v1/chat")) == (None, None)


async def test_headers_of_the_answer_itself_give_way() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    more = telling(send, ((b"access-control-allow-origin", SHOP), (b"vary", b"Origin")))
    await more({"type": "http.response.start", "headers": [(b"access-control-allow-origin", b"*"), (b"vary", b"Accept")]})
    await more({"type": "http.response.body", "body": b"x", "more_body": True})
    assert sent[0]["headers"] == [(b"vary", b"Accept"), (b"access-control-allow-origin", SHOP), (b"vary", b"Origin")]
    assert sent[1]["body"] == b"x"
