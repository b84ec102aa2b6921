"""The help desk: new tickets, each opened once, and nothing else accepted."""

from __future__ import annotations

import pytest

from gateway.demo.backends import tickets
from tests.demo.backends.conftest import Ask

TICKET = {"customer": "C1002", "subject": "Lamp flickers"}


async def test_a_new_ticket_is_found_again(ask: Ask) -> None:
    made = await ask.post("tickets", "/tickets", json={**TICKET, "order_id": "1008"})
    assert made.status_code == 201
    open_ones = (await ask.get("tickets", "/tickets?customer=C1002&state=open")).json()["tickets"]
    assert open_ones[0] == made.json()


async def test_states_part_the_tickets(ask: Ask) -> None:
    count = {
        state: len((await ask.get("tickets", f"/tickets?customer=C1001&state={state}")).json()["tickets"])
        for state in ("open", "closed", "all")
    }
    assert count == {"open": 2, "closed": 0, "all": 2}


async def test_one_key_opens_one_ticket(ask: Ask) -> None:
    key = {"Idempotency-Key": "k1"}
    first = await ask.post("tickets", "/tickets", json=TICKET, headers=key)
    again = await ask.post("tickets", "/tickets", json=TICKET, headers=key)
    other = await ask.post("tickets", "/tickets", json={**TICKET, "subject": "Something else"}, headers=key)
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert first.json() == again.json()


async def test_without_a_key_every_request_opens_one(ask: Ask) -> None:
    first, second = [(await ask.post("tickets", "/tickets", json=TICKET)).json()["ticket_id"] for _ in range(2)]
    assert first != second


async def test_the_oldest_are_forgotten(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tickets, "MOST_TICKETS", 2)
    made = [(await ask.post("tickets", "/tickets", json=TICKET, headers={"Idempotency-Key": f"k{n}"})).json() for n in range(3)]
    kept = (await ask.get("tickets", "/tickets?customer=C1002&state=all")).json()["tickets"]
    assert kept == [made[2], made[1]]
    repeated = await ask.post("tickets", "/tickets", json=TICKET, headers={"Idempotency-Key": "k0"})
    assert repeated.status_code == 201


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b"[]", 400),
        (b'{"customer": "C1001"}', 400),
        (b'{"customer": "C1001", "subject": "no"}', 400),
        (b'{"customer": "C1001", "subject": "fine", "more": 1}', 400),
        (b'{"customer": "C1001", "subject": ' + b"[" * 50_000, 400),
        (b'{"customer": "C9", "subject": "fine"}', 422),
        (b'{"customer": "C1001", "subject": "' + b"x" * 70_000 + b'"}', 413),
    ],
)
async def test_bad_tickets_are_refused(ask: Ask, body: bytes, status: int) -> None:
    assert (await ask.post("tickets", "/tickets", content=body)).status_code == status


@pytest.mark.parametrize("query", ["", "?customer=C1001&state=lost", "?state=open"])
async def test_senseless_searches_are_refused(ask: Ask, query: str) -> None:
    assert (await ask.get("tickets", f"/tickets{query}")).status_code == 400
