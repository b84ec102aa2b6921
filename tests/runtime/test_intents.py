from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.sdk import Forbidden, NotFound, Unauthorized, Unavailable
from tests.runtime.conftest import USER, Make
from tests.runtime.specs import ORDERS, codes, intent

OTHER = {**USER, "id": "u2"}


async def test_a_guard_runs_before_any_step(gateway: Make) -> None:
    made = await gateway(
        intent("""
        guard: [{check: input.owner == user.id, deny: unauthorized}]
        steps: {orders: {call: erp.orders}}
        output: "${ steps.orders }"
        """),
        {"erp.orders": []},
    )
    denied = await made.ask("ask", {"owner": "u2"}, user=USER)
    assert (denied.status, denied.error and denied.error.code, made.calls) == ("denied", "unauthorized", [])
    assert (await made.ask("ask", {"owner": "u1"}, user=USER)).status == "complete"


async def test_a_denied_not_found_equals_an_absent_thing(gateway: Make) -> None:
    fakes: dict[str, Any] = {"erp.order": NotFound(status_code=404)}
    made = await gateway(
        intent("""
        steps: {order: {call: erp.order, with: {id: "1"}, ensure: [{check: result.owner == user.id, deny: not_found}]}}
        output: "${ steps.order }"
        reply: [{when: error.code, text: "${ error.code } ${ error.status_code } ${ error.step } ${ status.order }"}]
        """),
        fakes,
    )
    absent = await made.ask("ask", {}, user=USER)
    fakes["erp.order"] = {"owner": "u2"}
    denied = await made.ask("ask", {}, user=USER)
    assert (absent.errors, absent.reply, absent.data) == (denied.errors, denied.reply, denied.data)
    assert absent.error is not None
    assert denied.error is not None
    assert absent.error.root(None) == denied.error.root(None)


async def test_no_write_goes_out_before_every_ensure_passed(gateway: Make) -> None:
    checked = asyncio.Event()

    async def order(id: str) -> dict[str, Any]:
        await asyncio.sleep(0.01)
        checked.set()
        return {"owner": "u1" if id == "mine" else "u2"}

    written: list[bool] = []
    made = await gateway(
        intent("""
        steps:
          note: {call: erp.note, with: {text: hello}}
          order: {call: erp.order, with: {id: "${ input.id }"}, ensure: [{check: result.owner == user.id}]}
        output: "${ steps.note }"
        """),
        {"erp.note": lambda text: written.append(checked.is_set()), "erp.order": order},
    )
    assert (await made.ask("ask", {"id": "other"}, user=USER)).status == "denied"
    assert written == []
    assert (await made.ask("ask", {"id": "mine"}, user=USER)).status == "complete"
    assert written == [True]


SUB = (
    ORDERS
    + """
---
intent: inner
access: {internal: true}
input: {type: object, required: [id], additionalProperties: false, properties: {id: {type: string, pattern: "^[0-9]+$"}}}
guard: [{check: input.id != '13'}]
steps:
  order: {call: erp.order, with: {id: "${ input.id }"}, ensure: [{check: result.owner == user.id, deny: not_found}]}
  extra: {call: erp.orders, required: false}
output: {id: "${ steps.order.id }", extra: "${ steps.extra }"}
---
intent: ask
input: {type: object}
steps:
  order: {call: intent.inner, with: {id: "${ input.id }"}, fallback: [{return: fallen}]}
output: "${ steps.order }"
---
intent: closed
access: {roles: [staff]}
input: {type: object}
output: secret
---
intent: through
access: {roles: [visitor]}
input: {type: object}
steps: {closed: {call: intent.closed, required: false, fallback: [{return: caught}]}}
output: "${ steps.closed }"
"""
)


async def test_a_sub_intent_runs_as_the_caller(gateway: Make) -> None:
    made = await gateway(SUB, {"erp.order": lambda id: {"id": id, "owner": "u1"}, "erp.orders": [1]})
    assert (await made.ask("ask", {"id": "7"}, user=USER)).data == {"id": "7", "extra": [1]}
    for given, user in (({"id": "7"}, OTHER), ({"id": "13"}, USER)):
        denied = await made.ask("ask", given, user=user)
        assert (denied.status, denied.data) == ("denied", None)


async def test_a_sub_intents_access_holds_and_its_denial_is_not_caught(gateway: Make) -> None:
    made = await gateway(SUB, {"erp.order": {}, "erp.orders": []})
    inside = {**USER, "roles": ["visitor"]}
    assert (await made.ask("closed", {}, user=inside)).status == "denied"
    assert (await made.ask("through", {}, user=inside)).status == "denied"


