"""`type: http`: what is sent for a call, and what comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.sdk import BadResponse, Call, InvalidRequest, Source
from gateway.sources import http
from gateway.testing import Route, call_of, http_server, refused_url
from gateway.testing.contracts import Example, RemoteSourceContract
from gateway.testing.services import FakeServices
from tests.sources.built import build, invoke, invoke_call

SHIPMENT = {"state": "in_transit", "eta": "2026-11-22"}
YAML = """\
source: delivery
type: http
servers: ["http://unset.invalid"]
forward: [Accept-Language]
headers: {X-Client: gateway, X-Token: s3cret}
operations:
  track: {request: "GET /v2/shipments/{tracking_no}"}
  slow: {request: "GET /slow"}
"""


class TestHttpContract(RemoteSourceContract):
    component = http.component
    reading = Example("track", {"tracking_no": "SH-1"}, SHIPMENT)

    @pytest.fixture
    async def source(self, services: FakeServices) -> AsyncIterator[Source]:
        async with http_server({"/v2/shipments/SH-1": Route(SHIPMENT), "/slow": Route(fault="silent")}) as url:
            yield build(http.component, YAML, services, servers=[url])
            await services.close()

    @pytest.fixture
    def gone(self, services: FakeServices) -> Source:
        return build(http.component, YAML, services, servers=[refused_url()])

    @pytest.fixture
    def slow(self) -> Call:
        return call_of("slow")


class TestHttpxContract(TestHttpContract):
    """The same on the other engine."""

    @pytest.fixture
    async def source(self, services: FakeServices) -> AsyncIterator[Source]:
        async with http_server({"/v2/shipments/SH-1": Route(SHIPMENT), "/slow": Route(fault="silent")}) as url:
            yield build(http.component, YAML, services, servers=[url], engine="httpx")
            await services.close()


@pytest.fixture
async def backend() -> AsyncIterator[tuple[Route, str]]:
    route = Route({"ok": True})
    async with http_server({"*": route}) as url:
        yield route, url


def operation(**keys: Any) -> dict[str, Any]:
    return {"do": keys}


def source_with(services: FakeServices, url: str, source: dict[str, Any] | None = None, /, **keys: Any) -> Source:
    built: Source = build(http.component, YAML, services, servers=[url], operations=operation(**keys), **(source or {}))
    return built


async def test_path_values_are_encoded(backend: tuple[Route, str], services: FakeServices) -> None:
    route, url = backend
    source = source_with(services, f"{url}/api/", request="GET /v2/shipments/{no}/events")
    await invoke(source, "do", no="a/b ?#ü&%2F")
    assert route.received[0].target == "/api/v2/shipments/a%2Fb%20%3F%23%C3%BC%26%252F/events"
    await services.close()


@pytest.mark.parametrize("value", ["", ".", "..", None, [], {}, "../admin", "a/../b", "..\\x", "\ud800"])
async def test_values_that_would_change_the_path_are_refused(value: Any, backend: tuple[Route, str], services: FakeServices) -> None:
    route, url = backend
    source = source_with(services, url, request="GET /v2/shipments/{no}")
    with pytest.raises(InvalidRequest):
        await invoke(source, "do", no=value)
    assert route.received == []


async def test_query_values(backend: tuple[Route, str], services: FakeServices) -> None:
    route, url = backend
    query = {"state": "${ args.state }", "tag": "${ args.tags }", "fixed": "a b", "n": 5, "yes": True, "text": "x${ args.n }y"}
    source = source_with(services, url, request="GET /s?v=2&empty=", query=query)
    await invoke(source, "do", tags=["a&b", None, "c"], n=1.5)
    assert route.received[0].target == "/s?v=2&empty=&tag=a%26b&tag=c&fixed=a%20b&n=5&yes=true&text=x1.5y"


async def test_undescribed_arguments_go_to_query_or_body_by_method(backend: tuple[Route, str], services: FakeServices) -> None:
    route, url = backend
    params = {"type": "object", "properties": {"id": {}, "a": {}, "q": {"in": "query"}, "h": {"in": "header"}, "b": {"in": "body"}}}
    for request in ("GET /x/{id}", "POST /x/{id}"):
        source = source_with(services, url, request=request, params=params)
        await invoke(source, "do", id=7, a=[1, 2], q="?", h=3, b={"c": None})
        await services.close()
    read, written = route.received
    assert (read.target, read.json(), read.headers["h"]) == ("/x/7?a=1&a=2&q=%3F", {"b": {"c": None}}, "3")
    assert (written.target, written.json()) == ("/x/7?q=%3F", {"a": [1, 2], "b": {"c": None}})
    assert written.headers["content-type"] == "application/json"


async def test_a_null_in_the_body_is_sent_and_a_missing_argument_is_not(backend: tuple[Route, str], services: FakeServices) -> None:
    route, url = backend
    params = {"properties": {"a": {}, "b": {}}}
    await invoke(source_with(services, url, request="PATCH /x", params=params), "do", a=None)
    assert route.received[0].json() == {"a": None}


async def test_more_arguments_where_params_allows_them(backend: tuple[Route, str], services: FakeServices) -> None:
    route, url = backend
    params = {"properties": {"id": {}}, "additionalProperties": True}
    await invoke(source_with(services, url, request="GET /x/{id}", params=params), "do", id=1, more="2")
    await services.close()
    await invoke(source_with(services, url, request="PUT /x/{id}", params=params), "do", id=1, more="2")
    assert route.received[0].target == "/x/1?more=2"
    assert (route.received[1].target, route.received[1].json()) == ("/x/1", {"more": "2"})


async def test_a_body_template_keeps_types(backend: tuple[Route, str], services: FakeServices) -> None:
    route, url = backend
    body = {"no": "${ args.no }", "lines": {"$each": "args.lines", "$as": "line", "$do": {"sku": "${ line.s }"}}, "by": "${ user.id }"}
    source = source_with(services, url, request="POST /orders", body=body)
    await invoke(source, "do", no=3, lines=[{"s": "A"}, {"s": "B"}])
    assert route.received[0].json() == {"no": 3, "lines": [{"sku": "A"}, {"sku": "B"}], "by": "u1"}


async def test_other_bodies_by_content_type(backend: tuple[Route, str], services: FakeServices) -> None:
    route, url = backend
    form = {"headers": {"Content-Type": "application/x-www-form-urlencoded"}, "body": {"a": "${ args.a }", "b": [1, 2]}}
    text = {"headers": {"content-type": "text/plain"}, "body": "Grüße ${ args.a }"}
    await invoke(source_with(services, url, request="POST /f", **form), "do", a="x&y")
    await services.close()
    await invoke(source_with(services, url, request="POST /t", **text), "do", a="x")
    assert route.received[0].body == b"a=x%26y&b=1&b=2"
    assert route.received[0].headers["content-type"] == "application/x-www-form-urlencoded"
    assert route.received[1].body == "Grüße x".encode()


async def test_headers_of_caller_source_operation_and_gateway(backend: tuple[Route, str], services: FakeServices) -> None:
    route, url = backend
    headers = {"X-Client": "${ ctx.channel }", "X-None": "${ args.nothing }", "X-List": ["a", 1]}
    source = source_with(services, url, request="GET /x", headers=headers)
    caller = {"accept-language": "de", "cookie": "secret=1", "x-token": "forged"}
    await invoke_call(source, call_of("do", headers=caller, traceparent="00-1-2-01", seconds=1.5))
    sent = route.received[0].headers
    assert {name: sent[name] for name in ("accept-language", "x-client", "x-token", "x-list", "traceparent")} == {
        "accept-language": "de",
        "x-client": "api",
        "x-token": "s3cret",
        "x-list": "a, 1",
        "traceparent": "00-1-2-01",
    }
    assert 1000 < int(sent["x-deadline-ms"]) <= 1500
    assert not {"cookie", "x-none", "idempotency-key"} & sent.keys()


@pytest.mark.parametrize("value", ["a\r\nX-Admin: 1", "a\nb", "a\0b", "Jürgen"])
async def test_header_values_that_would_split_are_refused(value: str, backend: tuple[Route, str], services: FakeServices) -> None:
    route, url = backend
    source = source_with(services, url, request="GET /x", headers={"X-Name": "${ args.name }"})
    with pytest.raises(InvalidRequest):
        await invoke(source, "do", name=value)
    assert route.received == []


async def test_the_idempotency_key_goes_where_it_is_configured(backend: tuple[Route, str], services: FakeServices) -> None:
    route, url = backend
    source = source_with(services, url, request="POST /x", idempotency={"header": "X-Once"})
    await invoke_call(source, call_of("do", idempotency_key="k1"))
    await invoke_call(source, call_of("do"))
    assert [request.headers.get("x-once") for request in route.received] == ["k1", None]


FAULTS: dict[str, tuple[dict[str, Any], tuple[int, Any] | type[Exception]]] = {
    "404": ({"json": {"error": "gone"}, "status": 404}, (404, {"error": "gone"})),
    "500 with html": ({"body": b"<html>", "status": 500, "headers": {"content-type": "text/html"}}, (500, "<html>")),
    "502 garbled": ({"body": b"{", "status": 502, "headers": {"content-type": "application/json"}}, (502, None)),
    "302": ({"body": b"", "status": 302, "headers": {"location": "http://elsewhere.invalid/"}}, (302, None)),
    "204": ({"body": b"", "status": 204}, (204, None)),
    "array": ({"json": [1, 2]}, (200, [1, 2])),
    "empty": ({"body": b"", "headers": {"content-type": "application/json"}}, (200, None)),
    "json as text": ({"body": b'{"a": 1}', "headers": {"content-type": "text/plain"}}, (200, {"a": 1})),
    "no content type": ({"body": b'{"a": 1}'}, (200, {"a": 1})),
    "text": ({"body": b"pong", "headers": {"content-type": "text/plain"}}, (200, "pong")),
    "picture": ({"body": b"\x89PNG", "headers": {"content-type": "image/png"}}, BadResponse),
    "not json": ({"body": b"{]", "headers": {"content-type": "application/json"}}, BadResponse),
    "nan": ({"body": b'{"a": NaN}', "headers": {"content-type": "application/json"}}, BadResponse),
    "twice": ({"body": b'{"a": 1, "a": 2}', "headers": {"content-type": "application/json"}}, BadResponse),
    "deep": ({"body": b"[" * 100_000, "headers": {"content-type": "application/json"}}, BadResponse),
    "bomb": ({"fault": "bomb"}, BadResponse),
    "truncated": ({"json": SHIPMENT, "fault": "truncated"}, BadResponse),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_every_answer_is_mapped(name: str, services: FakeServices) -> None:
    answer, expected = FAULTS[name]
    async with http_server({"*": Route(**answer)}) as url:
        source = source_with(services, url, request="GET /x")
        if isinstance(expected, tuple):
            response = await invoke(source, "do")
            assert (response.status_code, response.body) == expected
        else:
            with pytest.raises(expected):
                await invoke(source, "do")
        await services.close()


def test_effect_follows_the_method_unless_written(services: FakeServices) -> None:
    operations = {
        "head": {"request": "HEAD /x"},
        "post": {"request": "POST /x"},
        "search": {"request": "POST /search", "effect": "read"},
        "trigger": {"request": "GET /run", "effect": "write"},
    }
    source: Source = build(http.component, YAML, services, operations=operations)
    assert {name: source.operation(name).effect for name in operations} == {  # type: ignore[union-attr]
        "head": "read",
        "post": "write",
        "search": "read",
        "trigger": "write",
    }


def test_params_are_inferred(services: FakeServices) -> None:
    source = source_with(services, "http://a.invalid", request="POST /x/{id}", body={"n": "${ args.name }", "u": "${ user.mail }"})
    bound = source.operation("do")
    assert bound is not None
    assert bound.params == {"type": "object", "properties": {"id": {}, "name": {}}, "required": ["id"]}
    assert bound.identity == {("user", "mail")}
    assert bound.forwards == {"accept-language"}


async def test_a_header_that_the_operation_leaves_out_is_not_taken_from_the_caller(
    backend: tuple[Route, str], services: FakeServices
) -> None:
    """Else a caller without a number could say that they are somebody."""
    route, url = backend
    params = {"type": "object", "properties": {"X-Region": {"type": "string", "in": "header"}}}
    operation = {"request": "GET /me", "params": params, "headers": {"X-Customer": "${ user.customer_id }"}}
    source = build(
        http.component, YAML, services, servers=[url], forward=["X-Customer", "x-region", "X-Note"], operations={"do": operation}
    )
    sent = {"x-customer": "C1002", "x-region": "eu", "x-note": "n"}
    await invoke_call(source, call_of("do", headers=sent))
    await invoke_call(source, call_of("do", {"X-Region": "us"}, user={"customer_id": "C1001"}, headers=sent))
    seen = [[received.headers.get(name) for name in sent] for received in route.received]
    assert seen == [[None, None, "n"], ["C1001", "us", "n"]]


PROBLEMS: list[tuple[dict[str, Any], tuple[str, tuple[str | int, ...]]]] = [
    ({"request": "GET x"}, ("GW242", ("request",))),
    ({"request": "GET /x/{id}", "params": {"properties": {"ident": {"in": "query"}}}}, ("GW240", ("request",))),
    ({"request": "GET /x", "params": {"properties": {}}, "query": {"q": "${ args.q }"}}, ("GW240", ("query", "q"))),
    ({"request": "GET /x", "params": {"properties": {"q": {"in": "qery"}}}}, ("GW104", ("params", "properties", "q", "in"))),
    ({"request": "GET /x", "params": {"properties": {"q": {"in": "path"}}}}, ("GW244", ("params", "properties", "q", "in"))),
    ({"request": "GET /x/{q}", "params": {"properties": {"q": {"in": "query"}}}}, ("GW244", ("params", "properties", "q", "in"))),
    ({"request": "GET /x", "params": {"properties": {"q": {}}}, "query": {"q": "1"}}, ("GW244", ("params", "properties", "q"))),
    ({"request": "GET /x", "headers": {"Transfer-Encoding": "chunked"}}, ("GW243", ("headers", "Transfer-Encoding"))),
    ({"request": "POST /x", "params": {"properties": {"q": {}}}, "body": {"a": 1}}, ("GW241", ("params", "properties", "q"))),
    ({"request": "POST /x", "idempotency": {"header": "Idem Key"}}, ("GW243", ("idempotency", "header"))),
    ({"request": "POST /x", "headers": {"Content-Type": "image/png"}, "body": "a"}, ("GW243", ("headers",))),
    ({"request": "GET /x", "query": {"q": "${ stesp.x }"}}, ("GW202", ("query", "q"))),
]


@pytest.mark.parametrize(("keys", "expected"), PROBLEMS)
def test_problems(keys: dict[str, Any], expected: tuple[str, tuple[str | int, ...]], services: FakeServices) -> None:
    source_with(services, "http://a.invalid", **keys)
    assert [(problem.code, problem.path) for problem in services.problems] == [(expected[0], ("operations", "do", *expected[1]))]


def test_a_misspelt_argument_is_suggested(services: FakeServices) -> None:
    source_with(services, "http://a.invalid", request="GET /x/{traking_no}", params={"properties": {"tracking_no": {}}})
    assert services.problems[0].hint == "did you mean `tracking_no`?"
