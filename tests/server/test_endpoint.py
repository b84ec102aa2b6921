"""What endpoints have in common."""

from __future__ import annotations

from gateway.server.endpoint import Incoming, IntentEndpoint, Refusal, without_nulls
from tests.policies.exchanges import make_exchange
from tests.server.gateways import make_plan


def test_intents_take_the_whole_pipeline() -> None:
    plan = make_plan()
    assert IntentEndpoint().handler(plan) is plan.handler


def test_a_refusal_reads_nothing() -> None:
    exchange = make_exchange()
    Refusal().read(exchange, Incoming({}, b"", b"{"))
    assert not Refusal.takes_body
    assert exchange.intent is None


def test_nulls_are_left_out() -> None:
    assert without_nulls({"a": None, "b": 0, "c": "", "d": [None]}) == {"b": 0, "c": "", "d": [None]}
