"""Keys: unknown, missing, excluding each other, not in force yet."""

from __future__ import annotations

import pytest

from gateway.config.keys import HABITS
from gateway.config.kind_schema import schema_for
from gateway.config.validate import validate
from tests.config.written import COMPONENTS, document, in_intent, in_step, only, problems_of, told


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("sumary", "summary"), ("descripton", "description"), ("exmaples", "examples"), ("acess", "access"), ("inputs", "input"),
        ("guards", "guard"), ("step", "steps"), ("ouput", "output"), ("replay", "reply"), ("dedline", "deadline"),
        ("soft-deadline", "soft_deadline"), ("idempotencyKey", "idempotency_key"), ("Tags", "tags"), ("extend", "extends"),
        ("cahce", "cache"), ("notfiy", "notify"), ("pipelines", "pipeline"), ("limit", "limits"), ("key_idempotency", "idempotency_key"),
    ],
)  # fmt: skip
def test_typos_of_intent_keys(typo: str, meant: str) -> None:
    problem = only(in_intent(f"{typo}: 1"))
    assert (problem.code, problem.hint) == ("GW101", f"did you mean `{meant}`?")


@pytest.mark.parametrize(
    ("typo", "fix"),
    [
        *[("sumary", "summary"), ("inputs", "input"), ("Tags", "tags"), ("soft-deadline", "soft_deadline")],
        *[("ouput", None), ("key_idempotency", None), ("acess", None), ("pipelines", None)],
    ],
)
def test_a_fix_is_given_where_it_is_certain_and_opens_no_door(typo: str, fix: str | None) -> None:
    assert only(in_intent(f"{typo}: 1")).fix == fix


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("wiht", "with"), ("whne", "when"), ("foreeach", "foreach"), ("concurency", "concurrency"), ("max_item", "max_items"),
        ("dependsOn", "depends_on"), ("timeOut", "timeout"), ("retries", "retry"), ("ensures", "ensure"), ("fall_back", "fallback"),
        ("requird", "required"), ("transfrom", "transform"), ("compensation", "compensate"),
    ],
)  # fmt: skip
def test_typos_of_step_keys(typo: str, meant: str) -> None:
    problem = only(in_step(f"call: a.b\n{typo}: 1"))
    assert (problem.code, problem.hint) == ("GW101", f"did you mean `{meant}`?")


def test_a_key_that_is_there_is_not_suggested() -> None:
    assert only(in_step("call: a.b\ntimeout: 1s\ntimout: 2s")).hint is None


def test_habits_of_other_tools() -> None:
    problem = only(in_step("call: a.b\nneeds: [x]"))
    assert (problem.hint, problem.fix) == ("did you mean `depends_on`?", None)
    every = [*schema_for("source", "http", COMPONENTS)["$defs"].values(), *schema_for("intent", None, COMPONENTS)["$defs"].values()]
    every += schema_for("route", None, COMPONENTS)["$defs"].values()
    known = {key for model in every for key in model.get("properties", {})}
    assert set(HABITS.values()) <= known


def test_a_colon_without_a_space() -> None:
    [problem] = problems_of("intent: a\noutput:{a: 1}\n")
    assert (problem.code, problem.hint, problem.fix) == ("GW101", "a space is missing behind `output:`", None)


def test_missing_keys_name_their_owner() -> None:
    problem = only("intent: a\nsteps:\n  s:\n    join: {left: a, as: b, by: c}\n")
    assert problem.message == "missing key `right` in `join` of step `s`"
    assert (problem.place.line, problem.place.column) == (4, 5)


def test_groups() -> None:
    nothing = only(in_step("when: input.x"))
    assert nothing.message == "step `order` needs one of `call`, `join`, `let` or `emit`"
    assert (nothing.place.line, nothing.place.column) == (3, 3)
    assert told(problems_of(in_step("join: {left: a, right: b, by: c, as: d, merge: false}"))) == []
    assert only(in_step("join: {left: a, right: b, by: c, as: d, merge: true}")).code == "GW107"


def test_default_of_a_later_key_is_silent() -> None:
    assert problems_of(in_intent("mode: sync")) == []
    assert told(problems_of(in_intent("pipeline: []"))) == []
    assert only(in_intent("mode: async")).severity == "warning"


def test_long_and_strange_keys() -> None:
    written = document("intent: a")
    written.data["x" * 5000] = 1
    (problem,) = validate(written, "intent", COMPONENTS)
    assert len(problem.message) < 200
    assert problem.hint is None
