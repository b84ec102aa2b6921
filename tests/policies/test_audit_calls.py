"""Operations that were used are noted; a write is recorded before it goes out and when it has ended."""

from __future__ import annotations

import asyncio
import json
from hashlib import sha256

import pytest

from gateway.policies.audit_calls import build, component, outcome_of
from gateway.policies.auditor import NOTE, Witness
from gateway.sdk import (
    BackendError,
    BadResponse,
    Call,
    CircuitOpen,
    Conflict,
    ExpressionFault,
    GatewayError,
    InvalidRequest,
    NotFound,
    Overloaded,
    Result,
    Timeout,
    Unavailable,
)
from gateway.testing.services import FakeServices
from tests.policies.auditing import Auditing, auditing
from tests.policies.calls_under_way import FakeOperation, answering, binding_of, call_by, value
from tests.policies.exchanges import FakeCard, identified, make_caller

READ = build(binding_of(FakeOperation()), FakeServices())
WRITE = build(binding_of(FakeOperation(name="cancel", effect="write")), FakeServices())


def call_in(gate: Auditing) -> tuple[Call, Witness]:
    exchange = identified(make_caller("customer"), chosen=FakeCard("track_order"))
    gate.auditor.admit(exchange)
    witness: Witness = exchange.notes[NOTE]
    call = call_by(arguments={"iban": "canary-argument"})
    call.context.notes = exchange.notes
    call.idempotency_key = "canary-key"
    return call, witness


async def nothing(_: Call) -> str:
    return "done"


async def test_requests_that_are_not_recorded_pass() -> None:
    for interceptor in (READ, WRITE):
        assert (await interceptor(call_by(), answering(nothing))).value == "done"


async def test_a_read_is_noted_and_nothing_more() -> None:
    async with auditing() as gate:
        call, witness = call_in(gate)
        await READ(call, answering(nothing))
        await READ(call, answering(nothing))
        assert (list(witness.operations), witness.writes) == (["erp.order"], [])
        assert await gate.records() == []


async def test_a_write_is_recorded_before_and_behind() -> None:
    async with auditing() as gate:
        call, witness = call_in(gate)
        seen: list[list[str]] = []

        async def work(_: Call) -> Result:
            seen.append([json.loads(body)["event"] for body in gate.shelf.bodies])
            return value("done")

        await WRITE(call, work)
        assert seen == [["write_started"]]
        key = sha256(b"canary-key").hexdigest()[:32]
        assert witness.writes == [{"operation": "erp.cancel", "key": key, "outcome": "ok"}]
        started, ended = await gate.records()
        assert (started["event"], started["operation"], started["key"], started["user.id"]) == ("write_started", "erp.cancel", key, "u1")
        assert (ended["event"], ended["outcome"], ended["request_id"]) == ("write_ended", "ok", "r-1")
        assert "canary" not in "".join(gate.shelf.bodies)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (InvalidRequest(), "failed"),
        (NotFound(), "failed"),
        (Conflict(), "failed"),
        (CircuitOpen(), "failed"),
        (Overloaded(), "failed"),
        (BackendError(status_code=400), "failed"),
        (BackendError(status_code=408), "unknown"),
        (BackendError(status_code=500), "unknown"),
        (BackendError(), "unknown"),
        (BadResponse(), "unknown"),
        (Timeout(), "unknown"),
        (Unavailable(), "unknown"),
        (ExpressionFault(), "unknown"),
    ],
    ids=str,
)
async def test_a_write_that_fails_is_recorded_with_what_is_known(error: GatewayError, outcome: str) -> None:
    assert outcome_of(error) == outcome
    async with auditing() as gate:
        call, witness = call_in(gate)

        async def work(_: Call) -> Result:
            raise error

        with pytest.raises(type(error)):
            await WRITE(call, work)
        assert (witness.writes[0]["outcome"], witness.writes[0]["error"]) == (outcome, error.code)
        assert [(record["event"], record.get("outcome")) for record in await gate.records()] == [
            ("write_started", None),
            ("write_ended", outcome),
        ]


@pytest.mark.parametrize("error", [asyncio.CancelledError(), ZeroDivisionError()], ids=repr)
async def test_a_write_that_was_torn_off_may_have_been_done(error: BaseException) -> None:
    async with auditing() as gate:
        call, _ = call_in(gate)

        async def work(_: Call) -> Result:
            raise error

        with pytest.raises(type(error)):
            await WRITE(call, work)
        assert (await gate.records())[-1]["outcome"] == "unknown"


async def test_a_write_that_ends_behind_its_request_is_recorded_all_the_same() -> None:
    async with auditing() as gate:
        call, witness = call_in(gate)
        go = asyncio.Event()

        async def work(_: Call) -> Result:
            await go.wait()
            return value("done")

        writing = asyncio.create_task(WRITE(call, work))
        async with asyncio.timeout(5):
            while not witness.writes:
                await asyncio.sleep(0.002)
        gate.auditor.conclude(witness.exchange, None, "cancelled", "cancelled")
        go.set()
        await writing
        records = await gate.records()
        assert [record["event"] for record in records] == ["write_started", "request", "write_ended"]
        assert (records[1]["writes"][0]["outcome"], records[2]["outcome"]) == ("unknown", "ok")


async def test_a_write_is_not_sent_where_its_record_cannot_be_kept() -> None:
    async with auditing() as gate:
        call, witness = call_in(gate)
        await gate.fail()
        sent = []

        async def work(sending: Call) -> Result:
            sent.append(sending)
            return value("done")

        with pytest.raises(Unavailable) as caught:
            await WRITE(call, work)
        assert (caught.value.detail_code, sent, witness.writes) == ("audit_unavailable", [], [])
        gate.writer.release(1)


async def test_where_only_denials_are_recorded_writes_are_not() -> None:
    async with auditing(decisions="denied") as gate:
        call, witness = call_in(gate)
        await WRITE(call, answering(nothing))
        assert list(witness.operations) == ["erp.cancel"]
        assert await gate.records() == []


def test_the_component_says_what_it_is() -> None:
    assert (component.kind, component.name) == ("interceptor", "audit")
