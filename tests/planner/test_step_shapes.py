"""What each step gives, told by the schema that is published of an output that is the step itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.planner.folders import misshapen, planned

SOURCE = """
source: shop
type: fake
operations:
  order:
    params: {type: object, required: [id], properties: {id: {type: string}}}
    output_schema:
      type: object
      required: [id, total, lines]
      properties:
        id: {type: string}
        total: {type: number}
        note: {type: string}
        lines: {type: array, items: {type: object, required: [sku], properties: {sku: {type: string}}}}
  stock:
    params: {type: object, required: [sku], properties: {sku: {type: string}, place: {type: string, default: Venlo}}}
    output_schema: {type: object, required: [sku, n], properties: {sku: {type: string}, n: {type: integer}}}
  anything: {params: {type: object, properties: {x: {}}}}
  cancel: {effect: write, params: {type: object, required: [id], properties: {id: {type: string}}}, output_schema: {type: boolean}}
---
intent: ask
access: {roles: [c]}
input: {type: object, required: [id], properties: {id: {type: string}, maybe: {type: string}, ids: {type: array, items: {type: string}}}}
steps:
  order: {call: shop.order, with: {id: "${ input.id }"}}
  any: {call: shop.anything, with: {x: "${ input.maybe }"}}
  STEP
output: {it: "${ steps.s }", order: "${ steps.order.id }", any: "${ steps.any }"}
---
intent: sub
access: {internal: true}
input: {type: object, required: [id], properties: {id: {type: string}}}
output: {id: "${ input.id }", n: 7}
---
intent: silent
access: {internal: true}
---
transform: first
output: ${ value[0] }
"""
ROLES = "policy: roles\nroles: {c: {}}\n"
NULL, TEXT, STOCK = {"type": "null"}, {"type": "string"}, {"sku": {"type": "string"}, "n": {"type": "integer"}}


def nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "type": sorted([schema["type"], "null"])}


def obj(members: dict[str, Any], *, closed: bool = True) -> dict[str, Any]:
    return {"type": "object", "properties": members, **({"additionalProperties": False} if closed else {})}


ITEM = obj(STOCK, closed=False)
EACH = "foreach: 'steps.order.lines[*].sku', as: sku, call: shop.stock, with: {sku: '${ sku }'}"


def schema_of_step(folder: Path, step: str) -> Any:
    made = planned(folder, SOURCE.replace("STEP", f"s: {{{step}}}"), roles=ROLES)
    plan = made.plan.catalogue.get("ask")
    assert plan is not None
    return plan.output_schema["properties"]["it"]


@pytest.mark.parametrize(
    ("step", "schema"),
    [
        (
            "let: {a: '${ input.id }', b: x, c: 1}",
            obj({"a": TEXT, "b": {"type": "string", "enum": ["x"]}, "c": {"type": "integer", "enum": [1]}}),
        ),
        ("call: shop.stock, with: {sku: '${ input.id }'}", ITEM),
        ("call: shop.stock, with: {sku: '${ input.id }'}, when: steps.order.note", nullable(ITEM)),
        ("call: shop.stock, with: {sku: '${ input.id }'}, required: false", nullable(ITEM)),
        ("call: shop.anything", {}),
        ("call: shop.stock, with: {sku: '${ input.id }'}, output: '${ result.n }'", {"type": "integer"}),
        ("call: shop.order, with: {id: '${ input.id }'}, output: '${ result.lines[*].sku }', transform: first", nullable(TEXT)),
        ("emit: {to: shop.cancel, data: {id: '${ input.id }'}}", {"type": "boolean"}),
        ("call: intent.sub, with: {id: '${ input.id }'}", obj({"id": TEXT, "n": {"type": "integer", "enum": [7]}})),
        ("call: intent.silent", NULL),
    ],
)
def test_what_a_step_gives(tmp_path: Path, step: str, schema: dict[str, Any]) -> None:
    assert schema_of_step(tmp_path, step) == schema


@pytest.mark.parametrize(
    ("step", "skipped"),
    [
        ("call: shop.stock, with: {sku: '${ input.maybe }'}", True),
        ("call: shop.stock, with: {sku: '${ steps.any.x }'}", True),
        ("call: shop.stock, with: {sku: '${ steps.order.lines[0].sku }'}", True),
        ("call: shop.stock, with: {sku: '${ input.maybe || input.id }'}", False),
        ("call: shop.stock, with: {sku: 'a-${ input.maybe }'}", False),
        ("call: shop.stock, with: {sku: null}", False),
        ("call: shop.stock, with: {sku: '${ input.id }', place: '${ input.maybe }'}", False),
        ("call: intent.sub, with: {id: '${ input.maybe }'}", True),
    ],
)
def test_a_read_is_null_where_a_required_argument_may_be(tmp_path: Path, step: str, skipped: bool) -> None:
    """It is skipped then; a literal null is sent, and what isn't required is left out."""
    assert ("null" in schema_of_step(tmp_path, step)["type"]) is skipped


