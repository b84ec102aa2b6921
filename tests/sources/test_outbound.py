"""From a finished request to a decoded answer, with a client that only records."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gateway.sdk import (
    CheckSettings,
    ExpressionFault,
    HttpRequest,
    HttpResponse,
    HttpSourceConfig,
    Response,
    SecretText,
    ServerReport,
    Timeout,
    Unauthorized,
)  # fmt: skip
from gateway.sdk.fields import decode_hook
from gateway.sdk.source_config import ApiKeyAuth, BackendAuth, WeightedServer
from gateway.sources.outbound import Outbound, Outgoing
from gateway.testing import FakeServices, call_of


class Recorder:
    def __init__(self) -> None:
        self.requests: list[HttpRequest] = []
        self.reports = (ServerReport(0, "in", 0),)
        self.started = 0

    def servers(self) -> tuple[ServerReport, ...]:
        return self.reports

    async def start(self) -> None:
        self.started += 1

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


async def test_what_decides_between_servers_goes_with_the_request() -> None:
    client = Recorder()
    sender = outbound(FakeServices(client=client), balance="consistent_hash", key=["args.sku"])
    call = call_of("x", {"sku": "A1"})
    await sender.send(call, Outgoing("GET", "/", errors_meant=True))
    request = client.requests[0]
    assert (request.affinity, request.errors_meant) == (b'4:"A1"', True)
    assert request.tried is call.course.tried
    with pytest.raises(ExpressionFault):
        await sender.send(call_of("x"), Outgoing("GET", "/"))
    assert len(client.requests) == 1


async def test_what_decides_between_servers_is_no_part_of_what_is_sent() -> None:
    """So it is no part of who may share an answer: two callers whose calls go to different servers send the same."""
    client = Recorder()
    sender = outbound(FakeServices(client=client), balance="consistent_hash", key=["user.id"])
    for user in ("u1", "u2"):
        await sender.send(call_of("x", user={"id": user}), Outgoing("GET", "/"))
    first, second = client.requests
    assert first.affinity != second.affinity
    assert (first.method, first.target, dict(first.headers).keys(), first.body) == (
        second.method, second.target, dict(second.headers).keys(), second.body,
    )  # fmt: skip
    assert sender.identity == frozenset()


async def test_checks_begin_with_the_gateway_for_the_pools_of_tenants_too() -> None:
    client = Recorder()
    services = FakeServices(client=client)
    services.tenant_servers = {"acme": ["http://acme.example", WeightedServer(url="http://b.example", weight=2.0)]}
    outbound(services, healthcheck={"endpoint": "/health"})
    assert [(made.servers, made.weights, made.pool, made.check) for made in services.settings] == [
        (("http://a.example",), (1.0,), "", CheckSettings("/health")),
        (("http://acme.example", "http://b.example"), (1.0, 2.0), "acme", CheckSettings("/health")),
    ]
    for start in services.starters:
        await start()
    assert client.started == 2
    without = FakeServices(client=client)
    outbound(without)
    assert without.starters == []


def test_it_is_ready_unless_checks_found_every_server_down() -> None:
    client = Recorder()
    sender = outbound(FakeServices(client=client))
    assert (sender.ready(), sender.servers()) == (True, client.reports)
    client.reports = (ServerReport(0, "out", 0, checked=False), ServerReport(1, "out", 0))
    assert sender.ready()
    client.reports = (ServerReport(0, "out", 0, checked=False), ServerReport(1, "out", 0, checked=False))
    assert not sender.ready()


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


class Refuser(Recorder):
    """Answers 401 to every `Authorization` but `good`, and repeats it."""

    def __init__(self, good: str) -> None:
        super().__init__()
        self.good = good

    async def send(self, request: HttpRequest, /) -> HttpResponse:
        self.requests.append(request)
        sent = dict(request.headers).get("Authorization", "")
        status = 200 if sent == self.good else 401
        body = msgspec.json.encode({"message": f"you sent {sent}"})
        return HttpResponse(status, {"content-type": "application/json", "x-echo": sent}, body)


def guarded(client: Recorder, secret: SecretText) -> Outbound:
    services = FakeServices(client=client)
    services.secrets["auth", "api_key", "value"] = secret
    return outbound(services, auth={"api_key": {"header": "Authorization", "value": secret.text}})


async def test_what_proves_wins_over_all_but_the_gateways_own_and_never_comes_back() -> None:
    client = Refuser("Token canary-1")
    response = await guarded(client, SecretText("Token canary-1")).send(call_of("x"), Outgoing("GET", "/", (("authorization", "mine"),)))
    assert dict(client.requests[0].headers)["Authorization"] == "Token canary-1"
    assert "authorization" not in dict(client.requests[0].headers)
    assert response.body == {"message": "you sent [redacted]"}
    assert response.headers["x-echo"] == "[redacted]"


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_401_is_tried_once_more_where_another_proof_is_there(method: str) -> None:
    secret = SecretText("Token canary-1")

    class Rotating(Refuser):
        async def send(self, request: HttpRequest, /) -> HttpResponse:
            answer = await super().send(request)
            secret.replace("Token canary-2")
            return answer

    client = Rotating("Token canary-2")
    call = call_of("x", idempotency_key="k")
    response = await guarded(client, secret).send(call, Outgoing(method, "/", body=b"{}", idempotency_header="Once"))
    assert (response.status_code, call.course.attempts) == (200, 1)
    assert [dict(request.headers)["Authorization"] for request in client.requests] == ["Token canary-1", "Token canary-2"]
    assert {dict(request.headers)["Once"] for request in client.requests} == {"k"}
    assert client.requests[0].body == client.requests[1].body == b"{}"


async def test_a_401_stays_where_nothing_else_is_there() -> None:
    client = Refuser("Token other-one")
    call = call_of("x")
    response = await guarded(client, SecretText("Token canary-1")).send(call, Outgoing("GET", "/"))
    assert (response.status_code, call.course.attempts, len(client.requests)) == (401, 0, 1)
    assert "canary" not in str(response)


async def test_secret_headers_are_as_they_are_now_and_never_come_back() -> None:
    client = Refuser("Token canary-2")
    services = FakeServices(client=client)
    services.secrets["headers", "Authorization"] = secret = SecretText("Token canary-1", secret=True)
    sender = outbound(services, headers={"Authorization": "Token canary-1", "X-Plain": "plainly-told"})
    first = await sender.send(call_of("x"), Outgoing("GET", "/"))
    assert first.body == {"message": "you sent [redacted]"}
    secret.replace("Token canary-2")
    second = await sender.send(call_of("x"), Outgoing("GET", "/"))
    assert (first.status_code, second.status_code) == (401, 200)
    assert "canary" not in str(second)
    assert dict(client.requests[1].headers)["X-Plain"] == "plainly-told"


def test_what_a_proof_tells_of_the_caller_is_told() -> None:
    services = FakeServices(client=Recorder())
    sender = outbound(services, auth={"forward_token": True}, forward=["Accept-Language"])
    assert (sender.identity, sender.forwards) == ({("user", "id")}, {"accept-language", "authorization"})
    plain = outbound(services)
    assert (plain.identity, plain.forwards) == (frozenset(), frozenset())


async def test_a_caller_without_a_token_causes_no_call() -> None:
    client = Recorder()
    sender = outbound(FakeServices(client=client), auth={"forward_token": True})
    with pytest.raises(Unauthorized):
        await sender.send(call_of("x"), Outgoing("GET", "/"))
    assert client.requests == []


async def test_a_tenants_own_credential_takes_the_place_of_the_sources() -> None:
    client = Recorder()
    services = FakeServices(client=client)
    services.tenant_auth = {
        "acme": (BackendAuth(api_key=ApiKeyAuth(value="of-acme")), services),
        "self": (BackendAuth(forward_token=True), services),
    }
    sender = outbound(services, auth={"api_key": {"value": "of-all"}})
    for tenant in ("default", "acme", "globex"):
        call = call_of("x")
        call.context.identity = (tenant, "jwt", "", "u1")
        await sender.send(call, Outgoing("GET", "/"))
    assert [dict(request.headers)["X-API-Key"] for request in client.requests] == ["of-all", "of-acme", "of-all"]
    assert (sender.identity, sender.forwards) == ({("user", "id")}, {"authorization"})
    bare = outbound(services)
    call = call_of("x")
    await bare.send(call, Outgoing("GET", "/"))
    assert "X-API-Key" not in dict(client.requests[-1].headers)
