"""Addresses of `route:` documents: input made from the request, answers in the route's own form."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gateway.expressions import compile_template
from gateway.runtime.plan import RoutePlan
from gateway.sdk import Access, Answer, Compiled, Exchange, Malformed, NotFound, StepReport, Unavailable
from gateway.server.endpoint import Incoming
from gateway.server.user_routes import UserRoute, query_fields
from tests.policies.exchanges import make_exchange
from tests.server.gateways import JSON_TYPE, Client, Received, Work, make_client, make_intent

INPUT_ROOTS = frozenset({"request", "user", "tenant", "ctx", "config"})
ROOTS = INPUT_ROOTS | {"output", "error", "status"}


def template(value: Any) -> Compiled:
    compiled, faults = compile_template(value, roots=ROOTS)
    assert compiled is not None
    assert not faults
    return compiled


def make(work: Work, *, path: str = "/orders/{order_id}", methods: tuple[str, ...] = ("GET", "POST"), **members: Any) -> Client:
    intent = make_intent(read=lambda given, from_text: given)
    headers = tuple((name, template(value)) for name, value in members.pop("respond_headers", {}).items())
    compiled = {name: value if name in ("access", "responds") else template(value) for name, value in members.items()}
    responds = bool(headers or compiled.keys() & {"respond_status", "respond_body"})
    route = RoutePlan(
        name="order_by_id", methods=methods, path=path, intent=intent, respond_headers=headers, **{"responds": responds, **compiled}
    )
    return make_client({"track_order": work}, intents=[intent], routes=(route,))


def tell_input(exchange: Exchange) -> Answer:
    return Answer("complete", data={"input": exchange.input, "route": exchange.route})


async def given(client: Client, method: str, path: str, body: bytes = b"", *headers: tuple[bytes, bytes]) -> Any:
    received = await client.send(method, path, body, [*([JSON_TYPE] if body else []), *headers])
    assert received.status == 200, received.body
    return received.json()["data"]["input"]


async def test_input_is_made_from_the_request() -> None:
    shape = {
        "order_id": "${ request.path.order_id }",
        "page": "${ request.query.page }",
        "tags": "${ request.query.tag }",
        "method": "${ request.method }",
        "client": '${ request.headers."x-client" }',
        "key": '${ request.headers."x-api-key" }',
        "note": "${ request.body.note }",
        "who": "${ user.id }",
    }
    made = await given(make(tell_input, input=shape), "POST", "/orders/a%20b?tag=1&tag=%C3%A4&x=", b'{"note": [1]}', (b"x-client", b"shop"))
    assert made == {
        "order_id": "a b",
        "tags": ["1", "ä"],
        "method": "POST",
        "client": "shop",
        "note": [1],
        "who": "let-me-in",
    }


def test_every_header_that_callers_are_known_by_is_hidden() -> None:
    route = RoutePlan("r", ("GET",), "/r", make_intent(), input=template({"key": '${ request.headers."x-shop-key" }'}))
    exchange = make_exchange(headers={"x-shop-key": "s3cret", "x-client": "shop"})
    UserRoute(route, frozenset({"x-shop-key"})).read(exchange, Incoming({}, b"", b""))
    assert exchange.notes["request"]["headers"] == {"x-client": "shop"}


async def test_without_a_template_the_path_wins_over_the_body_and_the_body_over_the_query() -> None:
    made = await given(make(tell_input), "POST", "/orders/1?order_id=3&a=q&b=q", b'{"order_id": "2", "a": "b"}')
    assert made == {"order_id": "1", "a": "b", "b": "q"}
    assert await given(make(tell_input), "POST", "/orders/1", b"[1]") == {"order_id": "1"}
    assert await given(make(tell_input), "GET", "/orders/1") == {"order_id": "1"}


async def test_an_input_that_is_no_object_is_a_fault_of_the_expression() -> None:
    received = await make(tell_input, input="${ request.query }").send("GET", "/orders/1?a=1")
    assert received.status == 200
    received = await make(tell_input, input="${ request.path.order_id }").send("GET", "/orders/1")
    assert (received.status, received.json()["code"]) == (502, "expression_error")


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", [JSON_TYPE], 400),
        (b'{"a": 1, "a": 2}', [JSON_TYPE], 400),
        (b"a=1", [(b"content-type", b"application/x-www-form-urlencoded")], 415),
    ],
)
async def test_an_unreadable_body_is_refused(body: bytes, headers: list[tuple[bytes, bytes]], status: int) -> None:
    assert (await make(tell_input).send("POST", "/orders/1", body, headers)).status == status


async def test_a_routes_own_access_holds() -> None:
    assert (await make(tell_input, access=Access(frozenset({"partner"}))).get("/orders/1")).status == 403
    assert (await make(tell_input, access=Access(frozenset({"customer"}))).get("/orders/1")).status == 200
    assert (await make(tell_input).get("/orders/1", key=None)).status == 401


def answer(exchange: Exchange) -> Answer:
    return Answer("partial", data={"state": "open"}, steps={"order": StepReport("fallback", rung=0)})


async def test_an_answer_has_the_routes_own_form() -> None:
    client = make(
        answer,
        respond_body={"state": "${ output.state }", "order": "${ status.order }", "id": "${ request.path.order_id }"},
        respond_status="${ if(status.order == 'ok', `200`, `203`) }",
        respond_headers={"Cache-Control": "max-age=5", "X-State": "${ output.state }", "X-Count": "${ `3` }"},
    )
    received = await client.get("/orders/7")
    assert (received.status, received.json()) == (203, {"state": "open", "order": "fallback", "id": "7"})
    assert (received.header("cache-control"), received.header("x-state"), received.header("x-count")) == ("max-age=5", "open", "3")
    assert received.header("x-request-id")


async def test_text_is_sent_as_text_where_the_route_says_so() -> None:
    client = make(answer, respond_body="state,${ output.state }", respond_headers={"Content-Type": "text/csv"})
    received = await client.get("/orders/7")
    assert (received.header("content-type"), received.body) == ("text/csv", b"state,open")
    assert (await make(answer, respond_body="${ output.state }").get("/orders/7")).body == b'"open"'


async def test_without_a_body_of_its_own_the_whole_answer_is_sent() -> None:
    received = await make(answer, respond_headers={"Cache-Control": "max-age=5"}).get("/orders/7")
    assert (received.json()["status"], received.header("cache-control")) == ("partial", "max-age=5")


async def test_no_content_has_no_body() -> None:
    received = await make(answer, respond_status="204", respond_body="${ output }").get("/orders/7")
    assert (received.status, received.body) == (204, b"")


def gone(exchange: Exchange) -> Answer:
    return Answer("failed", error=NotFound())


async def test_failures_are_problems_unless_the_route_looks_at_them() -> None:
    received = await make(gone, respond_body="${ output }").get("/orders/7")
    assert (received.status, received.header("content-type")) == (404, "application/problem+json")
    own = await make(gone, respond_body={"why": "${ error.code }"}).get("/orders/7")
    assert (own.status, own.json()) == (404, {"why": "not_found"})
    redirected = await make(gone, respond_status="${ if(error.code == 'not_found', `410`, `200`) }", respond_body="gone").get("/orders/7")
    assert (redirected.status, redirected.body) == (410, b'"gone"')


async def test_failures_in_a_routes_own_form_keep_the_headers_of_their_status() -> None:
    refused = await make(gone, respond_body={"why": "${ error.code }"}).get("/orders/7", key=None)
    assert (refused.status, refused.json()) == (401, {"why": "unauthorized"})
    assert refused.header("www-authenticate") == 'ApiKey realm="gateway"'
    away = make(
        lambda exchange: Answer("failed", error=Unavailable()), respond_body="${ error.code }", respond_headers={"Retry-After": "9"}
    )
    assert (await away.get("/orders/7")).header("retry-after") == "9"


async def test_a_refusal_before_the_caller_is_known_is_a_problem() -> None:
    received = await make(gone, respond_body={"why": "${ error.code }"}).get("/orders/7", key="wrong")
    assert (received.status, received.header("content-type")) == (401, "application/problem+json")


@pytest.mark.parametrize(
    "members",
    [
        {"respond_status": "${ output.state }"},
        {"respond_status": "99"},
        {"respond_status": "${ `100` }"},
        {"respond_status": "${ `600` }"},
        {"respond_status": "${ `true` }"},
        {"respond_headers": {"X-A": "${ request.query.evil }"}},
        {"respond_headers": {"Content-Length": "3"}},
        {"respond_headers": {"X-\u00e4": "3"}},
        {"respond_headers": {"X-A": "\u20ac"}},
    ],
)
async def test_a_response_that_can_not_be_sent_is_a_fault_of_the_expression(members: dict[str, Any]) -> None:
    received: Received = await make(answer, **members).get("/orders/7?evil=a%0d%0aSet-Cookie:%20x")
    assert (received.status, received.json()["code"]) == (502, "expression_error")
    assert received.header("set-cookie") is None


async def test_a_backend_away_is_a_503_here_too() -> None:
    received = await make(lambda exchange: Answer("failed", error=Unavailable())).get("/orders/7")
    assert (received.status, received.header("retry-after")) == (503, "1")


@pytest.mark.parametrize(
    ("query", "fields"),
    [(b"", {}), (b"a=1", {"a": "1"}), (b"a=1&a=2&b", {"a": ["1", "2"], "b": ""}), (b"a=x+y%20z", {"a": "x y z"}), (b"&&=", {"": ""})],
)
def test_queries(query: bytes, fields: dict[str, Any]) -> None:
    assert query_fields(query) == fields


@pytest.mark.parametrize("query", [b"a=%ff", b"a=\xff", b"&".join([b"a=1"] * 101)])
def test_a_query_that_can_not_be_read_is_malformed(query: bytes) -> None:
    with pytest.raises(Malformed):
        query_fields(query)


async def test_head_is_answered_like_get_and_options_by_the_server() -> None:
    client = make(answer, methods=("GET",))
    assert (await client.send("HEAD", "/orders/7")).status == 200
    options = await client.send("OPTIONS", "/orders/7")
    assert (options.status, options.header("allow"), options.body) == (204, "GET, HEAD, OPTIONS", b"")
    assert msgspec.json.decode((await client.send("PUT", "/orders/7")).body)["status"] == 405
