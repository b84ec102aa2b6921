"""One step, from what is written to what is planned."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.runtime.plan import CallIntent, CallOperation, ForEach, Join, Let
from gateway.sdk import Forbidden, NotFound, Unauthorized
from tests.planner.folders import intent_of, marked, planned, told

INNER = """
---
intent: inner
access: {internal: true}
input: {type: object, required: [id], properties: {id: {type: string}, more: {type: string, default: x}}}
steps: {order: {call: erp.order, with: {id: "${ input.id }"}}}
output: ${ steps.order }
"""


def in_steps(written: str) -> str:
    """An intent with one step `a` of these keys; `orders` is a list of rows."""
    reads = 'output: ["${ steps.a }", "${ steps.orders }"]'
    return f"intent: ask\ninput: {{type: object}}\nsteps:\n  orders: {{call: erp.orders}}\n  a: {written}\n{reads}\n{INNER}"


def test_a_call_of_an_operation(tmp_path: Path) -> None:
    step = intent_of(tmp_path, in_steps('{call: erp.order, with: {id: "${ input.x }", all: null}, timeout: 300ms, required: false}')).steps[
        1
    ]
    assert isinstance(step.action, CallOperation)
    assert (step.action.operation.id, step.source, step.operation) == ("erp.order", "erp", "order")
    assert [(argument.name, argument.literal) for argument in step.action.arguments] == [("id", False), ("all", True)]
    assert (step.timeout, step.required, step.writes) == (0.3, False, False)


def test_a_call_of_an_intent(tmp_path: Path) -> None:
    step = intent_of(tmp_path, in_steps('{call: intent.inner, with: {id: "${ input.x }"}}')).steps[1]
    assert isinstance(step.action, CallIntent)
    assert (step.action.intent.name, step.source, step.operation) == ("inner", None, "intent.inner")


def test_an_emit_writes(tmp_path: Path) -> None:
    step = intent_of(tmp_path, in_steps('{emit: {to: erp.order, data: {id: "1"}}}')).steps[1]
    assert isinstance(step.action, CallOperation)
    assert step.writes


@pytest.mark.parametrize(
    ("by", "left", "right"),
    [("id", ("id",), ("id",)), ("[id, line]", ("id", "line"), ("id", "line")), ("{left: [a, b], right: [c, d]}", ("a", "b"), ("c", "d"))],
)
def test_joins(tmp_path: Path, by: str, left: tuple[str, ...], right: tuple[str, ...]) -> None:
    step = intent_of(tmp_path, in_steps(f"{{join: {{left: steps.orders, right: steps.orders, by: {by}, as: other}}}}")).steps[1]
    assert isinstance(step.action, Join)
    assert (step.action.left_fields, step.action.right_fields) == (left, right)
    assert (step.action.attribute, step.action.cardinality, step.action.keep_unmatched) == ("other", "one", True)


def test_a_join_that_merges_rows_that_match(tmp_path: Path) -> None:
    written = "{join: {left: steps.orders, right: steps.orders, by: id, merge: true, type: inner, cast: lower}}"
    action = intent_of(tmp_path, in_steps(written)).steps[1].action
    assert isinstance(action, Join)
    assert (action.attribute, action.keep_unmatched, action.cast) == (None, False, "lower")


@pytest.mark.parametrize("written", ["let: {x: 1}", "join: {left: steps.orders, right: steps.orders, by: id, as: o}"])
def test_what_is_computed_may_be_checked_and_reshaped(tmp_path: Path, written: str) -> None:
    more = 'ensure: [{check: "length(result) != `9`"}], output: "${ result }", transform: card'
    specs = in_steps(f"{{{written}, {more}}}") + '---\ntransform: card\noutput: {id: "${ value }"}\n'
    step = intent_of(tmp_path, specs).steps[1]
    assert isinstance(step.action, Let | Join)
    assert len(step.ensures) == 1
    assert step.output is not None
    assert [transform({"value": 1, "config": {}}) for transform in step.transforms] == [{"id": 1}]


def test_a_step_for_each_item(tmp_path: Path) -> None:
    written = '{foreach: steps.orders, as: row, call: erp.order, with: {id: "${ row.id }"}, concurrency: 3, max_items: 7, item_error: drop}'
    step = intent_of(tmp_path, in_steps(written)).steps[1]
    assert isinstance(step.foreach, ForEach)
    assert (step.foreach.name, step.foreach.concurrency, step.foreach.max_items, step.foreach.item_error) == ("row", 3, 7, "drop")


def test_ladders_keep_their_numbers(tmp_path: Path) -> None:
    rungs = "[{when: error.code == 'timeout', call: erp.orders}, {stale: 30m}, {return: {id: x}}, {call: erp.note, with: {text: x}}]"
    step = intent_of(tmp_path, in_steps(f'{{call: erp.order, with: {{id: "1"}}, fallback: {rungs}}}')).steps[1]
    assert [(rung.number, rung.call is None) for rung in step.ladder] == [(0, False), (1, True), (2, True), (3, False)]
    assert [rung.stale for rung in step.ladder] == [None, 1800.0, None, None]
    assert step.writes  # a rung may write


@pytest.mark.parametrize(
    ("deny", "error"),
    [("", Forbidden), (", deny: forbidden", Forbidden), (", deny: not_found", NotFound), (", deny: unauthorized", Unauthorized)],
)
def test_checks_know_what_they_deny_with_and_where_they_stand(tmp_path: Path, deny: str, error: type[Exception]) -> None:
    written = f"{{call: erp.orders, ensure: [{{check: result.owner == user.id{deny}}}]}}"
    (check,) = intent_of(tmp_path, in_steps(written)).steps[1].ensures
    assert (check.deny, check.place) == (error, "specs/all.yaml:5")


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("{call: epr.order}", ("GW222", "epr")),
        ("{call: erp.ordr}", ("GW223", "ordr")),
        ("{call: erp.order}", ("GW225", "erp.order")),
        ("{call: intent.inner}", ("GW225", "intent.inner")),
        ("{call: intent.iner}", ("GW227", "iner")),
        ('{call: erp.order, with: {id: "1", al: true}}', ("GW224", "al")),
        ("{call: erp.orders, transform: card}", ("GW232", "card")),
        ("{let: {x: 1}, foreach: steps.orders}", ("GW233", "foreach")),
        ('{call: erp.order, with: {id: "1"}, foreach: steps.orders, as: steps}', ("GW234", "steps")),
        ("{emit: {to: erp.log, data: [1]}}", ("GW225", "[1]")),
        ("{call: erp.orders, depends_on: [b]}", ("GW220", "b")),
        ("{call: erp.orders, depends_on: [a]}", ("GW229", "a")),
        (
            "{join: {left: steps.orders, right: steps.orders, by: {left: [a], right: [a, b]}, as: x}}",
            ("GW236", "{left: [a], right: [a, b]}"),
        ),
    ],
)
def test_faults_and_the_words_they_mark(tmp_path: Path, written: str, problem: tuple[str, str]) -> None:
    made = planned(tmp_path, in_steps(written))
    assert marked(tmp_path, made) == [problem]
    assert made.problems[0].place.line == 5


def test_a_default_or_open_parameters_need_nothing(tmp_path: Path) -> None:
    specs = """
        source: shop
        type: fake
        operations:
          open: {params: {type: object, additionalProperties: true, required: [id], properties: {id: {type: string, default: a}}}}
        ---
        intent: ask
        steps: {a: {call: shop.open, with: {anything: 1}}}
        output: ${ steps.a }
        """
    assert told(planned(tmp_path, specs)) == []
