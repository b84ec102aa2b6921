"""From ASGI to what answers, and every way to be told that nothing does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.runtime.plan import RoutePlan
from gateway.sdk import Answer, Exchange
from gateway.server.application import Application
from tests.server.gateways import JSON_TYPE, KEY, Client, Received, make_client, make_intent, make_plan


def tell_path(exchange: Exchange) -> Answer:
    return Answer("complete", data={"path": exchange.path, "input": exchange.input})


def routed() -> Client:
    intent = make_intent(read=lambda given, from_text: given)
    route = RoutePlan(name="order", methods=("GET",), path="/orders/{order_id}", intent=intent)
    return Client(Application(make_plan({"track_order": tell_path}, intents=[intent], routes=(route,))))


@pytest.mark.parametrize("path", ["/orders/7", "/x/../orders/7", "/orders/./7", "/%6frders/7", "/orders%2F7", "/a/%2e%2e/orders/7"])
async def test_whoever_looks_sees_the_same_path(path: str) -> None:
    received = await routed().get(path)
    assert received.json()["data"] == {"path": "/orders/7", "input": {"order_id": "7"}}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/v1", 404, "not_found"),
        ("GET", "/v1/jobs/1", 404, "not_found"),
        ("GET", "/v1/chat", 405, "invalid_request"),
        ("TRACE", "/v1/chat", 405, "invalid_request"),
        ("DELETE", "/healthz", 405, "invalid_request"),
        ("GET", "//v1/chat", 400, "invalid_request"),
        ("GET", "/../etc/passwd", 400, "invalid_request"),
        ("GET", "/orders/7;admin=1", 400, "invalid_request"),
        ("GET", "/metrics", 404, "not_found"),
        ("GET", "/healthz/", 404, "not_found"),
    ],
)
async def test_where_nothing_answers_a_problem_does(method: str, path: str, status: int, code: str) -> None:
    received = await routed().send(method, path)
    assert (received.status, received.json()["code"], received.header("content-type")) == (status, code, "application/problem+json")
    assert (received.header("allow") is not None) == (status == 405)


async def test_options_are_told_without_asking_who_wants_to_know() -> None:
    received = await routed().send("OPTIONS", "/v1/chat", key=None)
    assert (received.status, received.header("allow")) == (204, "OPTIONS, POST")


async def test_a_page_that_fails_is_a_500_and_no_second_response(caplog: pytest.LogCaptureFixture) -> None:
    def broken(request: Request) -> Response:
        raise ZeroDivisionError("hush")

    client = Client(Application(make_plan(), routes=[Route("/page", broken), Route("/other", lambda request: PlainTextResponse("hi"))]))
    received = await client.get("/page")
    assert (received.status, received.json()["code"]) == (500, "internal")
    assert b"hush" not in received.body
    assert [record.name for record in caplog.records] == ["gateway.server"]
    assert (await client.get("/other")).body == b"hi"


async def test_servers_that_give_no_raw_path_are_served_too() -> None:
    app = Application(make_plan()).asgi
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": "GET", "path": "/kä", "query_string": b"", "headers": [(b"host", b"x")]}
    await app(scope, receive, send)
    assert sent[0]["status"] == 404


async def test_a_websocket_is_closed() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    await Application(make_plan()).asgi({"type": "websocket", "path": "/v1/chat", "headers": []}, receive, send)
    assert sent[0]["type"] == "websocket.close"


async def test_a_lifespan_starts_and_stops() -> None:
    events: list[str] = []
    application = Application(make_plan(closers=(lambda: events.append("closed"),)))
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        events.append(message["type"])

    await application.asgi({"type": "lifespan"}, receive, send)
    assert events == ["lifespan.startup.complete", "closed", "lifespan.shutdown.complete"]


CLIENT = make_client(
    {"track_order": tell_path},
    intents=[make_intent("track_order", examples=("track {order_id}",), output_schema={"properties": {"path": {}, "input": {}}})],
)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=8
)
requests = st.fixed_dictionaries(
    {},
    optional={
        "intent": st.sampled_from(["track_order", "nothing", ""]) | values,
        "message": st.sampled_from(["track 7", "track", "hello"]) | values,
        "input": st.dictionaries(st.sampled_from(["order_id", "colour"]), st.sampled_from(["7", "x"]) | values, max_size=2) | values,
        "session": st.sampled_from(["s-1"]) | values,
        "locale": st.sampled_from(["de", "en-GB"]) | values,
        "channel": st.sampled_from(["web"]) | values,
        "fields": st.lists(st.sampled_from(["path", "input.order_id", "nope"]), max_size=2) | values,
        "version": st.sampled_from([1]) | values,
        "mode": st.sampled_from(["sync", "async"]) | values,
        "idempotency_key": st.sampled_from(["k"]) | values,
        "unknown": values,
    },
)


def check(received: Received) -> None:
    if received.status == 200:
        assert received.json()["status"] == "complete"
        return
    problem = received.json()
    assert received.header("content-type") == "application/problem+json"
    assert received.status == problem["status"]
    assert received.status < 500
    assert problem["code"] in {"invalid_request", "unauthorized", "forbidden", "not_found", "too_large"}
    assert problem["request_id"] == received.header("x-request-id")


@given(requests | values)
async def test_any_json_is_answered_or_a_problem(body: Any) -> None:
    check(await CLIENT.send("POST", "/v1/chat", json.dumps(body).encode(), [JSON_TYPE]))


@pytest.mark.slow
@settings(max_examples=10_000)
@given(requests | values)
async def test_ten_thousand_bodies_are_answered_or_problems(body: Any) -> None:
    check(await CLIENT.send("POST", "/v1/chat", json.dumps(body).encode(), [JSON_TYPE]))


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")))
async def test_any_bytes_are_a_problem(body: bytes) -> None:
    received = await CLIENT.send("POST", "/v1/chat", body, [JSON_TYPE])
    check(received)
    assert received.status in (400, 404)


names = st.sampled_from(
    [
        *(b"authorization", b"x-api-key", b"x-request-id", b"traceparent", b"x-deadline-ms", b"idempotency-key", b"accept-language"),
        *(b"content-type", b"content-length", b"content-encoding", b"host", b"x-other"),
    ]
)
plausible = st.sampled_from([b"", b"1", b"application/json", KEY.encode(), b"de;q=0.3,*", b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01"])


@given(st.lists(st.tuples(names, plausible | st.binary(max_size=40)), max_size=6))
async def test_any_headers_are_answered_or_a_problem(headers: list[tuple[bytes, bytes]]) -> None:
    check(await CLIENT.send("POST", "/v1/chat", b'{"intent": "track_order"}', headers, key=None))


@given(st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "PUT", "x"]), st.binary(max_size=40))
async def test_any_address_is_answered_or_a_problem(method: str, path: bytes) -> None:
    received = await CLIENT.send(method, b"/" + path.replace(b"?", b""))
    assert 200 <= received.status < 500
