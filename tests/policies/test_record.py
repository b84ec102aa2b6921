"""One record and one count a request, however it ends."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from gateway.policies.record import Record, component
from gateway.sdk import Answer, Cancelled, Decision, Forbidden, Handler, NotFound, StepReport, Unavailable
from tests.policies.exchanges import FakeCard, FakeServices, answering, identified, make_caller, make_exchange, raising


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, logger="gateway.test")
    return caplog


async def run(services: FakeServices, proceed: Handler, exchange: Any = None) -> Answer:
    assert component.build is not None
    stage = component.build(component.Config(), services)
    services.clock.seconds = 100.0
    answer = await stage(exchange or make_exchange(), proceed)
    assert isinstance(answer, Answer)
    return answer


def fields(record: logging.LogRecord) -> dict[str, Any]:
    told: dict[str, Any] = record.fields  # type: ignore[attr-defined]
    return told


async def test_a_good_answer_is_told_in_full(logged: pytest.LogCaptureFixture) -> None:
    services = FakeServices()
    exchange = identified(
        make_caller("customer"),
        chosen=FakeCard("track_order"),
        confidence=1.0,
        session="s-1",
        traceparent=f"00-{'a' * 32}-{'b' * 16}-01",
        started=99.75,
        input={"secret": "hush"},
    )
    answer = Answer("partial", "reduced", data={"secret": "hush"}, steps={"order": StepReport("fallback", rung=1, ms=1.5)})
    await run(services, answering(answer), exchange)
    assert fields(logged.records[0]) == {
        "request_id": "r-1",
        "trace_id": "a" * 32,
        "session": "s-1",
        "message_id": None,
        "tenant": "default",
        "user": "u1",
        "identity": "api_key",
        "intent": "track_order",
        "confidence": 1.0,
        "status": "partial",
        "degradation": "reduced",
        "latency_ms": 250.0,
        "steps": {"order": {"status": "fallback", "ms": 1.5, "rung": 1}},
        "error": None,
    }
    assert logged.records[0].levelno == logging.INFO
    assert services.metrics.total("gateway_requests_total", intent="track_order", status="partial", tenant="default") == 1
    assert services.metrics.total("gateway_request_duration_seconds", intent="track_order") == 0.25
    levels = ("full", "reduced", "static", "maintenance")
    assert [services.metrics.total("gateway_answers_total", level=level) for level in levels] == [0, 1, 0, 0]


@pytest.mark.parametrize(("error", "level"), [(NotFound(), logging.INFO), (Unavailable(), logging.WARNING)])
async def test_a_backends_failure_is_louder_than_a_callers(logged: pytest.LogCaptureFixture, error: Any, level: int) -> None:
    services = FakeServices()
    await run(services, answering(Answer("failed", error=error)))
    assert (fields(logged.records[0])["error"], logged.records[0].levelno) == (error.code, level)
    assert fields(logged.records[0])["intent"] is None
    assert services.metrics.total("gateway_requests_total", intent="", status="failed", tenant="default") == 1


async def test_a_fault_of_our_own_is_counted_and_goes_on(logged: pytest.LogCaptureFixture) -> None:
    services = FakeServices()
    with pytest.raises(ZeroDivisionError):
        await run(services, raising(ZeroDivisionError()))
    assert (fields(logged.records[0])["status"], fields(logged.records[0])["error"]) == ("failed", "internal")
    assert logged.records[0].levelno == logging.ERROR
    assert services.metrics.total("gateway_requests_total", intent="", status="failed", tenant="default") == 1


async def test_a_client_that_hangs_up_is_no_failure(logged: pytest.LogCaptureFixture) -> None:
    services = FakeServices()
    with pytest.raises(asyncio.CancelledError):
        await run(services, raising(asyncio.CancelledError()), make_exchange(chosen=FakeCard("track_order")))
    assert fields(logged.records[0])["status"] == "cancelled"
    assert services.metrics.total("gateway_requests_abandoned_total", intent="track_order") == 1
    assert not any(name.startswith("gateway_requests_total") for name in services.metrics.meters)


async def test_a_request_that_never_was_complete_is_no_failure_either(logged: pytest.LogCaptureFixture) -> None:
    services = FakeServices()
    await run(services, answering(Answer("failed", error=Cancelled())))
    assert fields(logged.records[0])["status"] == "cancelled"
    assert services.metrics.total("gateway_requests_abandoned_total", intent="") == 1


async def test_a_logger_that_is_off_costs_no_record(logged: pytest.LogCaptureFixture) -> None:
    services = FakeServices()
    services.logger.setLevel(logging.ERROR)
    await Record(services)(make_exchange(), answering(Answer("complete")))  # type: ignore[arg-type]
    services.logger.setLevel(logging.INFO)
    assert logged.records == []


async def test_the_deciding_line_is_told(logged: pytest.LogCaptureFixture) -> None:
    decision = Decision(False, "policies/roles.yaml:7", "contractors see no billing", "rule")
    exchange = identified(make_caller("customer"), chosen=FakeCard("billing"), notes={"decision": decision})
    await run(FakeServices(), answering(Answer("denied", error=Forbidden())), exchange)
    assert fields(logged.records[0])["decision"] == {
        "allowed": False,
        "rule": "policies/roles.yaml:7",
        "reason": "contractors see no billing",
    }


@pytest.mark.parametrize(("paths", "told"), [(["data.mail", "reply.text"], 2), ([], None)])
async def test_how_many_fields_were_masked_is_told_and_not_which(
    logged: pytest.LogCaptureFixture, paths: list[str], told: int | None
) -> None:
    exchange = make_exchange()
    exchange.notes["masked"] = paths
    await run(FakeServices(), answering(Answer("complete")), exchange)
    assert fields(logged.records[0]).get("masked") == told


@pytest.mark.parametrize(
    ("report", "told"),
    [
        (StepReport("ok", attempts=1, breaker="closed"), {"status": "ok", "ms": 0.0}),
        (StepReport("ok", attempts=3, hedges=1), {"status": "ok", "ms": 0.0, "attempts": 3, "hedges": 1}),
        (
            StepReport("stale", cached=True, stale=True, breaker="open"),
            {"status": "stale", "ms": 0.0, "breaker": "open", "cached": True, "stale": True},
        ),
        (StepReport("failed", attempts=2, breaker="half_open"), {"status": "failed", "ms": 0.0, "attempts": 2, "breaker": "half_open"}),
    ],
)  # fmt: skip
async def test_what_happened_on_a_steps_way_is_told(logged: pytest.LogCaptureFixture, report: StepReport, told: dict[str, Any]) -> None:
    await run(FakeServices(), answering(Answer("complete", steps={"order": report})))
    assert fields(logged.records[0])["steps"] == {"order": told}
