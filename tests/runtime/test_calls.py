from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.runtime.conftest import USER, Make
from tests.runtime.specs import ORDERS, codes, intent, statuses


@pytest.mark.parametrize(
    ("operation", "step", "deadline", "expected"),
    [
        ("timeout: 400ms", "", "10s", 0.4),
        ("timeout: 400ms", "timeout: 200ms", "10s", 0.2),
        ("timeout: 4s", "", "1s", 0.98),
        ("", "", "10s", 5.0),
    ],
)
async def test_a_call_has_the_least_of_its_limits(gateway: Make, operation: str, step: str, deadline: str, expected: float) -> None:
    specs = intent(f"deadline: {deadline}\nsteps: {{orders: {{call: erp.orders, {step}}}}}\noutput: '${{ steps.orders }}'")
    made = await gateway(specs.replace("orders: {}", f"orders: {{{operation}}}"), {"erp.orders": []})
    asked = made.clock.monotonic()
    await made.ask("ask", {}, user=USER)
    assert made.calls[0].deadline - asked == pytest.approx(expected, abs=0.03)


async def test_arguments_are_completed_and_checked_against_params(gateway: Make) -> None:
    params = "{type: object, properties: {id: {type: string}, n: {type: integer, default: 3, maximum: 5}}, additionalProperties: false}"
    specs = intent("""
        steps: {order: {call: erp.order, with: {id: "${ input.id }", n: "${ input.n }"}, required: false}}
        output: "${ steps.order }"
        """).replace("order: {params: {type: object, required: [id], properties: {id: {type: string}}}}", f"order: {{params: {params}}}")
    made = await gateway(specs, {"erp.order": lambda **given: given})
    assert (await made.ask("ask", {"id": 7}, user=USER)).data == {"id": "7", "n": 3}
    answer = await made.ask("ask", {"n": 9}, user=USER)
    assert codes(answer) == [("order", "invalid_request")]
    assert len(made.calls) == 1


async def test_equal_reads_of_one_request_are_one_call(gateway: Make) -> None:
    async def backend(id: str) -> dict[str, Any]:
        await asyncio.sleep(0.005)
        return {"id": id}

    made = await gateway(
        intent("""
        steps:
          a: {call: erp.order, with: {id: "1"}}
          b: {call: erp.order, with: {id: "1"}}
          c: {call: erp.order, with: {id: "2"}}
        output: {a: "${ steps.a.id }", b: "${ steps.b.id }", c: "${ steps.c.id }"}
        """),
        {"erp.order": backend},
    )
    assert (await made.ask("ask", {}, user=USER)).data == {"a": "1", "b": "1", "c": "2"}
    assert sorted(call["id"] for call in made.called("erp.order")) == ["1", "2"]


async def test_equal_writes_are_two_calls(gateway: Make) -> None:
    made = await gateway(
        intent("""
        steps: {a: {call: erp.note, with: {text: x}}, b: {call: erp.note, with: {text: x}}}
        output: ["${ steps.a }", "${ steps.b }"]
        """),
        {"erp.note": 1},
    )
    await made.ask("ask", {}, user=USER)
    assert len(made.calls) == 2


async def test_an_emit_is_a_write_to_an_operation(gateway: Make) -> None:
    made = await gateway(
        intent('steps: {tell: {emit: {to: erp.note, data: {text: "${ input.text }"}}}}\noutput: "${ status.tell }"'), {"erp.note": None}
    )
    assert (await made.ask("ask", {"text": "hello"}, user=USER)).data == "ok"
    assert made.called("erp.note") == [{"text": "hello"}]


@pytest.mark.parametrize(
    ("inner", "status"), [("call: erp.order, with: {id: '1'}", "skipped"), ("call: erp.note, with: {text: x}", "failed")]
)
async def test_a_sub_intent_without_a_required_input_is_skipped_or_fails_as_a_write_does(gateway: Make, inner: str, status: str) -> None:
    made = await gateway(
        f"""{ORDERS}---
intent: inner
input: {{type: object, required: [id], properties: {{id: {{type: string}}}}}}
steps: {{it: {{{inner}}}}}
output: "${{ steps.it }}"
---
intent: ask
input: {{type: object}}
steps: {{inner: {{call: intent.inner, with: {{id: "${{ input.id }}"}}}}}}
output: "${{ steps.inner }}"
""",
        {"erp.order": {}, "erp.note": {}},
    )
    answer = await made.ask("ask", {}, user=USER)
    assert statuses(answer) == {"inner": status}
    assert made.calls == []


@pytest.mark.parametrize("call", ["call: erp.counted", "call: intent.counted"])
async def test_what_does_not_fit_is_named_without_its_value(gateway: Make, call: str) -> None:
    made = await gateway(
        f"""{ORDERS.rstrip()}
  counted: {{params: {{type: object, properties: {{n: {{type: integer}}}}}}}}
---
intent: counted
input: {{type: object, properties: {{n: {{type: integer}}}}}}
output: 1
---
intent: ask
input: {{type: object}}
steps:
  order: {{call: erp.order, with: {{id: "1"}}}}
  next: {{{call}, with: {{n: "${{ steps.order.card }}"}}}}
output: "${{ steps.next }}"
""",
        {"erp.order": {"card": "4111-1111"}, "erp.counted": 1},
    )
    answer = await made.ask("ask", {}, user=USER)
    assert codes(answer) == [("next", "invalid_request")]
    assert answer.error is not None
    assert "`n`" in answer.error.message
    assert "4111" not in f"{answer.error.message} {answer.error.details} {answer.errors}"