def test_a_write_fails_where_a_required_argument_is_null(tmp_path: Path) -> None:
    assert schema_of_step(tmp_path, "call: shop.cancel, with: {id: '${ input.maybe }'}") == {"type": "boolean"}


@pytest.mark.parametrize(
    ("step", "items", "null"),
    [
        (EACH, ITEM, False),
        (f"{EACH}, item_error: drop", ITEM, False),
        (f"{EACH}, item_error: keep_null", nullable(ITEM), False),
        (f"{EACH}, required: false", ITEM, True),
        (f"{EACH}, when: steps.order.note", ITEM, True),
        (f"{EACH}, fallback: [{{return: null}}]", nullable(ITEM), False),
        (f"{EACH}, output: '${{ result.n }}'", {"type": "integer"}, False),
        ("foreach: input.ids, call: shop.stock, with: {sku: '${ item }'}", ITEM, False),
        ("foreach: steps.any.ids, call: shop.stock, with: {sku: '${ item.sku }'}", ITEM, False),
    ],
)
def test_a_step_for_each_item_gives_a_list(tmp_path: Path, step: str, items: dict[str, Any], null: bool) -> None:
    """Also of no list at all; items without a required argument are left out."""
    assert schema_of_step(tmp_path, step) == {"type": ["array", "null"] if null else "array", "items": items}


MAYBE_N, MAYBE_TEXT = {"type": ["integer", "null"]}, nullable(TEXT)
LOST = {"type": ["null", "string"], "enum": ["lost", None]}
ORDER_RUNG = "{call: shop.order, with: {id: a}, output: {sku: '${ result.id }', n: '${ result.lines[0].sku }'}}"


@pytest.mark.parametrize(
    ("rungs", "members"),
    [
        ("{return: {state: lost}}", {"sku": MAYBE_TEXT, "n": MAYBE_N, "state": LOST}),
        (ORDER_RUNG, {"sku": TEXT, "n": {"type": ["integer", "null", "string"]}}),
        (
            "{when: error.code == 'timeout', call: intent.sub, with: {id: a}}",
            {"sku": MAYBE_TEXT, "n": {"type": "integer"}, "id": MAYBE_TEXT},
        ),
    ],
)
def test_a_ladder_gives_what_any_rung_does(tmp_path: Path, rungs: str, members: dict[str, Any]) -> None:
    found = schema_of_step(tmp_path, f"call: shop.stock, with: {{sku: '${{ input.id }}'}}, fallback: [{rungs}]")
    assert (found["type"], found["properties"]) == ("object", members)


def test_a_ladder_that_ends_in_null(tmp_path: Path) -> None:
    found = schema_of_step(tmp_path, "call: shop.stock, with: {sku: '${ input.id }'}, fallback: [{return: 7}, {return: null}]")
    assert found["type"] == ["integer", "null", "object"]


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("let: {a: '${ steps.order.totl }'}", [("GW226", "totl")]),
        ("call: shop.stock, with: {sku: '${ steps.order.lines.sku }'}", [("GW262", "sku")]),
        ("call: shop.stock, with: {sku: '${ steps.order.lines }'}", [("GW267", "'${ steps.order.lines }'")]),
        ("foreach: steps.order.total, call: shop.anything", [("GW261", "steps.order.total")]),
        ("foreach: steps.order.lines, as: line, call: shop.stock, with: {sku: '${ line.skuu }'}", [("GW226", "skuu")]),
        ("call: shop.anything, when: steps.order.nots", [("GW226", "nots")]),
        ("call: shop.anything, when: status.ordr == 'ok'", [("GW220", "ordr")]),
        ("call: shop.anything, when: meta.order.rang", [("GW226", "rang")]),
        ("call: shop.order, with: {id: a}, ensure: [{check: 'result.idd == input.id'}]", [("GW226", "idd")]),
        ("call: shop.order, with: {id: a}, output: '${ result.idd }'", [("GW226", "idd")]),
        ("call: shop.order, with: {id: a}, fallback: [{when: error.cod == 'x', return: null}]", [("GW226", "cod")]),
        ("call: shop.order, with: {id: a}, fallback: [{return: '${ error.cod }'}]", [("GW226", "cod")]),
        ("call: shop.order, with: {id: a}, fallback: [{call: shop.order, with: {id: '${ input.ids }'}}]", [("GW267", "'${ input.ids }'")]),
        ("call: shop.order, with: {id: a}, fallback: [{call: shop.stock, with: {sku: a}, output: '${ result.m }'}]", [("GW226", "m")]),
        ("call: shop.order, with: {id: a}, transform: first", [("GW269", "first")]),
        ("call: shop.stock, with: {sku: a}, output: '${ result.n }', transform: first", [("GW269", "first")]),
        ("emit: {to: shop.cancel, data: {id: '${ steps.order.lines }'}}", [("GW267", "'${ steps.order.lines }'")]),
        ("join: {left: steps.order.lines, right: steps.order.lines, by: skuu, as: x}", [("GW226", "skuu")]),
        ("join: {left: steps.order.lines, right: input.ids, by: sku, as: x}", [("GW261", "input.ids")]),
        ("call: intent.sub, with: {id: '${ input.ids }'}", [("GW267", "'${ input.ids }'")]),
        ("call: shop.stock, with: {sku: input.id, place: steps.any.x}", [("GW260", "input.id"), ("GW260", "steps.any.x")]),
        ("foreach: steps.order.lines, call: shop.stock, with: {sku: item.sku}", [("GW260", "item.sku")]),
        ("call: shop.stock, with: {sku: {$literal: input.id}, place: version.two}", []),
    ],
)
def test_what_is_wrong_in_a_step(tmp_path: Path, step: str, told: list[tuple[str, str]]) -> None:
    made = planned(tmp_path, SOURCE.replace("STEP", f"s: {{{step}}}"), roles=ROLES)
    assert misshapen(tmp_path, made) == told


