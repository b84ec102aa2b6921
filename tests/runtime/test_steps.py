from __future__ import annotations

import pytest

from gateway.sdk import BackendError, NotFound, Response, Unavailable
from tests.runtime.conftest import USER, Make
from tests.runtime.specs import ORDERS, codes, intent, statuses


async def test_a_false_when_skips_a_step_and_gives_null(gateway: Make) -> None:
    made = await gateway(
        intent("""
        steps: {order: {call: erp.order, with: {id: "1"}, when: input.wanted}}
        output: {order: "${ steps.order }", status: "${ status.order }", why: "${ meta.order.reason }"}
        """),
        {"erp.order": {"id": "1"}},
    )
    answer = await made.ask("ask", {"wanted": False}, user=USER)
    assert answer.data == {"order": None, "status": "skipped", "why": "when"}
    assert (answer.status, answer.level) == ("complete", "full")
    assert made.calls == []


async def test_a_null_for_a_required_argument_skips_a_read(gateway: Make) -> None:
    made = await gateway(
        intent("""
        steps: {order: {call: erp.order, with: {id: "${ input.id }"}}}
        output: {order: "${ steps.order }"}
        """),
        {"erp.order": {"id": "1"}},
    )
    answer = await made.ask("ask", {}, user=USER)
    assert answer.data == {"order": None}
    assert statuses(answer) == {"order": "skipped"}
    assert made.calls == []


async def test_a_null_for_a_required_argument_fails_a_write(gateway: Make) -> None:
    made = await gateway(intent('steps: {note: {call: erp.note, with: {text: "${ input.text }"}}}'), {"erp.note": {}})
    answer = await made.ask("ask", {}, user=USER)
    assert answer.status == "failed"
    assert codes(answer) == [("note", "missing_argument")]
    assert made.calls == []


async def test_an_expression_that_yields_null_drops_its_argument_and_a_literal_null_is_sent(gateway: Make) -> None:
    made = await gateway(
        intent("""
        steps: {orders: {call: erp.orders, with: {a: "${ input.none }", b: null, c: 1}}}
        output: "${ steps.orders }"
        """).replace("orders: {}", "orders: {params: {type: object, additionalProperties: true}}"),
        {"erp.orders": lambda **given: given},
    )
    answer = await made.ask("ask", {}, user=USER)
    assert answer.data == {"b": None, "c": 1}


async def test_a_failed_optional_step_is_null_with_an_entry(gateway: Make) -> None:
    made = await gateway(
        intent("""
        steps:
          orders: {call: erp.orders, required: false}
          order: {call: erp.order, with: {id: "1"}}
        output: {orders: "${ steps.orders }", order: "${ steps.order.id }", status: "${ status.orders }"}
        """),
        {"erp.orders": Unavailable(), "erp.order": {"id": "1"}},
    )
    answer = await made.ask("ask", {}, user=USER)
    assert answer.data == {"orders": None, "order": "1", "status": "failed"}
    assert (answer.status, answer.level) == ("partial", "reduced")
    assert codes(answer) == [("orders", "unavailable")]


async def test_a_failed_required_step_fails_the_answer(gateway: Make) -> None:
    made = await gateway(
        intent("""
        steps: {order: {call: erp.order, with: {id: "1"}}}
        output: "${ steps.order }"
        reply: [{when: error.code == 'not_found', text: "none, ${ status.order }"}, {text: "here: ${ output.id }"}]
        """),
        {"erp.order": NotFound()},
    )
    answer = await made.ask("ask", {}, user=USER)
    assert (answer.status, answer.data) == ("failed", None)
    assert codes(answer) == [("order", "not_found")]
    assert answer.reply is not None
    assert answer.reply.text == "none, failed"


async def test_a_let_names_values_and_a_join_completes_rows(gateway: Make) -> None:
    made = await gateway(
        intent("""
        steps:
          orders: {call: erp.orders}
          notes: {let: {all: "${ input.notes }"}}
          both: {join: {left: steps.orders, right: steps.notes.all, by: id, as: note}}
        output: "${ steps.both }"
        """),
        {"erp.orders": [{"id": 1}, {"id": 2}]},
    )
    answer = await made.ask("ask", {"notes": [{"id": 2, "text": "x"}]}, user=USER)
    assert answer.data == [{"id": 1, "note": None}, {"id": 2, "note": {"id": 2, "text": "x"}}]


async def test_an_ensure_on_a_join_and_a_let_denies(gateway: Make) -> None:
    made = await gateway(
        intent("""
        steps:
          orders: {call: erp.orders}
          mine: {let: {owner: "${ steps.orders[0].owner }"}, ensure: [{check: result.owner == user.id}]}
        output: "${ steps.orders }"
        """),
        {"erp.orders": [{"id": 1, "owner": "u2"}]},
    )
    answer = await made.ask("ask", {}, user=USER)
    assert (answer.status, answer.data) == ("denied", None)


async def test_reports_say_what_was_called(gateway: Make) -> None:
    made = await gateway(intent('steps: {orders: {call: erp.orders}}\noutput: "${ steps.orders }"'), {"erp.orders": []})
    report = (await made.ask("ask", {}, user=USER)).steps["orders"]
    assert (report.source, report.operation, report.attempts, report.cached, report.rung) == ("erp", "orders", 1, False, None)


