from __future__ import annotations

from gateway.sdk import BackendError, NotFound, Unavailable
from tests.runtime.conftest import USER, Make
from tests.runtime.specs import codes, intent, statuses


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
