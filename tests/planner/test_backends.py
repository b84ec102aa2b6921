"""Operations and the chain of interceptors round each."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.planner.backends import INTERCEPTORS
from gateway.runtime.plan import CallOperation, OperationPlan
from gateway.sdk import InvalidRequest
from gateway.testing.scenario import scenario
from tests.planner.folders import intent_of, marked, planned

SOURCE = """
source: shop
type: fake
timeout: 2s
operations:
  one:
    timeout: 1s
    result: body.item
    params: {type: object, required: [sku, size], properties: {sku: {type: string}, size: {type: integer, default: 1}}}
  many: {params: {type: object, properties: {skus: {type: string}}}}
  batched:
    params: {type: object, properties: {sku: {type: string}}}
    batch: {operation: many, param: skus, join: ",", match: {sku: sku}}
---
intent: ask
input: {type: object}
steps:
  one: {call: shop.one, with: {sku: "${ input.sku }"}}
  batched: {call: shop.batched, with: {sku: "${ input.sku }"}}
output: {one: "${ steps.one }", batched: "${ steps.batched }"}
"""


def operations(folder: Path) -> dict[str, OperationPlan]:
    intent = intent_of(folder, SOURCE)
    return {step.action.operation.name: step.action.operation for step in intent.steps if isinstance(step.action, CallOperation)}


def test_an_operation_as_steps_see_it(tmp_path: Path) -> None:
    found = operations(tmp_path)
    one, batched = found["one"], found["batched"]
    assert (one.id, one.source, one.name, one.effect, one.timeout) == ("shop.one", "shop", "one", "read", 1.0)
    assert (one.required, one.batched) == ({"sku"}, False)
    assert (batched.timeout, batched.batched) == (2.0, True)
    assert one.complete({"sku": 7}) == {"sku": "7", "size": 1}
    with pytest.raises(InvalidRequest):
        one.complete({"sku": "a", "more": 1, "size": "large"})


async def test_calls_go_through_the_chain(tmp_path: Path) -> None:
    files = {"specs/a.yaml": SOURCE, "policies/r.yaml": "policy: roles\nroles: {c: {allow: ['intent:*']}}\n"}
    fakes = {"shop.one": {"item": {"sku": "A"}}, "shop.many": [{"sku": "A", "n": 1}]}
    async with scenario(tmp_path, files, fakes) as made:
        answer = await made.ask("ask", {"sku": "A"}, user={"id": "u", "roles": ["c"]})
    assert answer.data == {"one": {"sku": "A"}, "batched": {"sku": "A", "n": 1}}
    assert made.called("shop.many") == [{"skus": "A"}]


def test_the_onion_of_a_call_is_this() -> None:
    assert INTERCEPTORS == (
        "once", "audit", "cache", "coalesce", "batch", "measure", "retry", "hedge", "breaker", "bulkhead", "attempt", "deadline",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("operation", "problems"),
    [
        ("{params: {type: object, properties: {a: {type: string, pattern: '\\Q.\\E'}}}}", ["GW303"]),
        ("{success: status == `1`}", ["GW202"]),
        ("{result: 'body.'}", ["GW201"]),
        ("{error: {code: bdy.code, message: body.message}}", ["GW202"]),
        ("{batch: {operation: x, param: a, match: {b: c}}}", ["GW230"]),
    ],
)
def test_faults_of_a_declared_operation_are_told_though_nothing_calls_it(tmp_path: Path, operation: str, problems: list[str]) -> None:
    made = planned(tmp_path, f"source: shop\ntype: fake\noperations: {{a: {operation}}}\n")
    assert made.codes == problems


def test_of_a_broken_source_a_broken_operation_is_not_missed_and_an_unknown_one_is(tmp_path: Path) -> None:
    specs = (
        "source: shop\ntype: fake\noperations: {a: {result: 'body.'}}\n---\n"
        'intent: ask\nsteps: {a: {call: shop.a}, b: {call: shop.b}}\noutput: ["${ steps.a }", "${ steps.b }"]\n'
    )
    assert [code for code, _ in marked(tmp_path, planned(tmp_path, specs))] == ["GW201", "GW223"]