async def test_a_write_whose_check_could_not_be_made_does_not_go_out(gateway: Make) -> None:
    made = await gateway(
        intent("""
        steps:
          order: {call: erp.order, with: {id: "1"}, required: false, ensure: [{check: result.owner == user.id}]}
          note: {call: erp.note, with: {text: hello}, required: false}
        output: {note: "${ steps.note }"}
        """),
        {"erp.order": BackendError(), "erp.note": {"id": 9}},
    )
    answer = await made.ask("ask", {}, user=USER)
    assert made.called("erp.note") == []
    assert codes(answer) == [("order", "backend_error"), ("note", "backend_error")]


CHECKED = (
    ORDERS
    + """
---
intent: inner
access: {internal: true}
input: {type: object, required: [id], properties: {id: {type: string}}}
steps: {order: {call: erp.order, with: {id: "${ input.id }"}, ensure: [{check: result.owner == user.id}]}}
output: "${ steps.order }"
---
intent: lenient
access: {internal: true}
input: {type: object, required: [id], properties: {id: {type: string}}}
steps: {order: {call: erp.order, with: {id: "${ input.id }"}, required: false, ensure: [{check: result.owner == user.id}]}}
output: "${ steps.order }"
---
intent: outer
access: {internal: true}
input: {type: object, required: [id], properties: {id: {type: string}}}
steps: {order: {call: intent.inner, with: {id: "${ input.id }"}}}
output: "${ steps.order }"
---
intent: ask
input: {type: object}
steps:
  look: {CALL}
  note: {call: erp.note, with: {text: x}}
output: ["${ steps.look }", "${ steps.note }"]
"""
)


@pytest.mark.parametrize(
    "look",
    [
        'call: intent.inner, with: {id: "${ input.id }"}, required: false',
        'call: intent.inner, with: {id: "${ input.id }"}, fallback: [{return: null}]',
        'call: intent.inner, with: {id: "${ input.id }"}, fallback: [{call: erp.orders}]',
        'call: erp.order, with: {id: "${ input.id }"}, fallback: [{call: intent.inner, with: {id: "${ input.id }"}}, {return: null}]',
        'call: intent.lenient, with: {id: "${ input.id }"}',
        'call: intent.outer, with: {id: "${ input.id }"}, required: false',
        'call: intent.inner, with: {id: "${ input.absent }"}',
        'foreach: "[input.id]", as: x, call: erp.order, with: {id: "${ x }"}, item_error: drop, ensure: [{check: result.owner == user.id}]',
        'foreach: "[input.id]", as: id, call: intent.inner, with: {id: "${ id }"}, item_error: keep_null',
    ],
)
async def test_a_write_waits_for_a_check_that_stayed_unlooked_at(gateway: Make, look: str) -> None:
    made = await gateway(CHECKED.replace("{CALL}", f"{{{look}}}"), {"erp.order": Unavailable(), "erp.orders": [], "erp.note": 1})
    answer = await made.ask("ask", {"id": "1"}, user=USER)
    assert answer.status == "failed"
    assert codes(answer)[0][0] == "note"
    assert made.called("erp.note") == []


async def test_a_write_waits_for_the_checks_of_intents_inside_intents(gateway: Make) -> None:
    fakes = {"erp.order": {"owner": "somebody"}, "erp.note": 1}
    made = await gateway(CHECKED.replace("{CALL}", '{call: intent.outer, with: {id: "${ input.id }"}}'), fakes)
    assert (await made.ask("ask", {"id": "1"}, user=USER)).status == "denied"
    assert made.called("erp.note") == []
    fakes["erp.order"] = {"owner": "u1"}
    assert (await made.ask("ask", {"id": "1"}, user=USER)).data == [{"owner": "u1"}, 1]
    assert made.called("erp.note") == [{"text": "x"}]


async def test_a_lost_step_without_a_check_keeps_no_write_back(gateway: Make) -> None:
    made = await gateway(
        intent("""
        steps:
          order: {call: erp.order, with: {id: "1"}, required: false}
          orders: {call: erp.orders, ensure: [{check: "length(result) == `0`"}]}
          note: {call: erp.note, with: {text: x}}
        output: ["${ steps.order }", "${ steps.orders }", "${ steps.note }"]
        """),
        {"erp.order": Unavailable(), "erp.orders": [], "erp.note": 1},
    )
    assert (await made.ask("ask", {}, user=USER)).data == [None, [], 1]


@pytest.mark.parametrize("step", ["call: erp.order", "call: intent.inner"])
async def test_an_absent_thing_says_no_more_than_a_denial(gateway: Make, step: str) -> None:
    specs = (
        ORDERS.replace("order: {", "order: {error: {code: body.code, message: body.text}, ")
        + """
---
intent: inner
access: {internal: true}
input: {type: object, required: [id], properties: {id: {type: string}}}
steps: {it: {call: erp.order, with: {id: "${ input.id }"}, ensure: [{check: result.owner == user.id, deny: not_found}]}}
output: "${ steps.it }"
---
intent: ask
input: {type: object}
steps: {look: {STEP, with: {id: "${ input.id }"}, ensure: [{check: result.owner == user.id, deny: not_found}]}}
output: "${ steps.look }"
reply: [{when: error, text: "${ error.step } ${ error.detail_code } ${ status.look } ${ meta.look.reason } ${ meta.look.attempts }"}]
"""
    )
    absent = Response({"code": "GONE", "text": "there was an order 2"}, 404)
    made = await gateway(specs.replace("STEP", step), {"erp.order": lambda id: {"owner": "other"} if id == "1" else absent})
    denied, failed = [await made.ask("ask", {"id": number}, user=USER) for number in ("1", "2")]
    assert denied.errors == failed.errors
    assert denied.reply == failed.reply
    assert denied.error is not None
    assert failed.error is not None
    assert (denied.error.root("look"), denied.error.message) == (failed.error.root("look"), failed.error.message)
