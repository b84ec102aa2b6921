"""The border: whatever happens inside, one response goes out, or none to a client that has left."""

from __future__ import annotations

import asyncio
import logging

import pytest

from gateway.sdk import Answer, Exchange, Forbidden, Reply
from gateway.server import presence
from gateway.server.application import Application
from tests.policies.exchanges import FakeServices
from tests.server.gateways import JSON_TYPE, Client, echo, failing, make_client, make_intent, make_plan

BODY = b'{"intent": "track_order"}'


@pytest.fixture
def services() -> FakeServices:
    return FakeServices(make_intent())  # type: ignore[arg-type]


async def test_a_fault_of_our_own_is_a_500_that_tells_nothing_and_a_log_record_that_tells_all(caplog: pytest.LogCaptureFixture) -> None:
    received = await make_client({"track_order": failing(ZeroDivisionError("hush"))}).chat({"intent": "track_order"})
    problem = received.json()
    assert (received.status, problem["code"], problem["detail"]) == (500, "internal", "The gateway failed.")
    assert b"hush" not in received.body
    assert problem["reply"]["text"] == "Sorry, that did not work. Please try again."
    told = [record for record in caplog.records if record.name == "gateway.server"]
    assert [record.levelno for record in told] == [logging.ERROR]
    assert problem["request_id"] in told[0].getMessage()
    assert told[0].exc_info is not None
    assert isinstance(told[0].exc_info[1], ZeroDivisionError)


async def test_a_fault_in_writing_the_answer_is_one_of_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Answer("complete", reply=Reply("All is well."), errors=["no entry"])  # type: ignore[list-item]
    received = await Client(Application(make_plan({"track_order": lambda exchange: answer}))).chat({"intent": "track_order"})
    assert (received.status, "reply" in received.json()) == (500, False)


async def test_a_refused_request_is_recorded_like_any_other(services: FakeServices) -> None:
    client = Client(Application(make_plan({"track_order": echo}, services=services)))
    for path, status in [("/v1/chat", 400), ("/nothing", 404), ("/a//b", 400)]:
        received = await client.send("POST", path, b"{", [JSON_TYPE])
        assert received.status == status
        assert received.header("x-request-id") == received.json()["request_id"]
        assert len(received.json()["request_id"]) == 26
    assert services.metrics.total("gateway_requests_total", intent="", status="failed", tenant="default") == 3


async def test_a_client_that_hangs_up_gets_its_work_cancelled(monkeypatch: pytest.MonkeyPatch, services: FakeServices) -> None:
    monkeypatch.setattr(presence, "GRACE", 0.0)
    began, hang_up, cancelled = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work(exchange: Exchange) -> Answer:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        raise AssertionError

    client = Client(Application(make_plan({"track_order": work}, services=services)))
    asked = asyncio.create_task(client.send("POST", "/v1/chat", BODY, [JSON_TYPE], hang_up=hang_up))
    await began.wait()
    hang_up.set()
    received = await asked
    assert cancelled.is_set()
    assert (received.status, received.body) == (0, b"")
    assert services.metrics.total("gateway_requests_abandoned_total", intent="track_order") == 1
    assert not any(name.startswith("gateway_requests_total") for name in services.metrics.meters)


async def test_a_client_that_hangs_up_before_its_request_is_complete_is_counted_the_same(services: FakeServices) -> None:
    hang_up = asyncio.Event()
    hang_up.set()
    client = Client(Application(make_plan({"track_order": echo}, services=services)))
    received = await client.send("POST", "/v1/chat", [], [JSON_TYPE], hang_up=hang_up)
    assert received.status == 0
    assert services.metrics.total("gateway_requests_abandoned_total", intent="") == 1
    assert not any(name.startswith("gateway_requests_total") for name in services.metrics.meters)


async def test_cancelling_the_server_is_not_hanging_up() -> None:
    began = asyncio.Event()

    async def work(exchange: Exchange) -> Answer:
        began.set()
        await asyncio.Event().wait()
        raise AssertionError

    asked = asyncio.create_task(make_client({"track_order": work}).chat({"intent": "track_order"}))
    await began.wait()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked


@pytest.mark.parametrize(("size", "status"), [(100, 200), (101, 413)])
async def test_bodies_are_limited(size: int, status: int) -> None:
    client = make_client(max_body=100)
    body = BODY + b" " * (size - len(BODY))
    assert (await client.send("POST", "/v1/chat", body, [JSON_TYPE])).status == status
    assert (await client.send("POST", "/v1/chat", [body[:50], body[50:]], [JSON_TYPE])).status == status


async def test_work_sees_what_was_sent_byte_for_byte() -> None:
    seen: list[tuple[bytes, bytes, bytes]] = []

    def look(exchange: Exchange) -> Answer:
        seen.append((exchange.raw_path, exchange.query, exchange.raw_body))
        return Answer("complete")

    client = Client(Application(make_plan({"track_order": look})))
    await client.send("POST", "/v1/./chat?a=%20", b" " + BODY, [JSON_TYPE])
    assert seen == [(b"/v1/./chat", b"a=%20", b" " + BODY)]


async def test_a_body_announced_too_large_is_refused_unread() -> None:
    received = await make_client(max_body=100).send("POST", "/v1/chat", [], [JSON_TYPE, (b"content-length", b"101")])
    assert (received.status, received.json()["code"]) == (413, "too_large")


async def test_what_is_wrong_with_the_head_is_told_before_the_body_is_read() -> None:
    received = await make_client().send("POST", "/v1/chat", [], [JSON_TYPE, (b"x-deadline-ms", b"soon")])
    assert received.status == 400


async def test_a_refusal_by_the_work_itself_is_a_problem() -> None:
    received = await make_client({"track_order": failing(Forbidden("Not yours."))}).chat({"intent": "track_order"})
    assert (received.status, received.json()["detail"]) == (403, "Not yours.")
