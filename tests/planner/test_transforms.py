from __future__ import annotations

from pathlib import Path

from gateway.expressions.shape import ANY
from gateway.planner.transforms import Transforms
from gateway.testing.scenario import scenario
from tests.planner.folders import marked, messages, planned

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
