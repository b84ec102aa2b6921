from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from gateway.config.models import Intent
from gateway.expressions.shape import LOST, OBJECT, closed, every_label
from gateway.planner import sub_intents
from gateway.planner.answered import Answered, Sent
from gateway.planner.compiler import Compiler
from gateway.planner.known import Known
from gateway.planner.roots import REQUEST
from gateway.planner.steps import StepDraft, Target
from gateway.planner.sub_intents import SubIntents
from gateway.runtime.plan import Let
from tests.planner.folders import compiler_of

KNOWN = Known(config=OBJECT, flags=OBJECT, user=closed(["id"]), transforms={})
SCHEMA: Mapping[str, Any] = {"type": "object", "properties": {"who": {"type": "string"}, "id": {"type": "string"}}}
TEXT = """
intent: card
steps:
  sent: {call: desk.open, with: {of: "${ input.who }", id: "${ input.id }"}}
output: {name: "${ input.who }", id: "${ input.id }", known: "${ input.who == 'x' }", lost: "${ input.nothing }"}
"""


def desk(target: Answered) -> Target:
    params = {"type": "object", "properties": {"of": {}, "id": {}}}
    return Target(lambda _: Let(()), params, frozenset(), target.to_backend)


def checked(target: Answered) -> tuple[SubIntents, Compiler]:
    compiler = compiler_of(TEXT)
    data = compiler.document.data
    model = msgspec.convert(data, Intent)
    for name, value in data["steps"]["sent"]["with"].items():
        compiler.template(value, ("steps", "sent", "with", name), REQUEST)
    compiler.template(data["output"], ("output",), REQUEST)
    drafts = [StepDraft("sent", model.steps["sent"], Let(()), tuple(compiler.uses), target=desk(target))]
    intents = SubIntents(KNOWN)
    intents.check(model, SCHEMA, compiler, drafts)
    return intents, compiler


@pytest.fixture
def intents() -> SubIntents:
    return checked(Answered(OBJECT, sources=frozenset({"desk"})))[0]


def labels(answered: Answered) -> dict[str, set[tuple[str, str]]]:
    shape = answered.shape
    return {name: {tuple(label) for label in every_label(member)} for name in shape.names if (member := shape.member(name)) is not None}  # type: ignore[misc]


def test_a_class_comes_out_where_its_argument_does(intents: SubIntents) -> None:
    answered = intents.answered("card", {"who": frozenset({"pii"}), "id": frozenset({"internal"})})
    assert labels(answered) == {
        "name": {("pii", "intent.card: who")},
        "id": {("internal", "intent.card: id")},
        "known": set(),
        "lost": set(),
    }
    assert answered.sent == {Sent("who", "pii", "desk"), Sent("id", "internal", "desk")}
    assert answered.sources == {"desk"}


def test_what_is_not_declared_as_an_input_counts_too(intents: SubIntents) -> None:
    assert labels(intents.answered("card", {"nothing": frozenset({"pii"})}))["lost"] == {("pii", "intent.card: nothing")}


def test_without_classes_it_is_as_it_was_checked(intents: SubIntents) -> None:
    plain = intents.answered("card")
    assert set().union(*labels(plain).values()) == set()
    assert plain.sent == frozenset()
    assert intents.answered("card", {}) is plain
    assert every_label(intents.answered("unknown", {"a": frozenset({"pii"})}).shape) == frozenset()


def test_faults_are_told_once() -> None:
    intents, compiler = checked(Answered(OBJECT, sources=frozenset({"desk"})))
    before = [problem.code for problem in compiler.findings.problems]
    assert before == ["GW226"]
    intents.answered("card", {"who": frozenset({"pii"})})
    assert [problem.code for problem in compiler.findings.problems] == before


def test_equal_questions_are_answered_once(intents: SubIntents) -> None:
    given = {"who": frozenset({"pii"})}
    assert intents.answered("card", given) is intents.answered("card", dict(given))


def test_beyond_a_number_of_questions_all_that_goes_in_may_come_out(intents: SubIntents, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sub_intents, "MOST", 1)
    intents.answered("card", {"who": frozenset({"a"})})
    answered = intents.answered("card", {"who": frozenset({"pii"})})
    assert LOST in every_label(answered.shape)
    assert answered.sent == {Sent("who", "pii", "desk")}


def test_many_questions_take_little_time(intents: SubIntents) -> None:
    started = time.process_time()
    for number in range(300):
        intents.answered("card", {"who": frozenset({f"class{number}"})})
    assert time.process_time() - started < 1
