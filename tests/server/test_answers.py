"""Answers as JSON: what a caller sees, and what only those with the permission `trace` see."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gateway.sdk import Answer, Decision, ErrorEntry, Exchange, Forbidden, NotFound, Reply, StepReport
from gateway.server.answers import whole_answer
from gateway.server.outgoing import Outgoing
from tests.policies.exchanges import identified, make_caller
from tests.server.gateways import make_plan

PLAN = make_plan()


def answered(answer: Answer, *roles: str) -> Outgoing:
    exchange: Exchange = identified(make_caller(*roles), deadline=102.0)
    return whole_answer(PLAN, exchange, answer, 100.0834)


def body(outgoing: Outgoing) -> Any:
    return msgspec.json.decode(outgoing.body)


STEP = StepReport("fallback", rung=1, ms=12.34567, attempts=2, cached=True, reason="timeout", source="erp", operation="order")
FAULT = ErrorEntry("order", "timeout", "Late.", retryable=True, source="erp")


def test_steps_are_told_in_short() -> None:
    told = body(answered(Answer("partial", steps={"a": STEP, "b": StepReport("ok", items=[{"index": 0}])}, errors=[FAULT]), "customer"))
    assert told["meta"]["steps"] == {
        "a": {"status": "fallback", "rung": 1, "reason": "timeout"},
        "b": {"status": "ok", "items": [{"index": 0}]},
    }
    assert (told["meta"]["ms"], told["meta"]["deadline_ms"], told["meta"]["config"]) == (83, 2000, "sha256:9f2c")
    assert "erp" not in str(told)


def test_and_in_full_to_those_who_may_trace() -> None:
    told = body(answered(Answer("partial", steps={"a": STEP}, errors=[FAULT]), "operator"))
    assert told["meta"]["steps"]["a"] == {
        "status": "fallback",
        "rung": 1,
        "reason": "timeout",
        "items": None,
        "source": "erp",
        "operation": "order",
        "ms": 12.346,
        "attempts": 2,
        "cached": True,
        "breaker": None,
    }
    assert told["errors"][0]["source"] == "erp"


def test_a_circuit_hedges_and_staleness_are_told_in_full_only() -> None:
    answer = Answer("complete", steps={"a": StepReport("stale", breaker="half_open", hedges=1, stale=True)})
    told = body(answered(answer, "operator"))["meta"]["steps"]["a"]
    assert (told["breaker"], told["hedges"], told["stale"]) == ("half_open", 1, True)
    assert body(answered(answer, "customer"))["meta"]["steps"]["a"] == {"status": "stale"}


@pytest.mark.parametrize(
    ("status", "code"), [("complete", 200), ("partial", 200), ("degraded", 200), ("needs_input", 200), ("pending", 202)]
)
def test_statuses(status: Any, code: int) -> None:
    assert answered(Answer(status)).status == code


def test_a_failed_answer_is_a_problem_with_its_reply() -> None:
    outgoing = answered(Answer("failed", error=NotFound(), errors=[FAULT], reply=Reply(text="Gone.")))
    assert (outgoing.status, body(outgoing)["reply"]["text"], len(body(outgoing)["errors"])) == (404, "Gone.", 1)


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("data", [object(), "\ud800", nested(100_000), {"a": {1, object()}}])
def test_data_that_is_no_json_is_a_bad_response_and_no_fault_of_ours(data: Any) -> None:
    outgoing = answered(Answer("complete", data=data))
    assert (outgoing.status, body(outgoing)["code"]) == (502, "bad_response")


def test_a_reply_that_is_no_json_costs_only_itself() -> None:
    outgoing = answered(Answer("failed", error=NotFound(), reply=Reply(text="\ud800")))
    assert (outgoing.status, "reply" in body(outgoing)) == (404, False)


DENY = Decision(False, "policies/roles.yaml:7", "contractors see no billing", "rule")
TOLD = {"allowed": False, "rule": "policies/roles.yaml:7", "reason": "contractors see no billing"}


@pytest.mark.parametrize(
    ("answer", "role", "told"),
    [
        (Answer("denied", error=Forbidden()), "operator", TOLD),
        (Answer("denied", error=Forbidden()), "customer", None),
        (Answer("complete"), "operator", TOLD),
        (Answer("complete"), "customer", None),
        (Answer("denied", error=NotFound()), "operator", None),
        (Answer("failed", error=NotFound()), "operator", None),
    ],
)
def test_the_deciding_line_is_for_those_who_may_trace(answer: Answer, role: str, told: Any) -> None:
    """What is not found tells none, whether it is absent or denied."""
    exchange = identified(make_caller(role), deadline=102.0, notes={"decision": DENY})
    found = body(whole_answer(PLAN, exchange, answer, 100.0))
    assert (found if answer.error is not None else found["meta"]).get("decision") == told
