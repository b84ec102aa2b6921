"""What may be recorded of a request, and what is where nothing is written."""

from __future__ import annotations

from gateway.policies.audit_fields import BY_DEFAULT, OF_OUTCOME, PERSONAL, known_fields, of_request
from gateway.sdk import Caller, user_root
from tests.policies.exchanges import FakeCard, make_caller, make_exchange


def test_every_value_is_where_it_belongs() -> None:
    caller = Caller(
        ("jwt", "https://id.acme.example", "u1"), user_root("u1", {"roles": ["agent"], "customer_id": "C1", "claims": {"a": 1}})
    )
    exchange = make_exchange(
        caller=caller, chosen=FakeCard("track_order", version=2), channel="web", route="order_by_id", session="s-1",
        traceparent=f"00-{'a' * 32}-{'b' * 16}-01",
    )  # fmt: skip
    names = known_fields(["id", "customer_id", "claims"])
    assert {name: value(exchange) for name, value in of_request(names)} == {
        "user.id": "u1",
        "user.roles": ["agent"],
        "user.kind": "jwt",
        "user.issuer": "https://id.acme.example",
        "user.customer_id": "C1",
        "tenant.id": "default",
        "channel": "web",
        "route": "order_by_id",
        "intent": "track_order",
        "version": 2,
        "session": "s-1",
        "client_ip": "192.0.2.7",
        "trace_id": "a" * 32,
    }


def test_a_request_of_which_nothing_is_known_has_nothing() -> None:
    values = {name: value(make_exchange()) for name, value in of_request(BY_DEFAULT)}
    assert {name for name, value in values.items() if value is not None} == {"tenant.id", "channel"}


def test_an_anonymous_caller_has_no_address_in_it() -> None:
    exchange = make_exchange(caller=make_caller("anonymous", anonymous=True, name="192.0.2.7"))
    assert "192.0.2.7" not in [value(exchange) for _, value in of_request(BY_DEFAULT)]


def test_personal_data_is_only_there_where_it_is_asked_for() -> None:
    assert set(BY_DEFAULT).isdisjoint(PERSONAL)
    assert set(known_fields([])) >= PERSONAL


def test_all_that_a_token_says_cannot_be_asked_for() -> None:
    assert "user.claims" not in known_fields(["id", "claims"])


def test_outcomes_are_known_and_not_read_from_the_request() -> None:
    assert set(OF_OUTCOME) <= set(known_fields([]))
    assert of_request(OF_OUTCOME) == ()
