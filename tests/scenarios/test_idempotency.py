"""Idempotency keys as callers meet them: headers, statuses, what is told, and what is hidden when an answer is given again."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway.stores.sql_idempotency import TABLE
from gateway.testing.scenario import write
from gateway.testing.servers import Route
from tests.scenarios.conftest import Start
from tests.server.gateways import Client

SPECS = """
source: desk
type: http
servers: ["${ env.DESK_URL }"]
operations:
  open:
    request: POST /tickets
    effect: write
    body: {text: "${ args.text }"}
    params: {type: object, properties: {text: {type: string}}}
    output_schema:
      type: object
      properties: {number: {type: integer}, mail: {type: string, classification: CLASS}}
---
intent: open_ticket
access: {roles: [customer, anonymous]}
input: {type: object, properties: {text: {type: string}}}
steps:
  ticket: {call: desk.open, with: {text: "${ input.text }"}}
output: {number: "${ steps.ticket.number }", mail: "${ steps.ticket.mail }"}
reply: {en: "Ticket ${ output.number }.", de: "Vorgang ${ output.number }."}
---
route: tickets
match: {method: POST, path: /tickets}
intent: open_ticket
input: {text: "${ request.body.text }"}
respond: {status: 201, body: {made: "${ output.number }"}}
"""
PERSONAL = SPECS.replace("CLASS", "pii")
SPECS = SPECS.replace("CLASS", "internal")
MASKS = "policy: masking\nrules: [{classification: pii, unless: \"contains(user.roles, 'operator')\", mask: remove}]\n"
KEY = "Idempotency-Key"


def desk() -> dict[str, Route]:
    numbers = iter(range(1, 100))
    return {"POST /tickets": Route(lambda _: {"number": next(numbers), "mail": "ann@acme.example"})}


def body(text: str = "hello", **more: Any) -> dict[str, Any]:
    return {"intent": "open_ticket", "input": {"text": text}, **more}


async def test_the_same_answer_under_the_same_key(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    backend = desk()
    gateway = await start(SPECS, desk=backend)
    with caplog.at_level(logging.INFO, logger="gateway"):
        first = await gateway.chat(body(), idempotency_key="k-1")
        second = await gateway.chat(body(idempotency_key="k-1"), accept_language="de")
    assert "idempotent-replayed" not in first.headers
    assert (second.status_code, second.headers["idempotent-replayed"]) == (200, "true")
    told = {name: value for name, value in first.json().items() if name not in ("meta", "reply")}
    assert told == {name: value for name, value in second.json().items() if name not in ("meta", "reply")}
    assert [answer.json()["reply"]["text"] for answer in (first, second)] == ["Ticket 1.", "Vorgang 1."]
    assert backend["POST /tickets"].count == 1
    fields = [record.__dict__["fields"]["idempotency"] for record in caplog.records if record.getMessage() == "request"]
    assert fields == ["run", "replayed"]
    metrics = await gateway.metrics()
    assert 'gateway_idempotency_total{result="run"} 1.0' in metrics
    assert 'gateway_idempotency_total{result="replayed"} 1.0' in metrics


async def test_fields_and_addresses_are_the_second_requests_own(start: Start) -> None:
    gateway = await start(SPECS, desk=desk())
    await gateway.chat(body(), idempotency_key="k-1")
    narrowed = await gateway.chat(body(fields=["number"]), idempotency_key="k-1")
    assert narrowed.json()["data"] == {"number": 1}
    sent = {"X-API-Key": "key-alice", KEY: "k-1"}
    routed = await gateway.client.post("/tickets", json={"text": "hello"}, headers=sent)
    assert (routed.status_code, routed.json(), routed.headers["idempotent-replayed"]) == (201, {"made": 1}, "true")


async def test_another_body_a_running_one_and_one_that_nobody_knows_of(start: Start) -> None:
    backend = desk()
    route = backend["POST /tickets"]
    gateway = await start(SPECS, desk=backend)
    route.delay = 0.05
    first = asyncio.ensure_future(gateway.chat(body(), idempotency_key="k-1"))
    async with asyncio.timeout(5):
        while not route.count:
            await asyncio.sleep(0.002)
    running = await gateway.chat(body(), idempotency_key="k-1")
    assert (running.status_code, running.json()["code"], running.json()["detail_code"]) == (409, "conflict", "still_running")
    assert running.headers["retry-after"] == "1"
    other = await gateway.chat(body("bye"), idempotency_key="k-1")
    assert (other.status_code, other.json()["code"], other.json()["detail_code"]) == (422, "invalid_request", "idempotency_key_reused")
    assert (await first).status_code == 200
    route.fault = "reset"
    assert (await gateway.chat(body(), idempotency_key="k-2")).status_code == 503
    unknown = await gateway.chat(body(), idempotency_key="k-2")
    assert (unknown.status_code, unknown.json()["detail_code"]) == (409, "outcome_unknown")
    assert "person" in unknown.json()["reply"]["text"]
    assert "retry-after" not in unknown.headers
    assert route.count == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "x" * 10_000, "a b", "tab\there", "\x00", "line\nbreak", "ü", "\u202e"])
async def test_hostile_keys_are_refused_before_anything_is_done(start: Start, key: str) -> None:
    backend = desk()
    gateway = await start(SPECS, desk=backend)
    refused = await gateway.chat(body(idempotency_key=key))
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_request")
    raw = key.encode()
    in_header = await gateway.raw.chat(body(), (KEY.lower().encode(), raw), key="key-alice")
    assert in_header.status == (431 if len(raw) > 8192 else 400)
    assert backend["POST /tickets"].count == 0


async def test_two_keys_are_none(start: Start) -> None:
    gateway = await start(SPECS, desk=desk())
    name = KEY.lower().encode()
    assert (await gateway.raw.chat(body(), (name, b"a"), (name, b"a"), key="key-alice")).status == 400
    assert (await gateway.chat(body(idempotency_key="a"), idempotency_key="b")).status_code == 400


class From(Client):
    """A caller at another address."""

    def __init__(self, app: Any, address: str) -> None:
        async def moved(scope: Any, receive: Any, send: Any) -> None:
            await app.asgi({**scope, "client": (address, 1)}, receive, send)

        super().__init__(moved)


async def test_anonymous_callers_are_told_apart_by_their_address(start: Start) -> None:
    backend = desk()
    gateway = await start(SPECS, desk=backend)
    key = (KEY.lower().encode(), b"k")
    answers = [await From(gateway.application, address).chat(body(), key, key=None) for address in ("192.0.2.1", "192.0.2.2", "192.0.2.1")]
    assert [(answer.status, answer.json()["data"]["number"]) for answer in answers] == [(200, 1), (200, 2), (200, 1)]
    assert backend["POST /tickets"].count == 2


async def test_keys_of_callers_are_their_own(start: Start) -> None:
    backend = desk()
    gateway = await start(SPECS, desk=backend)
    answers = [await gateway.chat(body(), user=user, idempotency_key="k") for user in ("alice", "bob", "alice")]
    assert [answer.json()["data"]["number"] for answer in answers] == [1, 2, 1]


async def test_what_is_masked_is_masked_again(start: Start, tmp_path: Path) -> None:
    write(tmp_path, {"policies/masks.yaml": MASKS})
    gateway = await start(PERSONAL, desk=desk())
    answers = [(await gateway.chat(body(), idempotency_key="k-1")).json()["data"] for _ in range(2)]
    assert answers == [{"number": 1, "mail": None}] * 2
    assert (await gateway.chat(body(), user="operator", idempotency_key="k-1")).json()["data"] == {"number": 2, "mail": "ann@acme.example"}


async def test_nothing_of_a_request_or_an_answer_can_be_read_in_the_store(start: Start, tmp_path: Path) -> None:
    gateway = await start(SPECS, desk=desk())
    assert (await gateway.chat(body("secret words"), idempotency_key="k-1")).status_code == 200
    with closing(sqlite3.connect(tmp_path / "var/gateway.db")) as connection:
        rows = connection.execute(f"SELECT * FROM {TABLE}").fetchall()
    assert len(rows) == 1
    written = json.dumps(rows)
    assert not any(word in written for word in ("acme.example", "secret", "alice", "k-1", "open_ticket"))
