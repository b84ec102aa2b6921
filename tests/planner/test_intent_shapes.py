from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.testing.scenario import prepare
from tests.planner.folders import marked, misshapen, planned

SPECS = """
source: shop
type: fake
operations:
  order:
    params: {type: object, required: [id], properties: {id: {type: string}}}
    output_schema: {type: object, required: [id, note], properties: {id: {type: string}, note: {type: [string, "null"]}}}
---
intent: ask
access: {roles: [c]}
input: {type: object, required: [id], properties: {id: {type: string}, size: {type: string, default: m}, colour: {type: string}}}
steps:
  order: {call: shop.order, with: {id: "${ input.id }"}, required: false}
output: {id: "${ steps.order.id }", note: "${ steps.order.note }"}
reply: REPLY
"""
ROLES = "policy: roles\nroles: {c: {}}\n"
GATEWAY = """
gateway: g
identity:
  - api_key: {header: X, keys: [{hash: "sha256:aa", user: {id: a, branch: 7, roles: [c]}}]}
config: {states: {A: open}}
"""


def told(folder: Path, reply: str) -> list[tuple[str, str]]:
    return misshapen(folder, planned(folder, SPECS.replace("REPLY", reply), roles=ROLES, gateway=GATEWAY))


@pytest.mark.parametrize(
    ("reply", "faults"),
    [
        ('"${ output.idd }"', [("GW226", "idd")]),
        ('{en: "${ output.id || input.id }", de: "${ input.size } ${ input.colur }"}', [("GW226", "colur")]),
        ('"${ input.size }"', []),
        ('"in ${ input.colour }"', [("GW266", "input.colour")]),
        ('"${ error.detail_code } ${ error.status_code }"', []),
        ('"${ error.text }"', [("GW226", "text")]),
        ('"${ user.branch } ${ config.states.A }"', []),
        ('"${ user.brnch }"', [("GW226", "brnch")]),
        ('"${ config.states.B }"', [("GW226", "B")]),
        ('"${ ctx.now } ${ tenant.name }"', [("GW226", "now"), ("GW226", "name")]),
        ('"${ status.order } ${ meta.order.rung } ${ meta.order.ran }"', [("GW226", "ran")]),
        ('"${ session.user }"', [("GW226", "user")]),
        ("[{when: output.idd, text: a}]", [("GW226", "idd")]),
        ("[{text: a, blocks: [{list: {$each: output.id, $as: x, $do: a}}]}]", [("GW261", "output.id")]),
        ('[{text: a, actions: [{label: "${ output.idd }", intent: ask}]}]', [("GW226", "idd")]),
        ('[{text: a, suggestions: ["${ input.i }"]}]', [("GW226", "i")]),
    ],
)
def test_what_a_reply_reads(tmp_path: Path, reply: str, faults: list[tuple[str, str]]) -> None:
    assert told(tmp_path, reply) == faults


@pytest.mark.parametrize(
    ("reply", "faults"),
    [
        ('[{text: "A ${ output.note }"}]', ["output.note"]),
        ('[{when: output.note, text: "A ${ output.note }"}]', []),
        ('[{when: "!(output.note)", text: none}, {text: "A ${ output.note }"}]', []),
        ('[{when: "output.note == `null`", text: none}, {text: {en: "A ${ output.note }"}}]', []),
        ('[{when: output.id, text: "a"}, {text: "A ${ output.note }"}]', ["output.note"]),
        ('[{when: "output.id && output.note", text: "a"}, {text: "A ${ output.note }"}]', ["output.note"]),
    ],
)
def test_a_form_knows_that_its_condition_holds_and_those_before_did_not(tmp_path: Path, reply: str, faults: list[str]) -> None:
    assert told(tmp_path, reply) == [("GW266", word) for word in faults]


def schema(folder: Path, specs: str, name: str = "ask") -> Any:
    plan = planned(folder, specs, roles=ROLES).plan.catalogue.get(name)
    assert plan is not None
    return plan.output_schema


def test_an_intent_without_output_gives_null(tmp_path: Path) -> None:
    assert schema(tmp_path, "intent: ask\naccess: {roles: [c]}\n") == {"type": "null"}


def test_the_output_of_a_sub_intent_is_that_of_its_highest_version(tmp_path: Path) -> None:
    older = 'intent: sub\nversion: {}\naccess: {{internal: true}}\noutput: {{{}: "{}"}}\n---\n'
    specs = (
        older.format(2, "new", "x") + older.format(1, "old", "x") + "intent: ask\naccess: {roles: [c]}\nsteps: {s: {call: intent.sub}}\n"
    )
    assert schema(tmp_path, f'{specs}output: "${{ steps.s }}"\n')["properties"].keys() == {"new"}
    assert misshapen(tmp_path, planned(tmp_path, f'{specs}output: "${{ steps.s.old }}"\n', roles=ROLES)) == [("GW226", "old")]


def test_every_version_is_checked_by_itself(tmp_path: Path) -> None:
    specs = """
    intent: ask
    version: 1
    access: {roles: [c]}
    input: {type: object, properties: {a: {type: string}}}
    output: ${ input.b }
    ---
    intent: ask
    version: 2
    access: {roles: [c]}
    input: {type: object, properties: {b: {type: string}}}
    output: ${ input.b }
    """
    assert misshapen(tmp_path, planned(tmp_path, specs, roles=ROLES)) == [("GW226", "b")]


def test_a_fault_hides_none_of_another_document_and_makes_none_follow(tmp_path: Path) -> None:
    specs = """
    source: broken
    type: fake
    operatins: {}
    ---
    source: shop
    type: fake
    operations:
      order: {output_schema: {type: object, properties: {id: {type: string}}}, result: body.idd}
    ---
    intent: uses
    access: {roles: [c]}
    steps: {a: {call: broken.thing, output: "${ result.x.y }"}, b: {call: shop.order}}
    output: {a: "${ steps.a.any }", b: "${ steps.b.id }", c: "${ user.nobody }"}
    ---
    intent: sub
    access: {internal: true}
    ouput: {a: 1}
    ---
    intent: last
    access: {roles: [c]}
    steps: {s: {call: intent.sub}, o: {let: {x: "${ input. }"}}}
    output: ["${ steps.s.a }", "${ steps.o.x.y }", "${ steps.q }"]
    """
    made = prepare(tmp_path, {"specs/all.yaml": "\n".join(line[4:] for line in specs.strip("\n").splitlines())}, {})
    counts = [problem.severity == "error" for problem in made.problems]
    told = [each for each, counted in zip(marked(tmp_path, made), counts, strict=True) if counted]
    assert told == [("GW101", "operatins"), ("GW226", "idd"), ("GW101", "ouput"), ("GW201", "."), ("GW220", "q")]
