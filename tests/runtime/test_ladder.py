from __future__ import annotations

import asyncio

import pytest

from gateway.sdk import BackendError, NotFound, Timeout, Unavailable
from tests.runtime.conftest import USER, Make
from tests.runtime.specs import codes, intent, statuses

LADDER = """
deadline: 200ms
steps:
  order:
    call: erp.order
    with: {id: "1"}
    output: {state: "${ result.status }"}
    fallback:
      - when: error.code == 'not_found'
        return: {state: none, of: "${ error.step }"}
      - call: erp.orders
        output: {state: "${ result[0].status }", after: "${ error.code }"}
      - return: {state: unknown}
output: "${ steps.order }"
"""


async def test_no_rung_is_taken_where_the_call_succeeds(gateway: Make) -> None:
    made = await gateway(intent(LADDER), {"erp.order": {"status": "open"}, "erp.orders": []})
    answer = await made.ask("ask", {}, user=USER)
    assert answer.data == {"state": "open"}
    assert statuses(answer) == {"order": "ok"}


async def test_a_call_rung_keeps_the_answer_complete_and_full(gateway: Make) -> None:
    made = await gateway(intent(LADDER), {"erp.order": Unavailable(), "erp.orders": [{"status": "sent"}]})
    answer = await made.ask("ask", {}, user=USER)
    assert answer.data == {"state": "sent", "after": "unavailable"}
    assert (answer.status, answer.level, answer.errors) == ("complete", "full", [])
    assert answer.steps["order"].rung == 1
    assert statuses(answer) == {"order": "fallback"}


async def test_a_return_rung_alone_makes_the_answer_degraded(gateway: Make) -> None:
    made = await gateway(intent(LADDER), {"erp.order": NotFound(), "erp.orders": []})
    answer = await made.ask("ask", {}, user=USER)
    assert answer.data == {"state": "none", "of": "order"}
    assert (answer.status, answer.level) == ("degraded", "static")
    assert codes(answer) == [("order", "not_found")]
    assert answer.steps["order"].rung == 0


async def test_the_last_rung_catches_the_failure_of_a_rung_before_it(gateway: Make) -> None:
    made = await gateway(intent(LADDER), {"erp.order": Unavailable(), "erp.orders": BackendError()})
    answer = await made.ask("ask", {}, user=USER)
    assert answer.data == {"state": "unknown"}
    assert codes(answer) == [("order", "backend_error")]
    assert answer.steps["order"].rung == 2


async def test_a_call_rung_is_not_started_when_nothing_is_left_of_the_deadline(gateway: Make) -> None:
    async def hang(**_: object) -> None:
        await asyncio.sleep(60)

    made = await gateway(intent(LADDER.replace("200ms", "60ms")), {"erp.order": hang, "erp.orders": [{"status": "sent"}]})
    answer = await made.ask("ask", {}, user=USER)
    assert answer.data == {"state": "unknown"}
    assert codes(answer) == [("order", "timeout")]
    assert made.called("erp.orders") == []


async def test_return_null_is_a_value(gateway: Make) -> None:
    made = await gateway(
        intent("""
        steps: {order: {call: erp.order, with: {id: "1"}, fallback: [{return: null}]}, orders: {call: erp.orders}}
        output: {order: "${ steps.order }", orders: "${ steps.orders }"}
        """),
        {"erp.order": Timeout(), "erp.orders": []},
    )
    answer = await made.ask("ask", {}, user=USER)
    assert answer.data == {"order": None, "orders": []}
    assert (answer.status, answer.level) == ("partial", "reduced")


async def test_an_exhausted_ladder_fails_with_the_last_error(gateway: Make) -> None:
    made = await gateway(
        intent('steps: {order: {call: erp.order, with: {id: "1"}, fallback: [{call: erp.orders}]}}\noutput: "${ steps.order }"'),
        {"erp.order": Unavailable(), "erp.orders": BackendError()},
    )
    answer = await made.ask("ask", {}, user=USER)
    assert answer.status == "failed"
    assert codes(answer) == [("order", "backend_error")]


@pytest.mark.parametrize("owner", ["u2", None])
async def test_an_ensure_holds_for_values_of_rungs_and_is_never_caught(gateway: Make, owner: str | None) -> None:
    made = await gateway(
        intent("""
        steps:
          order:
            call: erp.order
            with: {id: "1"}
            required: false
            ensure: [{check: result.owner == user.id, deny: not_found}]
            fallback: [{call: erp.orders}, {return: {owner: "${ user.id }"}}]
        output: "${ steps.order }"
        """),
        {"erp.order": Unavailable(), "erp.orders": {"owner": owner}},
    )
    answer = await made.ask("ask", {}, user=USER)
    assert (answer.status, answer.data) == ("denied", None)
    assert answer.error is not None
    assert answer.error.code == "not_found"


async def test_a_fault_in_output_counts_as_the_steps_failure(gateway: Make) -> None:
    made = await gateway(
        intent("""
        steps:
          order: {call: erp.order, with: {id: "1"}, output: "${ matches(result.text, 'a') && div(`1`, `0`) }", fallback: [{return: 7}]}
        output: "${ steps.order }"
        """),
        {"erp.order": {"text": "a"}},
    )
    answer = await made.ask("ask", {}, user=USER)
    assert answer.data in (7, None)