@pytest.mark.parametrize(
    ("output", "warned"),
    [
        ("${ steps.s.sku }", []),
        ("of ${ steps.s.sku }", ["steps.s.sku"]),
        ("of ${ steps.order.note }", ["steps.order.note"]),
        ("of ${ steps.any.note }", []),
        ("of ${ if(status.s == 'ok', steps.s.sku, 'none') }", []),
        ("of ${ steps.s.sku || 'none' }", []),
    ],
)
def test_null_is_told_where_somebody_said_that_it_may_be(tmp_path: Path, output: str, warned: list[str]) -> None:
    specs = SOURCE.replace("STEP", "s: {call: shop.stock, with: {sku: a}, required: false}")
    made = planned(tmp_path, specs.replace("${ steps.order.id }", output), roles=ROLES)
    assert misshapen(tmp_path, made) == [("GW266", word) for word in warned]


@pytest.mark.parametrize(("when", "told"), [("input.maybee", [("GW226", "maybee")]), ("input.maybe &&", [])])
def test_a_broken_condition_makes_no_warning_follow(tmp_path: Path, when: str, told: list[tuple[str, str]]) -> None:
    step = f"call: shop.stock, when: {when}, with: {{sku: 'of ${{ input.maybe }}'}}"
    reply = f"[{{when: {when}, text: a}}, {{text: 'of ${{ steps.s.sku }}'}}]"
    specs = SOURCE.replace("STEP", f"s: {{{step}}}").replace('any: "${ steps.any }"}', f'any: "${{ steps.any }}"}}\nreply: {reply}')
    made = planned(tmp_path, specs, roles=ROLES)
    assert misshapen(tmp_path, made) == [*told, *told]
    assert made.codes.count("GW201") == (0 if told else 2)


def test_what_holds_in_a_step_whose_condition_held(tmp_path: Path) -> None:
    step = "call: shop.stock, when: input.maybe, with: {sku: 'of ${ input.maybe }', place: 'x ${ steps.any.x }'}"
    made = planned(tmp_path, SOURCE.replace("STEP", f"s: {{{step}}}"), roles=ROLES)
    assert misshapen(tmp_path, made) == []


def test_steps_may_be_written_in_any_order_and_circles_have_an_end(tmp_path: Path) -> None:
    made = planned(
        tmp_path, SOURCE.replace("STEP", "s: {let: {a: '${ steps.t.n }'}}\n  t: {call: shop.stock, with: {sku: a}}"), roles=ROLES
    )
    plan = made.plan.catalogue.get("ask")
    assert plan is not None
    assert plan.output_schema["properties"]["it"] == obj({"a": {"type": "integer"}})
    circle = planned(tmp_path, SOURCE.replace("STEP", "s: {let: {a: '${ steps.t.b }'}}\n  t: {let: {b: '${ steps.s.a }'}}"), roles=ROLES)
    assert "GW221" in circle.codes
    assert misshapen(tmp_path, circle) == []


def test_an_unknown_target_makes_no_follow_on(tmp_path: Path) -> None:
    step = "s: {call: shop.nothing, with: {a: 1}, output: '${ result.any.thing }'}\n  t: {let: {x: '${ steps.s.what.ever }'}}"
    made = planned(tmp_path, SOURCE.replace("STEP", step), roles=ROLES)
    assert (misshapen(tmp_path, made), [code for code in made.codes if code < "GW270"]) == ([], ["GW223"])


def test_a_step_that_ran_may_be_null_all_the_same(tmp_path: Path) -> None:
    specs = SOURCE.replace("STEP", "s: {call: shop.stock, with: {sku: a}, fallback: [{return: null}]}")
    made = planned(tmp_path, specs.replace('"${ steps.s }"', "\"${ if(status.s == 'fallback', steps.s, 'x') }\""), roles=ROLES)
    plan = made.plan.catalogue.get("ask")
    assert plan is not None
    assert "null" in plan.output_schema["properties"]["it"]["type"]
