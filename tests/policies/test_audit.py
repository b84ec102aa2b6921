"""The stage tells the auditor how every request ended, and withholds what can't be recorded."""

from __future__ import annotations

import asyncio

import pytest

from gateway.policies.audit import AuditConfig, build, component
from gateway.policies.auditor import NOTE
from gateway.sdk import Answer, Cancelled, Exchange, Forbidden, Handler, Unavailable
from tests.policies.auditing import Auditing, auditing
from tests.policies.exchanges import FakeCard, FakeServices, answering, identified, make_caller, make_exchange, raising


async def run(gate: Auditing, proceed: Handler, exchange: Exchange | None = None) -> Answer:
    stage = build(AuditConfig(auditor=gate.auditor), FakeServices())  # type: ignore[arg-type]
    if exchange is None:
        exchange = identified(make_caller("customer"), chosen=FakeCard("track_order"))
        gate.auditor.admit(exchange)
    return await stage(exchange, proceed)


async def test_an_answer_passes_as_it_is() -> None:
    async with auditing() as gate:
        answer = Answer("complete", data={"a": 1})
        assert await run(gate, answering(answer)) is answer
        (record,) = await gate.records()
        assert (record["status"], record["decision"], record["error"]) == ("complete", "allowed", None)


async def test_failures_are_recorded_with_their_code() -> None:
    async with auditing() as gate:
        await run(gate, answering(Answer("failed", error=Unavailable())))
        await run(gate, answering(Answer("denied", error=Forbidden())))
        await run(gate, answering(Answer("failed", error=Cancelled())))
        told = [(record["status"], record["decision"], record["error"]) for record in await gate.records()]
        assert told == [("failed", "allowed", "unavailable"), ("denied", "denied", "forbidden"), ("cancelled", "allowed", "cancelled")]


@pytest.mark.parametrize(
    ("error", "status", "code"), [(asyncio.CancelledError(), "cancelled", "cancelled"), (ZeroDivisionError(), "failed", "internal")]
)
async def test_requests_that_never_get_an_answer_are_recorded(error: BaseException, status: str, code: str) -> None:
    async with auditing() as gate:
        with pytest.raises(type(error)):
            await run(gate, raising(error))
        (record,) = await gate.records()
        assert (record["status"], record["error"]) == (status, code)


async def test_an_answer_that_cannot_be_recorded_is_withheld() -> None:
    async with auditing() as gate:
        await gate.fail()
        exchange = make_exchange()
        answer = await run(gate, answering(Answer("denied", data={"secret": 1}, error=Forbidden())), exchange)
        assert (answer.status, answer.data, exchange.answer) == ("failed", None, answer)
        assert answer.error is not None
        assert answer.error.detail_code == "audit_unavailable"


async def test_a_request_is_recorded_once() -> None:
    async with auditing() as gate:
        exchange = identified(make_caller("customer"), chosen=FakeCard("track_order"))
        gate.auditor.admit(exchange)
        await run(gate, answering(Answer("complete")), exchange)
        assert NOTE not in exchange.notes
        assert gate.writer.depth <= 1
        assert len(await gate.records()) == 1


def test_it_stands_where_everything_ends() -> None:
    assert (component.kind, component.name, component.phase) == ("stage", "audit", "record")
