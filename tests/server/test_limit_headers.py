from __future__ import annotations

import pytest

from gateway.policies.limits import refusal
from gateway.sdk import Answer, Exchange
from gateway.sdk.allowance import Allowance, Verdict
from gateway.server.application import Application
from gateway.server.limit_headers import limit_headers
from tests.server.gateways import Client, failing, make_plan

LIMIT = Allowance("b", "default", 60, 60.0, 10)


@pytest.mark.parametrize(
    ("allowance", "remaining", "reset", "left", "policy"),
    [
        (Allowance("b", "default", 60, 60.0, 10), 9, 0.99, b'"default";r=9;t=1', b'"default";q=60;w=60'),
        (Allowance("b", "tenant_day", 5, 86_400.0, 5, "day"), 0, 43_200.0, b'"tenant_day";r=0;t=43200', b'"tenant_day";q=5;w=86400'),
        (Allowance("b", "slow", 0.5, 1.0, 1), 0, 1.5, b'"slow";r=0;t=2', b'"slow";q=1;w=2'),
    ],
)
def test_what_is_told(allowance: Allowance, remaining: int, reset: float, left: bytes, policy: bytes) -> None:
    assert limit_headers(Verdict(True, allowance, remaining, reset)) == ((b"ratelimit", left), (b"ratelimit-policy", policy))


async def test_every_answer_to_a_limited_caller_tells_it() -> None:
    plan = make_plan({"track_order": charged, "fails": failing_after_charge, "breaks": failing(ZeroDivisionError("hush"))})
    client = Client(Application(plan))
    for intent, status, left in [("track_order", 200, '"default";r=4;t=3'), ("fails", 429, '"default";r=0;t=9'), ("breaks", 500, None)]:
        received = await client.chat({"intent": intent})
        assert (received.status, received.header("ratelimit")) == (status, left)
        assert received.header("ratelimit-policy") == (None if left is None else '"default";q=60;w=60')
    assert (await client.chat({"intent": "fails"})).header("retry-after") == "90000"


def charged(exchange: Exchange) -> Answer:
    exchange.allowance = Verdict(True, LIMIT, 4, 2.5)
    return Answer("complete", data=1)


def failing_after_charge(exchange: Exchange) -> Answer:
    exchange.allowance = Verdict(False, LIMIT, 0, 9.0, 90_000.0)
    raise refusal(90_000.0)