async def test_the_line_that_denies_inside_is_noted(gateway: Make) -> None:
    made = await gateway(SUB, {"erp.order": {}, "erp.orders": []})
    exchange = made.exchange("through", {}, user={**USER, "roles": ["visitor"]})
    answer = await made.plan.handler(exchange)
    assert isinstance(answer.error, Forbidden)
    decision = exchange.notes["decision"]
    assert (decision.allowed, decision.rule) == (False, exchange.notes["denied_by"])
    assert decision.reason == "intent closed: nothing allows it"


STRONG = """
intent: through
access: {roles: [visitor]}
steps: {pay: {call: intent.pay}}
output: "${ steps.pay }"
---
intent: pay
access: {roles: [visitor], acr: [mfa]}
output: paid
"""


async def test_a_sub_intent_that_asks_for_more_than_its_caller_has_says_how_to_get_in(gateway: Make) -> None:
    made = await gateway(STRONG, {})
    visitor = {**USER, "roles": ["visitor"]}
    error = (await made.ask("through", {}, user=visitor)).error
    assert isinstance(error, Unauthorized)
    assert error.challenges == ('Bearer error="insufficient_user_authentication", acr_values="mfa"',)
    assert (await made.ask("through", {}, user={**visitor, "acr": "mfa"})).data == "paid"


async def test_a_sub_intents_input_rules_and_failures_are_its_steps(gateway: Make) -> None:
    fakes: dict[str, Any] = {"erp.order": Unavailable(), "erp.orders": []}
    made = await gateway(SUB, fakes)
    answer = await made.ask("ask", {"id": "x"}, user=USER)
    assert (answer.data, codes(answer)) == ("fallen", [("order", "invalid_request")])
    answer = await made.ask("ask", {"id": "7"}, user=USER)
    assert (answer.data, codes(answer)) == ("fallen", [("order", "unavailable")])


async def test_what_a_sub_intent_lacks_is_told(gateway: Make) -> None:
    made = await gateway(SUB, {"erp.order": {"id": "7", "owner": "u1"}, "erp.orders": Unavailable()})
    answer = await made.ask("ask", {"id": "7"}, user=USER)
    assert answer.data == {"id": "7", "extra": None}
    assert (answer.status, answer.level) == ("partial", "reduced")
    assert [(entry.step, entry.path, entry.code) for entry in answer.errors] == [("order", "/extra", "unavailable")]


async def test_an_internal_intent_can_only_be_called_by_intents(gateway: Make) -> None:
    made = await gateway(SUB, {})
    answer = await made.ask("inner", {"id": "7"}, user=USER)
    assert answer.error is not None
    assert answer.error.code == "not_found"


async def test_an_intent_without_steps_answers_from_its_input(gateway: Make) -> None:
    made = await gateway(intent('output: {hello: "${ input.name }"}'), {})
    assert (await made.ask("ask", {"name": "Ada"}, user=USER)).data == {"hello": "Ada"}


@pytest.mark.parametrize("deadline", ["40ms", "120ms"])
async def test_the_deadline_ends_a_request_with_time_to_render(gateway: Make, deadline: str) -> None:
    async def hang(**_: object) -> None:
        await asyncio.sleep(60)

    made = await gateway(
        intent(f'deadline: {deadline}\nsteps: {{orders: {{call: erp.orders}}}}\noutput: "${{ steps.orders }}"'), {"erp.orders": hang}
    )
    started = made.clock.monotonic()
    answer = await made.ask("ask", {}, user=USER)
    took = made.clock.monotonic() - started
    assert codes(answer) == [("orders", "timeout")]
    assert took <= float(deadline[:-2]) / 1000 * 1.1


async def test_an_idempotency_key_of_the_intent_is_bound_to_the_caller(gateway: Make) -> None:
    made = await gateway(
        intent('idempotency_key: [input.no]\nsteps: {note: {call: erp.note, with: {text: x}}}\noutput: "${ steps.note }"'), {"erp.note": 1}
    )
    for user, number in ((USER, 1), (USER, 1), (OTHER, 1), (USER, 2)):
        await made.ask("ask", {"no": number}, user=user)
    keys = [call.idempotency_key for call in made.calls]
    assert len(keys) == len(set(keys)) == 3
    answer = await made.ask("ask", {}, user=USER)
    assert codes(answer) == [(None, "expression_error")]
    assert len(made.calls) == 3
