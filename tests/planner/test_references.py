"""Paths that expressions read, held against what is there. The golden files show what is told; here is what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.folders import marked, planned, told

INTENT = """
intent: ask
input: {type: object, properties: {id: {type: string}, tags: {type: array, items: {type: string}}, any: {}}}
steps:
  order: {call: erp.order, with: {id: "1"}}
  orders: {call: erp.orders}
  each: {foreach: steps.orders, as: row, call: erp.order, with: {id: "${ row.anything.at.all }"}, output: {mine: "${ result.id }"}}
  rung: {call: erp.order, with: {id: "1"}, fallback: [{return: {any: 1}}]}
  names: {let: {first: "${ steps.order.id }"}}
  rows: {join: {left: steps.orders, right: steps.orders, by: id, as: other}}
output: ["${ EXPRESSION }", "${ [steps.order, steps.orders, steps.each, steps.rung, steps.names, steps.rows] }"]
"""
GATEWAY = "gateway: g\nidentity: [{scenario: {}}]\nconfig: {states: {A: open}, list: [1]}\n"


@pytest.mark.parametrize(
    "expression",
    [
        *[
            "steps.order.owner",
            "steps.orders[0].any.thing",
            "steps.each[0].mine",
            "steps.rung.any",
            "steps.names.first",
            "steps.rows[0].other",
        ],
        *["input.any.thing", "input.tags[0]", "user.customer_id.any", "user.claims.x"],
        *[
            "config.states.A",
            "config.list[0]",
            "status.order",
            "meta.order.rung",
            "ctx.open_circuits[0]",
            "session.context.x",
            "tenant.config.x",
        ],
        *["lookup(config.states, input.id)", "steps.orders[*].any.thing", "steps.orders[?id == 'x'].y"],
    ],
)
def test_never_a_false_alarm(tmp_path: Path, expression: str) -> None:
    assert told(planned(tmp_path, INTENT.replace("EXPRESSION", expression), gateway=GATEWAY)) == []


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        *[("steps.odrer", "GW220"), ("status.odrer", "GW220"), ("meta.odrer.ms", "GW220"), ("steps", "GW235"), ("keys(meta)", "GW235")],
        *[("steps.order.ownr", "GW226"), ("steps.names.last", "GW226"), ("input.ids", "GW226"), ("config.states.B", "GW226")],
        *[("meta.order.rungs", "GW226"), ("ctx.now", "GW226"), ("flags.new", "GW226"), ("session.user", "GW226"), ("tenant.name", "GW226")],
        *[("steps.order.ownr[*].x", "GW226"), ("steps.orders[?a == steps.b]", "GW208")],
        *[("steps.each[0].not_in_output", "GW226"), ("config.list[0].x", "GW262"), ("steps.order.owner.length", "GW262")],
    ],
)
def test_what_is_not_there(tmp_path: Path, expression: str, code: str) -> None:
    made = planned(tmp_path, INTENT.replace("EXPRESSION", expression), gateway=GATEWAY)
    assert [problem.code for problem in made.problems] == [code]


def test_a_broken_gateway_yaml_leaves_config_unknown(tmp_path: Path) -> None:
    made = planned(tmp_path, "intent: ask\noutput: ${ config.any.thing }\n", gateway="gateway: g\nconfg: {any: 1}\n")
    assert [problem.code for problem in made.problems] == ["GW101"]


def test_sources_and_transforms_are_checked_too(tmp_path: Path) -> None:
    specs = """
        source: crm
        type: http
        servers: ["http://crm.test"]
        operations:
          a: {request: GET /, query: {a: "${ config.stats }", b: "${ ctx.nwo }", c: "${ user.any }"}}
        ---
        transform: card
        output: {a: "${ config.stats }", b: "${ value.any.thing }"}
        """
    assert marked(tmp_path, planned(tmp_path, specs, gateway=GATEWAY)) == [("GW226", "stats"), ("GW226", "nwo"), ("GW226", "stats")]


def test_the_words_of_a_path_with_places(tmp_path: Path) -> None:
    specs = """
        source: shop
        type: fake
        operations:
          rows: {output_schema: {type: array, items: {type: object, properties: {sku: {type: string}}}}}
        ---
        intent: ask
        steps: {rows: {call: shop.rows}}
        output: ${ steps.rows[-1].skuu }
        """
    (problem,) = planned(tmp_path, specs).problems
    assert (problem.message, problem.hint) == ("unknown field `skuu` of `steps.rows[-1]`", "did you mean `sku`?")
