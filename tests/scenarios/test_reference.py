"""The composed answer equals what a naive reference composes, over generated intents, data and faults, and is as published."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, assume, given, seed, settings

from gateway.sdk import Answer, Conflict, Unavailable
from gateway.testing.scenario import prepare
from tests.runtime.conftest import ROLES, USER
from tests.scenarios.generated import REQUIRED, Case, cases
from tests.scenarios.reference import Expected, Reference

NEVER_RIGHT = {"GW226", "GW236", "GW261", "GW262", "GW264"}
"""A generated join may name fields that its rows don't have, or that both sides have; values may be compared, or read, that can't be:
such an intent is refused."""


async def composed(case: Case) -> tuple[Answer, Any]:
    """What the gateway answers, and the schema that it publishes of such answers."""
    with TemporaryDirectory() as folder:
        files = {"specs/all.yaml": case.document(), "policies/roles.yaml": ROLES}
        made = prepare(Path(folder), files, case.fakes())
    assume(not {problem.code for problem in made.problems} & NEVER_RIGHT)
    plan = made.plan.catalogue.get("generated")
    assert plan is not None
    return await made.ask("generated", case.given, user=USER), plan.output_schema


def told(answer: Answer) -> dict[str, Any]:
    """An answer without what depends on time."""
    return {
        "status": answer.status,
        "level": answer.level,
        "data": answer.data,
        "errors": sorted(((each.step, each.code, each.path) for each in answer.errors), key=str),
        "steps": {name: report.status for name, report in answer.steps.items()},
    }


def compare(answer: Answer, expected: Expected) -> None:
    if not expected.candidates:
        assert json.dumps(told(answer), sort_keys=True) == json.dumps(wanted(expected), sort_keys=True)
        return
    [entry] = answer.errors
    assert (answer.status, entry.step, entry.code) in expected.candidates
    assert answer.data is None
    assert answer.error is not None
    assert answer.error.code == entry.code


def wanted(expected: Expected) -> dict[str, Any]:
    return {
        "status": expected.status,
        "level": expected.level,
        "data": expected.data,
        "errors": expected.errors,
        "steps": expected.steps,
    }


async def agree(case: Case) -> Expected:
    expected = Reference(case.intent, REQUIRED, case.outcome).answer(case.given)
    answer, published = await composed(case)
    compare(answer, expected)
    if answer.error is None:
        jsonschema_rs.validate(published, answer.data)
    return expected


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(case=cases())
async def test_composed_answers_equal_the_reference(case: Case) -> None:
    await agree(case)


DISCARDED = """
source: erp
type: fake
operations:
  order: {params: {type: object, required: [id], properties: {id: {}}}}
---
intent: orders
input: {type: object}
steps:
  orders:
    foreach: "['a', 'b'][*]"
    call: erp.order
    with: {id: "${ item }"}
    item_error: fail
    required: false
    fallback: [{when: "error.code == 'conflict'", return: {}}]
output: "${ steps.orders }"
"""


async def test_what_a_failed_step_threw_away_does_not_count(tmp_path: Path) -> None:
    def order(id: str) -> None:
        raise Conflict if id == "a" else Unavailable

    made = prepare(tmp_path, {"specs/all.yaml": DISCARDED, "policies/roles.yaml": ROLES}, {"erp.order": order})
    answer = await made.ask("orders", {}, user=USER)
    assert (answer.status, answer.level, answer.data) == ("partial", "reduced", None)
    assert [(each.step, each.code) for each in answer.errors] == [("orders", "unavailable")]


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(case=cases())
async def test_many_composed_answers_equal_the_reference(case: Case) -> None:
    await agree(case)


@pytest.mark.slow
def test_generated_cases_are_of_every_kind() -> None:
    seen: Counter[str] = Counter()

    @seed(1)
    @settings(max_examples=500, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(case=cases())
    def run(case: Case) -> None:
        expected = Reference(case.intent, REQUIRED, case.outcome).answer(case.given)
        seen.update([expected.status, *(f"step {status}" for status in expected.steps.values())])
        seen.update(f"{status} candidate" for status, _, _ in expected.candidates)

    run()
    kinds = ("complete", "partial", "degraded", "failed candidate", "denied candidate")
    steps = ("ok", "fallback", "partial", "skipped", "failed")
    assert all(seen[kind] for kind in (*kinds, *(f"step {step}" for step in steps))), seen
