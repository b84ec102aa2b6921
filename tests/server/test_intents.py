"""Listing intents, and asking for one by address."""

from __future__ import annotations

import pytest

from gateway.sdk import Access
from tests.server.gateways import echo, make_client, make_intent

CLIENT = make_client(
    {"track_order": echo},
    intents=[
        make_intent(
            "billing",
            version=2,
            summary="Invoices",
            description="All of them",
            examples=("show my invoices",),
            tags=("money",),
            output_schema={"type": "object"},
            writes=True,
        ),
        make_intent("payroll", access=Access(frozenset({"staff"}))),
        make_intent("lookup", access=Access(frozenset({"customer"}), internal=True)),
        make_intent("hours", access=Access(frozenset({"anonymous", "customer"}))),
    ],
)


async def test_only_what_the_caller_may_use_is_told() -> None:
    received = await CLIENT.get("/v1/intents")
    told = received.json()["intents"]
    assert received.status == 200
    assert [entry["name"] for entry in told] == ["billing", "hours", "track_order"]
    assert told[0] == {
        "name": "billing",
        "version": 2,
        "summary": "Invoices",
        "description": "All of them",
        "examples": ["show my invoices"],
        "tags": ["money"],
        "input": {"type": "object", "properties": {"order_id": {"type": "string"}}},
        "output": {"type": "object"},
        "writes": True,
    }
    anonymous = await CLIENT.get("/v1/intents", key=None)
    assert [entry["name"] for entry in anonymous.json()["intents"]] == ["hours"]


async def test_a_bad_credential_is_refused_here_too() -> None:
    received = await CLIENT.get("/v1/intents", key="wrong")
    assert (received.status, received.json()["code"]) == (401, "unauthorized")


@pytest.mark.parametrize(
    ("body", "status"),
    [(b'{"order_id": "7"}', 200), (b"", 200), (b"{}", 200), (b"[]", 400), (b'"7"', 400), (b"{", 400), (b'{"order_id": "x"}', 422)],
)
async def test_the_body_is_the_input(body: bytes, status: int) -> None:
    received = await CLIENT.send("POST", "/v1/intents/track_order", body, [(b"content-type", b"application/json")])
    assert received.status == status
    if body.startswith(b'{"order_id": "7"'):
        assert received.json()["data"] == {"input": {"order_id": "7"}}


@pytest.mark.parametrize(("name", "status"), [("nothing", 404), ("lookup", 404), ("payroll", 403), ("%2e%2e", 404), ("", 404)])
async def test_what_can_not_be_asked_for(name: str, status: int) -> None:
    received = await CLIENT.send("POST", f"/v1/intents/{name}")
    assert received.status == status


async def test_other_methods_are_refused_with_the_allowed_ones() -> None:
    received = await CLIENT.get("/v1/intents/track_order")
    assert (received.status, received.header("allow")) == (405, "POST")
