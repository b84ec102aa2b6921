"""Hostile input everywhere that there is input: an answer or a problem, never a fault of ours, and no log line but our own."""

from __future__ import annotations

import io
import itertools
import json
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.runtime.plan import RoutePlan
from gateway.sdk import Answer, Exchange
from gateway.server.application import Application
from gateway.telemetry.logs import LogWriter
from tests.server.gateways import JSON_TYPE, KEY, Client, make_intent, make_plan
from tests.server.json_cases import refused, taken
from tests.server.naughty_strings import NAUGHTY

MEMBERS = ("intent", "message", "session", "locale", "channel", "idempotency_key", "version", "mode", "fields", "input", "unknown")
HEADERS = (
    *("authorization", "x-api-key", "x-request-id", "traceparent", "tracestate", "idempotency-key", "x-deadline-ms", "accept-language"),
    *("accept", "content-type", "content-encoding", "content-length", "host", "origin", "x-forwarded-for", "x-forwarded-host", "cookie"),
    *("x-forwarded-proto", "user-agent", "if-none-match", "range", "expect", "x-other"),
)


class Logged:
    """All log lines, as `gateway serve` writes them."""

    def __init__(self, form: Any) -> None:
        self.stream = io.StringIO()
        self.writer = LogWriter(self.stream, service="gateway", form=form)

    def lines(self) -> list[str]:
        self.writer.drain()
        return self.stream.getvalue().split("\n")[:-1]


@pytest.fixture(params=["json", "text"])
def logged(request: pytest.FixtureRequest) -> Iterator[Logged]:
    logged = Logged(request.param)
    logger = logging.getLogger("gateway")
    logger.addHandler(logged.writer)
    level = logger.level
    logger.setLevel(logging.INFO)
    yield logged
    logger.setLevel(level)
    logger.removeHandler(logged.writer)


def tell(exchange: Exchange) -> Answer:
    return Answer("complete", data={"path": exchange.path, "input": exchange.input})


def hostile_client() -> Client:
    intent = make_intent(read=lambda given, from_text: given)
    route = RoutePlan(name="order", methods=("GET", "POST"), path="/orders/{order_id}", intent=intent)
    return Client(Application(make_plan({"track_order": tell}, intents=[intent], routes=(route,))))


async def check(statuses: list[int], logged: Logged) -> None:
    assert [status for status in statuses if not 200 <= status < 500] == []
    lines = logged.lines()
    assert len(lines) == len(statuses)
    assert [
        line for line in lines if any(ord(letter) < 32 or 0x7F <= ord(letter) < 0xA0 or letter in "\u2028\u2029" for letter in line)
    ] == []


async def test_naughty_strings_in_every_member(logged: Logged) -> None:
    client, statuses = hostile_client(), list[int]()
    for text, member in itertools.product(NAUGHTY, MEMBERS):
        wrapped = [text] if member == "fields" else {"order_id": text, text: text} if member == "input" else text
        body = {"intent": "track_order", member: wrapped}
        statuses.append((await client.send("POST", "/v1/chat", json.dumps(body).encode(), [JSON_TYPE])).status)
    await check(statuses, logged)


async def test_naughty_strings_in_every_header(logged: Logged) -> None:
    client, statuses = hostile_client(), list[int]()
    for text, header in itertools.product(NAUGHTY, HEADERS):
        value = (header.encode(), text.encode())
        key = None if header in ("authorization", "x-api-key") else KEY
        body, more = b'{"intent": "track_order"}', [] if header == "content-type" else [JSON_TYPE]
        received = await client.send("POST", "/v1/chat", body, [*more, value], key=key, host=header != "host")
        assert (received.header("x-request-id") or "").isascii()
        statuses.append(received.status)
    await check(statuses, logged)


async def test_naughty_strings_in_addresses(logged: Logged) -> None:
    client, statuses = hostile_client(), list[int]()
    for text in NAUGHTY:
        quoted = quote(text, safe="")
        paths = (f"/orders/{quoted}", f"/{quoted}/7", f"/v1/intents/{quoted}", f"/orders/7?{quoted}={quoted}", f"/orders/{quoted}?{quoted}")
        statuses += [(await client.send("POST", path)).status for path in paths]
        statuses.append((await client.send("GET", b"/orders/" + text.encode().replace(b"?", b""))).status)
    await check(statuses, logged)


async def test_bodies_well_and_ill_formed_are_no_fault_of_ours(logged: Logged) -> None:
    client, statuses = hostile_client(), list[int]()
    for body in (*taken(), *refused()):
        statuses += [(await client.send("POST", path, body, [JSON_TYPE])).status for path in ("/v1/chat", "/orders/7")]
    assert len(statuses) > 2 * 318
    await check(statuses, logged)


TRICKS = (
    "/",
    "//",
    "/./",
    "/../",
    "/%2e/",
    "/%2E%2e/",
    "%2f",
    "%2F",
    "%5c",
    "\\",
    ";",
    ";x=1",
    "%3b",
    "..;",
    "%00",
    "%0a",
    "%c0%af",
    "%e0%80%af",
    "%ff",
)
PIECES = (
    "v1",
    "V1",
    "chat",
    "orders",
    "Orders",
    "7",
    "admin",
    "%6frders",
    "healthz",
    "*",
    "{order_id}",
    "**",
    "..",
    ".",
    "%",
    "%2",
    "%zz",
    "",
)
CLIENT = hostile_client()


tricky = st.lists(st.sampled_from((*TRICKS, *PIECES)), max_size=6).map("".join)


@given(tricky | tricky.map(lambda path: f"orders/{path}7") | tricky.map(lambda path: f"{path}orders/7"))
async def test_router_and_policies_see_one_path(path: str) -> None:
    """What the router took a path for is what everybody behind it reads, and has nothing left that somebody could read otherwise."""
    received = await CLIENT.send("GET", f"/{path}")
    assert 200 <= received.status < 500
    if received.status == 200 and "data" in (received.json() or {}):
        seen = received.json()["data"]
        assert seen["path"] == f"/orders/{seen['input']['order_id']}"
        assert not set(seen["path"].split("/")) & {".", ".."}
        assert not any(letter in seen["path"] for letter in "\\;\x00\n")
        again = await CLIENT.send("GET", quote(seen["path"]))
        assert again.json()["data"] == seen


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("OPTIONS", "*"),
        ("GET", "*"),
        ("GET", "http://evil.example/v1/chat"),
        ("GET", ""),
        ("GET", "v1/chat"),
        ("CONNECT", "evil.example:443"),
    ],
)
async def test_what_is_no_path_is_refused(method: str, target: str) -> None:
    assert (await CLIENT.send(method, target)).status == 400
