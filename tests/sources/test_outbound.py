"""From a finished request to a decoded answer, with a client that only records."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gateway.sdk import HttpRequest, HttpResponse, HttpSourceConfig, Response, Timeout
from gateway.sdk.fields import decode_hook
from gateway.sources.outbound import Outbound, Outgoing
from gateway.testing import FakeServices, call_of


class Recorder:
    def __init__(self) -> None:
        self.requests: list[HttpRequest] = []

    async def send(self, request: HttpRequest, /) -> HttpResponse:
        self.requests.append(request)
        return HttpResponse(200, {"content-type": "application/json"}, b"[1]")

    async def close(self) -> None: ...


def outbound(services: FakeServices, **keys: Any) -> Outbound:
    written = {"source": "s", "type": "http", "servers": ["http://a.example"], **keys}
    return Outbound(msgspec.convert(written, HttpSourceConfig, dec_hook=decode_hook), services)


async def test_one_request() -> None:
    client = Recorder()
    services = FakeServices(client=client)
    sender = outbound(
        services, max_response="2KiB", servers=["http://a.example", "http://b.example/x"], engine="httpx", proxy="http://p.example"
    )
    call = call_of("x", seconds=1)
    response = await sender.send(call, Outgoing("GET", "/a"))
    assert response == Response([1], 200, {"content-type": "application/json"})
    request = client.requests[0]
    assert (request.method, request.target, request.deadline, request.max_body, request.idempotent) == (
        "GET",
        "/a",
        call.deadline,
        2048,
        False,
    )
    assert dict(request.headers).keys() == {"Accept", "X-Deadline-Ms"}
    settings = services.settings[0]
    assert (settings.servers, settings.engine, settings.proxy) == (("http://a.example", "http://b.example/x"), "httpx", "http://p.example")


def test_servers_that_nothing_picks_are_told_of() -> None:
    services = FakeServices(client=Recorder())
    outbound(services, servers=["http://a.example", "http://b.example"])
    assert [(problem.code, problem.severity, problem.path) for problem in services.problems] == [("GW110", "warning", ("servers", 1))]


async def test_later_headers_win_whatever_their_case() -> None:
    client = Recorder()
    sender = outbound(FakeServices(client=client), headers={"X-A": "source", "X-B": "source"}, forward=["x-a", "X-C", "TraceParent"])
    call = call_of("x", headers={"x-a": "caller", "x-c": "caller", "traceparent": "forged"}, traceparent="ours", idempotency_key="k")
    outgoing = Outgoing("POST", "/", (("x-b", "operation"), ("accept", "text/csv")), b"{}", "application/json", idempotency_header="Once")
    await sender.send(call, outgoing)
    sent = {name.lower(): value for name, value in client.requests[0].headers}
    sent.pop("x-deadline-ms")
    assert sent == {
        "x-a": "source",
        "x-b": "operation",
        "x-c": "caller",
        "traceparent": "ours",
        "accept": "text/csv",
        "content-type": "application/json",
        "once": "k",
    }
    assert client.requests[0].idempotent


@pytest.mark.parametrize(
    ("repeatable", "header", "key", "idempotent"), [(True, None, None, True), (False, "K", None, False), (False, None, "k", False)]
)
async def test_only_reads_and_keyed_writes_may_be_resent(repeatable: bool, header: str | None, key: str | None, idempotent: bool) -> None:
    client = Recorder()
    outgoing = Outgoing("POST", "/", repeatable=repeatable, idempotency_header=header)
    await outbound(FakeServices(client=client)).send(call_of("x", idempotency_key=key), outgoing)
    assert client.requests[0].idempotent is idempotent


async def test_nothing_is_sent_after_the_deadline() -> None:
    client = Recorder()
    with pytest.raises(Timeout):
        await outbound(FakeServices(client=client)).send(call_of("x", seconds=0), Outgoing("GET", "/"))
    assert client.requests == []


@pytest.mark.parametrize(
    "server",
    [
        "ftp://a",
        "http://",
        "http://u:p@a",
        "http://a?x=1",
        "http://a#f",
        "http://a:99999",
        "http://a:0",
        "http://a b",
        "a.example",
        "http://ä.example",
    ],
)
def test_servers_that_cant_be_used(server: str) -> None:
    services = FakeServices(client=Recorder())
    outbound(services, servers=["http://a.example", server])
    errors = [(problem.code, problem.path) for problem in services.problems if problem.severity == "error"]
    assert errors == [("GW254", ("servers", 1))]
    assert services.settings[0].servers == ("http://a.example",)


def test_a_proxy_needs_the_engine_that_has_them() -> None:
    services = FakeServices(client=Recorder())
    outbound(services, proxy="http://p.example")
    assert services.codes == ["GW244"]
    assert services.settings[0].proxy is None


def test_what_the_transport_refuses_is_a_problem() -> None:
    services = FakeServices()
    outbound(services, servers=[f"http://{'a' * 70}.example"])
    outbound(services, engine="httpx", proxy="socks9://p.example")
    assert [(problem.code, problem.path) for problem in services.problems] == [("GW254", ("servers",)), ("GW254", ("proxy",))]
