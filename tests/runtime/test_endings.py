"""How a run begins and ends, for the caller and for the records."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.runtime.denial import Denied
from gateway.runtime.endings import context_of, denied, failed, first_frame
from gateway.runtime.intents import run_sub_intent
from gateway.sdk import Exchange, ExpressionFault, NotFound, StepReport, Unavailable
from tests.runtime.kept import ANN, HandClock, keeping

ASK = "intent: ask\ndeadline: 2s\nsteps: {a: {call: erp.orders}}\noutput: ${ steps.a }\n"


async def begun(folder: Path) -> tuple[Exchange, HandClock]:
    async with keeping(folder, ASK, {"erp.orders": 1}) as (made, clock):
        exchange = made.exchange("ask", user=ANN)
        await made.plan.handler(exchange)
        return exchange, clock


async def test_a_frame(tmp_path: Path) -> None:
    exchange, clock = await begun(tmp_path)
    frame = first_frame(exchange, clock, run_sub_intent)
    assert exchange.scope is not None
    assert (exchange.scope["steps"], exchange.scope["status"], exchange.scope["meta"]) == ({}, {}, {})
    assert frame.deadline == pytest.approx(exchange.started + 2 - 0.04)
    assert frame.context.identity == ("default", "scenario", "", "ann")
    assert set(frame.context.scope) == {"user", "tenant", "ctx", "config"}
    assert frame.context.notes is exchange.notes


async def test_nobody_has_no_frame(tmp_path: Path) -> None:
    exchange, clock = await begun(tmp_path)
    exchange.caller = None
    with pytest.raises(RuntimeError):
        first_frame(exchange, clock, run_sub_intent)
    with pytest.raises(RuntimeError):
        context_of(exchange)


async def test_a_denial_tells_no_more_than_its_own_step(tmp_path: Path) -> None:
    exchange, clock = await begun(tmp_path)
    frame = first_frame(exchange, clock, run_sub_intent)
    frame.reports = {"a": StepReport("failed", source="erp"), "b": StepReport("failed", source="crm")}
    answer = denied(exchange, frame, Denied(NotFound(status_code=404), "specs/all.yaml:7", "a"))
    assert (answer.status, answer.level, answer.data) == ("denied", "reduced", None)
    assert [(entry.step, entry.code, entry.source) for entry in answer.errors] == [("a", "not_found", "erp")]
    assert exchange.notes["denied_by"] == "specs/all.yaml:7"
    assert exchange.notes["decision"].allowed is False


async def test_where_an_expression_failed_is_noted_for_operators(tmp_path: Path) -> None:
    exchange, clock = await begun(tmp_path)
    frame = first_frame(exchange, clock, run_sub_intent)
    assert failed(exchange, frame, Unavailable(), "a").status == "failed"
    assert "fault" not in exchange.notes
    fault = ExpressionFault("odd")
    fault.add_note("in the expression a.b")
    answer = failed(exchange, frame, fault, None)
    assert answer.error is fault
    assert exchange.notes["fault"].endswith("outside of the steps; in the expression a.b")
    failed(exchange, frame, fault, "a")
    assert "step a" in exchange.notes["fault"]
