from __future__ import annotations

import time
from pathlib import Path

import pytest

from gateway.expressions import Label, schema_of
from gateway.expressions.shape import ANY, INTEGER, TEXT, every_label, labelled, object_of
from gateway.planner.transforms import Transforms
from gateway.testing.scenario import scenario
from tests.planner.folders import marked, messages, misshapen, planned

ROLES = "policy: roles\nroles: {c: {allow: ['intent:*']}}\n"


async def test_one_may_use_another_in_any_order(tmp_path: Path) -> None:
    specs = """
transform: outer
output: {inner: {$use: inner, value: "${ value.a }"}, word: "${ config.word }"}
---
transform: inner
output: {is: "${ value }"}
---
intent: ask
input: {type: object}
steps: {a: {let: {a: "${ input.x }"}, transform: outer}}
output: ${ steps.a }
"""
    gateway = "gateway: g\nidentity: [{scenario: {}}]\nconfig: {word: w}\n"
    async with scenario(tmp_path, {"gateway.yaml": gateway, "specs/a.yaml": specs, "policies/r.yaml": ROLES}, {}) as made:
        answer = await made.ask("ask", {"x": 7}, user={"id": "u", "roles": ["c"]})
    assert answer.data == {"inner": {"is": 7}, "word": "w"}


def test_a_circle_is_told_where_it_closes(tmp_path: Path) -> None:
    specs = "".join(f"---\ntransform: {a}\noutput: [{{x: {{$use: {b}, value: 1}}}}]\n" for a, b in ("ab", "bc", "ca"))
    made = planned(tmp_path, specs)
    assert messages(made) == ["transforms use each other in a circle: a → b → c → a"]
    assert marked(tmp_path, made) == [("GW237", "a")]


def test_depth_is_bounded(tmp_path: Path) -> None:
    chain = "".join(f"---\ntransform: t{number}\noutput: {{$use: t{number + 1}, value: 1}}\n" for number in range(200))
    made = planned(tmp_path, chain + "---\ntransform: t200\noutput: 1\n")
    assert {(problem.code, problem.message) for problem in made.problems} == {("GW237", "more than 16 transforms stand inside each other")}
    assert planned(tmp_path, chain.replace("t16,", "t200,") + "---\ntransform: t200\noutput: 1\n").codes != []
    short = "".join(f"---\ntransform: t{number}\noutput: {{$use: t{number + 1}, value: 1}}\n" for number in range(16))
    assert planned(tmp_path, short + "---\ntransform: t16\noutput: 1\n").plan


def test_a_broken_one_is_told_once(tmp_path: Path) -> None:
    specs = """
transform: broken
outptu: 1
---
transform: uses
output: {$use: broken, value: 1}
---
intent: ask
steps: {a: {call: erp.orders, transform: broken}}
output: ${ steps.a }
"""
    assert marked(tmp_path, planned(tmp_path, specs)) == [("GW101", "outptu")]


def test_names_are_those_of_sound_and_broken_documents() -> None:
    transforms = Transforms({}, frozenset({"b", "a"}), ANY)
    assert (list(transforms), len(transforms), "a" in transforms, "c" in transforms) == (["a", "b"], 2, True, False)
    assert transforms.get("c") is None
    assert transforms["a"]({}) is None


SHAPED = """
source: crm
type: fake
operations:
  contact:
    params: {type: object, properties: {}}
    output_schema:
      type: object
      required: [id, email]
      properties: {id: {type: integer}, email: {type: string, classification: pii}, of: {type: object, properties: {id: {type: string}}}}
---
intent: ask
access: {roles: [c]}
steps: {a: {call: crm.contact, transform: outer}, b: {call: crm.contact}}
output: {a: "${ steps.a }", b: {$use: outer, value: "${ steps.b }"}}
---
"""
OUTER = 'transform: outer\noutput: {whole: {$use: inner, value: "${ value }"}, part: {$use: inner, value: "${ value.of }"}}\n---\n'


def test_what_is_made_has_the_shape_of_what_is_given(tmp_path: Path) -> None:
    made = planned(tmp_path, SHAPED + OUTER + 'transform: inner\noutput: {is: "${ value.id }"}\n', roles=ROLES)
    plan = made.plan.catalogue.get("ask")
    assert plan is not None
    expected = {
        "whole": {"type": "object", "properties": {"is": {"type": "integer"}}, "additionalProperties": False},
        "part": {"type": "object", "properties": {"is": {"type": ["null", "string"]}}, "additionalProperties": False},
    }
    found = plan.output_schema["properties"]
    assert found["a"]["properties"] == found["b"]["properties"] == expected


def test_what_does_not_fit_is_told_where_it_is_used_and_its_own_faults_once(tmp_path: Path) -> None:
    inner = 'transform: inner\noutput: {is: "${ value.idd }", own: "${ config.nothing }"}\n'
    made = planned(tmp_path, SHAPED + OUTER + inner, roles=ROLES)
    assert misshapen(tmp_path, made) == [("GW269", "outer"), ("GW269", "outer"), ("GW226", "nothing")]


def test_classes_survive_whatever_is_made(tmp_path: Path) -> None:
    outer = 'transform: outer\noutput: [{$use: inner, value: {mail: "${ value.email }"}}]\n---\n'
    made = planned(tmp_path, SHAPED + outer + 'transform: inner\noutput: {text: "to ${ value.mail }"}\n', roles=ROLES)
    assert misshapen(tmp_path, made) == [
        ("GW532", '"${ steps.a }"'),
        ("GW532", '{$use: outer, value: "${ steps.b }"}'),
    ]


@pytest.mark.parametrize("given", ['"${ value }"', '{email: "${ value.email }"}', '["${ value }"]'])
def test_sixteen_levels_each_used_twice_take_no_time(tmp_path: Path, given: str) -> None:
    chain = "".join(
        f"---\ntransform: t{number}\noutput: {{x: {{$use: t{number + 1}, value: {given}}}, y: {{$use: t{number + 1}, value: {given}}}}}\n"
        for number in range(16)
    )
    last = '---\ntransform: t16\noutput: "${ value }"\n'
    intent = '---\nintent: ask\naccess: {roles: [c]}\nsteps: {a: {call: crm.contact, transform: t0}}\noutput: "${ steps.a }"\n'
    source, *_ = SHAPED.partition("---\n")
    started = time.process_time()
    made = planned(tmp_path, source + chain + last + intent, roles=ROLES)
    assert time.process_time() - started < 1
    assert "GW532" in made.codes


def test_of_a_transform_that_is_not_followed_all_that_went_in_may_come_out() -> None:
    transforms = Transforms({}, frozenset({"broken"}), ANY)
    pii = Label("pii", "crm: email")
    shape, faults = transforms.shapes["broken"](object_of({"id": INTEGER, "email": labelled(TEXT, frozenset({pii}))}))
    assert (schema_of(shape), set(every_label(shape)), faults) == ({}, {pii}, [])
