"""`POST /v1/chat`: what is read, what is refused, what is answered."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.sdk import Access, Answer, Caller, Exchange, Reply, StepReport
from tests.server.gateways import JSON_TYPE, Client, echo, make_client, make_intent


async def test_the_answer_is_that_of_the_contract() -> None:
    def work(exchange: Exchange) -> Answer:
        steps = {"order": StepReport("ok", source="erp"), "delivery": StepReport("fallback", rung=1, source="hub")}
        return Answer("partial", "reduced", data={"state": "open"}, reply=Reply(text="Open."), steps=steps)

    received = await make_client({"track_order": work}).chat({"intent": "track_order", "session": "s-42"}, (b"x-request-id", b"01J9Z3"))
    answer = received.json()
    assert received.status == 200
    assert (received.header("content-type"), received.header("cache-control")) == ("application/json", "no-store")
    assert (received.header("x-content-type-options"), received.header("x-request-id")) == ("nosniff", "01J9Z3")
    assert isinstance(answer["meta"].pop("ms"), int)
    assert answer == {
        "intent": "track_order",
        "version": 1,
        "status": "partial",
        "level": "reduced",
        "data": {"state": "open"},
        "reply": {"text": "Open.", "blocks": [], "actions": [], "suggestions": []},
        "errors": [],
        "meta": {
            "request_id": "01J9Z3",
            "session": "s-42",
            "deadline_ms": 2000,
            "config": "sha256:9f2c",
            "steps": {"order": {"status": "ok"}, "delivery": {"status": "fallback", "rung": 1}},
        },
    }


async def test_everything_asked_for_reaches_the_pipeline() -> None:
    seen: list[Exchange] = []

    def work(exchange: Exchange) -> Answer:
        seen.append(exchange)
        return Answer("complete", data={"a": 1, "b": 2})

    body = {
        "intent": "track_order",
        "input": {"order_id": "1007"},
        "session": "s-1",
        "locale": "de-DE",
        "channel": "web",
        "fields": ["a"],
        "mode": "sync",
        "idempotency_key": "k-1",
    }
    received = await make_client({"track_order": work}).chat(body, (b"idempotency-key", b"k-1"), (b"x-deadline-ms", b"500"))
    assert received.json()["data"] == {"a": 1}
    assert received.json()["meta"]["deadline_ms"] == 500
    exchange = seen[0]
    assert (exchange.input, exchange.session, exchange.languages, exchange.channel) == ({"order_id": "1007"}, "s-1", ("de-DE",), "web")
    assert exchange.locale == "en"
    assert (exchange.idempotency_key, exchange.client_ip, exchange.host) == ("k-1", "192.0.2.9", "gateway.example")
    assert isinstance(exchange.caller, Caller)


async def test_a_message_alone_is_understood_or_told_to_be_unclear() -> None:
    client = make_client({}, intents=[make_intent("track_order", examples=("track {order_id}",))])
    answered = await client.chat({"message": "Track 1007!"})
    assert answered.json()["data"] == {"input": {"order_id": "1007"}}
    unclear = await client.chat({"message": "sing a song"})
    problem = unclear.json()
    assert (unclear.status, problem["code"], problem["detail_code"]) == (422, "invalid_request", "intent_unclear")
    assert problem["reply"]["suggestions"] == ["track {order_id}"]


REFUSED: list[tuple[str, Any, str | None]] = [
    ("not an object", [], None),
    ("nothing asked for", {}, None),
    ("null asked for", {"intent": None, "message": None}, None),
    ("unknown member", {"intent": "track_order", "inptu": {}}, "/inptu"),
    ("intent of a wrong type", {"intent": 1}, "/intent"),
    ("input of a wrong type", {"intent": "track_order", "input": []}, "/input"),
    ("field of a wrong type", {"intent": "track_order", "fields": ["a", 1]}, "/fields/1"),
    ("locale that is none", {"intent": "track_order", "locale": "../../etc"}, "/locale"),
    ("locale with an end of line", {"intent": "track_order", "locale": "de\n"}, "/locale"),
    ("channel that is none", {"intent": "track_order", "channel": "a\nb"}, "/channel"),
    ("version zero", {"intent": "track_order", "version": 0}, "/version"),
    ("version true", {"intent": "track_order", "version": True}, "/version"),
    ("unknown mode", {"intent": "track_order", "mode": "later"}, "/mode"),
    ("empty session", {"intent": "track_order", "session": ""}, "/session"),
    ("idempotency key with a space", {"intent": "track_order", "idempotency_key": "a b"}, None),
    ("message too long", {"message": "x" * 4001}, None),
    ("field that is not in the answer", {"intent": "track_order", "fields": ["nope"]}, "/fields"),
]


@pytest.mark.parametrize(("body", "path"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
async def test_what_is_no_request_is_400(body: Any, path: str | None) -> None:
    client = make_client({}, intents=[make_intent(output_schema={"properties": {"state": {}}})])
    received = await client.chat(body)
    problem = received.json()
    assert (received.status, problem["code"], problem["status"]) == (400, "invalid_request", 400)
    assert received.header("content-type") == "application/problem+json"
    if path is not None:
        assert [error["path"] for error in problem["errors"]] == [path]


@pytest.mark.parametrize(("member", "example"), [("locale", "de-DE"), ("channel", "web")])
async def test_a_wrong_form_is_told_by_an_example(member: str, example: str) -> None:
    received = await make_client({}).chat({"intent": "track_order", member: "not & this"})
    (error,) = received.json()["errors"]
    assert example in error["message"]
    assert "regex" not in error["message"]


async def test_every_unknown_member_is_named() -> None:
    received = await make_client().chat({"intent": "track_order", "a/b": 1, "c": 2})
    assert [error["path"] for error in received.json()["errors"]] == ["/a~1b", "/c"]


async def test_input_that_does_not_fit_is_422_with_every_fault() -> None:
    received = await make_client().chat({"intent": "track_order", "input": {"order_id": "x", "colour": "red"}})
    assert received.status == 422
    assert [(error["path"], error["message"]) for error in received.json()["errors"]] == [
        ("/input/colour", "is not known here"),
        ("/input/order_id", "is not a number"),
    ]


async def test_two_idempotency_keys_are_refused() -> None:
    received = await make_client().chat({"intent": "track_order", "idempotency_key": "a"}, (b"idempotency-key", b"b"))
    assert received.status == 400


async def test_an_asynchronous_answer_is_refused_and_not_given_at_once() -> None:
    ran: list[Exchange] = []

    def work(exchange: Exchange) -> Answer:
        ran.append(exchange)
        return echo(exchange)

    received = await make_client({"track_order": work}).chat({"intent": "track_order", "mode": "async"})
    assert (received.status, ran) == (422, [])


@pytest.mark.parametrize(
    ("asked", "key", "status"),
    [
        ({"intent": "track_order"}, None, 401),
        ({"intent": "track_order"}, "wrong", 401),
        ({"intent": "track_ordr"}, "let-me-in", 404),
        ({"intent": "payroll"}, "let-me-in", 403),
        ({"intent": "track_order", "version": 1}, "let-me-in", 403),
    ],
)
async def test_who_may_not_is_told_so(asked: Any, key: str | None, status: int) -> None:
    client = make_client({"track_order": echo}, intents=[make_intent("payroll", access=Access(frozenset()))])
    received = await client.chat(asked, key=key)
    assert received.status == status
    assert (received.header("www-authenticate") is not None) == (status == 401)


async def test_a_token_that_nobody_reads_is_never_anonymous() -> None:
    received = await make_client().chat({"intent": "track_order"}, (b"authorization", b"Bearer abc"), key=None)
    assert received.status == 401


async def test_event_streams_come_later_so_json_is_answered() -> None:
    received = await make_client().chat({"intent": "track_order"}, (b"accept", b"text/event-stream"))
    assert (received.status, received.header("content-type")) == (200, "application/json")


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        (b"application/json", 200),
        (b"application/json; charset=utf-8", 200),
        (b'Application/JSON;charset="UTF-8"', 200),
        (b"application/vnd.acme+json", 200),
        (b"application/json; charset=latin-1", 415),
        (b"text/plain", 415),
        (b"text/x+json", 415),
        (b"application/x-www-form-urlencoded", 415),
        (b"", 415),
    ],
)
async def test_only_json_is_read(content_type: bytes, status: int) -> None:
    client = make_client()
    received = await client.send("POST", "/v1/chat", b'{"intent": "track_order"}', [(b"content-type", content_type)])
    assert received.status == status
    if status != 200:
        assert received.json()["code"] == "invalid_request"


async def test_a_body_without_a_type_or_compressed_is_refused() -> None:
    client: Client = make_client()
    assert (await client.send("POST", "/v1/chat", b'{"intent": "track_order"}')).status == 415
    assert (await client.send("POST", "/v1/chat", b"\x1f\x8b", [JSON_TYPE, (b"content-encoding", b"gzip")])).status == 415
