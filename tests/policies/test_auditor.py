"""Which requests are recorded, with what, and what happens while nothing can be."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.policies.auditor import FAULT, NOTE, Witness
from gateway.sdk import Answer, Decision, Exchange, Forbidden, Unauthorized, Unavailable
from tests.policies.auditing import Auditing, auditing
from tests.policies.exchanges import FakeCard, identified, make_caller, make_exchange

SECRETS = {
    "input": {"iban": "canary-input"},
    "body": {"x": "canary-body"},
    "headers": {"authorization": "canary-token"},
    "message": "canary-text",
}


def asked(name: str = "track_order", **members: Any) -> Exchange:
    return identified(make_caller("customer"), chosen=FakeCard(name), **SECRETS, **members)


def end(gate: Auditing, exchange: Exchange, answer: Answer, error: str | None = None) -> Unavailable | None:
    return gate.auditor.conclude(exchange, answer, answer.status, error)


def denial(error: Any = Forbidden) -> Answer:
    return Answer("denied", error=error())


async def test_a_request_that_was_allowed() -> None:
    async with auditing() as gate:
        exchange = asked(notes={"decision": Decision(True, "policies/roles.yaml:3", "role customer", "allowed")})
        gate.auditor.admit(exchange)
        witness: Witness = exchange.notes[NOTE]
        witness.operations |= {"erp.order": None, "erp.customer": None, "track.get": None}
        exchange.notes["masked"] = ["output.iban"]
        exchange.notes["idempotency"] = "run"
        assert end(gate, exchange, Answer("partial", "reduced", data={"iban": "canary-data"})) is None
        (record,) = await gate.records()
        assert record.pop("id")
        assert record == {
            "event": "request",
            "time": "2026-11-20T12:00:00.000000Z",
            "request_id": "r-1",
            "decision": "allowed",
            "rule": "policies/roles.yaml:3",
            "reason": "role customer",
            "error": None,
            "user.id": "u1",
            "user.roles": ["customer"],
            "user.kind": "api_key",
            "user.issuer": None,
            "tenant.id": "default",
            "channel": "api",
            "route": None,
            "intent": "track_order",
            "version": 1,
            "trace_id": None,
            "status": "partial",
            "level": "reduced",
            "sources": ["erp", "track"],
            "operations": ["erp.order", "erp.customer", "track.get"],
            "writes": [],
            "masked": ["output.iban"],
            "idempotency": "run",
        }
        assert "canary" not in "".join(gate.shelf.bodies)


async def test_a_request_that_a_guard_denied_names_the_guard() -> None:
    async with auditing() as gate:
        exchange = asked(notes={"decision": Decision(True, "policies/roles.yaml:3", "role customer", "allowed")})
        gate.auditor.admit(exchange)
        exchange.notes["denied_by"] = "specs/order.yaml:12"
        end(gate, exchange, denial(), "forbidden")
        (record,) = await gate.records()
        assert (record["decision"], record["rule"], record["reason"]) == ("denied", "specs/order.yaml:12", None)
        assert record["error"] == "forbidden"


async def test_only_the_fields_that_were_asked_for() -> None:
    async with auditing(fields=("user.id", "status")) as gate:
        exchange = asked()
        gate.auditor.admit(exchange)
        end(gate, exchange, Answer("complete"))
        (record,) = await gate.records()
        assert sorted(record) == [
            "decision", "error", "event", "id", "reason", "request_id", "rule", "status", "time", "user.id",
        ]  # fmt: skip


class TestWhich:
    """Which requests leave a record."""

    @pytest.mark.parametrize(("decisions", "kept"), [("all", ["allowed", "denied"]), ("denied", ["denied"]), ("allowed", ["allowed"])])
    async def test_decisions(self, decisions: str, kept: list[str]) -> None:
        async with auditing(decisions=decisions) as gate:
            for answer in (Answer("complete"), denial()):
                exchange = asked()
                gate.auditor.admit(exchange)
                end(gate, exchange, answer)
            assert gate.writer.depth <= 2
            assert [record["decision"] for record in await gate.records()] == kept
            assert gate.writer.depth == 0

    async def test_intents(self) -> None:
        async with auditing(everything=False) as gate:
            for name in ("track_order", "help"):
                exchange = asked(name)
                gate.auditor.admit(exchange)
                end(gate, exchange, denial())
            end(gate, make_exchange(), denial(Unauthorized))
            assert [record["intent"] for record in await gate.records()] == ["track_order"]

    async def test_refusals_before_an_intent_is_known(self) -> None:
        async with auditing() as gate:
            end(gate, make_exchange(), denial(Unauthorized), "unauthorized")
            end(gate, make_exchange(), Answer("failed"), "not_found")
            end(gate, make_exchange(), Answer("complete"))
            (record,) = await gate.records()
            assert (record["decision"], record["error"], record["user.id"], record["intent"]) == ("denied", "unauthorized", None, None)

    @pytest.mark.parametrize(("operations", "decision"), [({}, "none"), ({"erp.order": None}, "allowed")])
    async def test_requests_without_an_answer(self, operations: dict[str, None], decision: str) -> None:
        async with auditing() as gate:
            exchange = asked()
            gate.auditor.admit(exchange)
            exchange.notes[NOTE].operations = operations
            gate.auditor.conclude(exchange, None, "cancelled", "cancelled")
            (record,) = await gate.records()
            assert (record["decision"], record["status"], record["error"]) == (decision, "cancelled", "cancelled")


class TestDeny:
    """`when_sink_fails: deny`."""

    async def test_requests_are_refused_before_anything_is_done(self) -> None:
        async with auditing() as gate:
            await gate.fail()
            exchange = asked()
            with pytest.raises(Unavailable) as caught:
                gate.auditor.admit(exchange)
            assert (caught.value.code, caught.value.detail_code) == ("unavailable", "audit_unavailable")
            assert exchange.notes == {"fault": FAULT}
            assert gate.counted("refused") == 1

    async def test_intents_that_are_not_recorded_go_on(self) -> None:
        async with auditing() as gate:
            await gate.fail()
            gate.auditor.admit(asked("help"))

    async def test_a_request_that_was_let_in_keeps_its_place(self) -> None:
        async with auditing() as gate:
            exchange = asked()
            gate.auditor.admit(exchange)
            await gate.fail()
            assert end(gate, exchange, Answer("complete")) is None
            gate.shelf.fault = None
            assert [record["event"] for record in await gate.records()] == ["probe", "request"]

    async def test_a_refusal_that_cannot_be_recorded_is_not_told(self) -> None:
        async with auditing() as gate:
            await gate.fail()
            unkept = end(gate, make_exchange(), denial(Unauthorized), "unauthorized")
            assert unkept is not None
            assert unkept.detail_code == "audit_unavailable"

    async def test_a_write_waits_until_its_record_is_durable(self) -> None:
        async with auditing() as gate:
            witness = Witness(gate.auditor, asked())
            await gate.auditor.started(witness, {"operation": "erp.cancel", "key": "k"}, 200.0)
            assert '"event":"write_started"' in gate.shelf.bodies[0]
            gate.auditor.ended(witness, {"operation": "erp.cancel", "key": "k", "outcome": "ok"})
            assert [(record["event"], record.get("outcome")) for record in await gate.records()] == [
                ("write_started", None),
                ("write_ended", "ok"),
            ]
            assert gate.writer.depth == 0

    async def test_a_write_whose_record_fails_is_not_sent(self) -> None:
        async with auditing() as gate:
            witness = Witness(gate.auditor, asked())
            gate.shelf.fault = "gone"
            with pytest.raises(Unavailable):
                await gate.auditor.started(witness, {"operation": "erp.cancel"}, 200.0)
            with pytest.raises(Unavailable):
                await gate.auditor.started(witness, {"operation": "erp.cancel"}, 200.0)
            gate.shelf.fault = None
            records = await gate.records()
            assert [(record["event"], record.get("outcome")) for record in records] == [
                ("write_started", None),
                ("write_ended", "not_sent"),
            ]

    @pytest.mark.parametrize("late", [True, False])
    async def test_a_write_whose_record_is_late_is_not_sent(self, late: bool) -> None:
        async with auditing() as gate:
            witness = Witness(gate.auditor, asked())
            with gate.shelf.lock:
                writing = asyncio.create_task(gate.auditor.started(witness, {"operation": "erp.cancel"}, 100.03 if late else 200.0))
                await asyncio.sleep(0.01)
                if not late:
                    writing.cancel()
                with pytest.raises(Unavailable if late else asyncio.CancelledError):
                    await writing
            assert [(record["event"], record.get("outcome")) for record in await gate.records()] == [
                ("write_started", None),
                ("write_ended", "not_sent"),
            ]
            assert gate.writer.depth == 0


class TestContinue:
    """`when_sink_fails: continue`."""

    async def test_requests_and_writes_go_on_and_are_recorded_later(self) -> None:
        async with auditing(required=False) as gate:
            await gate.fail()
            exchange = asked()
            gate.auditor.admit(exchange)
            await gate.auditor.started(exchange.notes[NOTE], {"operation": "erp.cancel"}, 200.0)
            gate.auditor.ended(exchange.notes[NOTE], {"operation": "erp.cancel", "outcome": "ok"})
            assert end(gate, exchange, Answer("complete")) is None
            gate.shelf.fault = None
            assert [record["event"] for record in await gate.records()] == ["probe", "write_started", "write_ended", "request"]

    async def test_what_finds_no_place_is_counted(self) -> None:
        async with auditing(required=False) as gate:
            gate.writer._capacity = 0
            exchange = asked()
            gate.auditor.admit(exchange)
            assert end(gate, exchange, Answer("complete")) is None
            assert gate.counted("dropped") == 1
