"""Intents: the card that the pipeline sees, sub-intents, input, replies."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from gateway.sdk import InvalidRequest
from tests.planner.folders import intent_of, marked, messages, planned, told


def chain(length: int, *, falling: bool = False) -> str:
    """Intents that call each other in a row; `falling` gives the first to be planned the last name."""
    names = [f"a{number:02}" for number in range(length)]
    names = names[::-1] if falling else names
    documents = [f"intent: {name}\nsteps: {{x: {{call: intent.{inner}}}}}\noutput: ${{ steps.x }}\n" for name, inner in pairwise(names)]
    return "---\n".join([*documents, f"intent: {names[-1]}\noutput: 1\n"])


def test_the_card(tmp_path: Path) -> None:
    intent = intent_of(
        tmp_path,
        """
        intent: ask
        version: 3
        summary: Asks
        description: Asks at length
        examples: ["ask {id}"]
        tags: [a]
        deadline: 2s
        idempotency_key: [input.id]
        guard: [{check: "input.id == user.id"}]
        input: {type: object, required: [id, all], properties: {id: {type: string}, all: {type: boolean, default: true}}}
        output: {}
        """,
    )
    assert (intent.name, intent.version, intent.summary, intent.description) == ("ask", 3, "Asks", "Asks at length")
    assert (intent.examples, intent.tags, intent.deadline, intent.writes) == (("ask {id}",), ("a",), 2.0, False)
    assert intent.required == {"id"}
    assert intent.depth == 1
    assert [guard.place for guard in intent.guards] == ["specs/all.yaml:9"]
    assert len(intent.idempotency_key) == 1
    assert intent.accept({"id": "7", "all": "false"}, from_text=True) == {"id": "7", "all": False}
    with pytest.raises(InvalidRequest):
        intent.accept({}, from_text=False)


@pytest.mark.parametrize(("written", "takes"), [("", False), ("input: false\n", False), ("input: true\n", True), ("input: {}\n", True)])
def test_without_a_schema_nothing_is_taken(tmp_path: Path, written: str, takes: bool) -> None:
    intent = intent_of(tmp_path, f"intent: ask\n{written}output: 1\n")
    assert intent.accept({}, from_text=False) == {}
    if takes:
        assert intent.accept({"a": 1}, from_text=False) == {"a": 1}
    else:
        with pytest.raises(InvalidRequest):
            intent.accept({"a": 1}, from_text=False)


def test_the_highest_version_counts_and_all_are_checked(tmp_path: Path) -> None:
    specs = "intent: ask\nversion: 2\noutput: two\n---\nintent: ask\noutput: ONE\n"
    assert intent_of(tmp_path, specs).version == 2
    assert told(planned(tmp_path, specs.replace("ONE", "${ inptu }"))) == [("GW202", 6, 12)]


@pytest.mark.parametrize("falling", [False, True])
def test_depth_is_bounded_whoever_is_planned_first(tmp_path: Path, falling: bool) -> None:
    assert told(planned(tmp_path, chain(9, falling=falling))) == []
    deep = planned(tmp_path, chain(10, falling=falling))
    assert [problem.code for problem in deep.problems] == ["GW302"]


def test_a_chain_of_any_length_is_refused_without_recursion(tmp_path: Path) -> None:
    assert {problem.code for problem in planned(tmp_path, chain(150)).problems} == {"GW302"}


def test_a_circle_of_intents_is_told_once(tmp_path: Path) -> None:
    specs = "".join(f"---\nintent: {a}\nsteps: {{x: {{call: intent.{b}}}}}\noutput: ${{ steps.x }}\n" for a, b in ("ab", "bc", "ca"))
    made = planned(tmp_path, specs)
    assert messages(made) == ["intents call each other in a circle: a → b → c → a"]
    assert told(made) == [("GW228", 11, 26)]


def test_writes_and_checks_of_a_sub_intent_are_those_of_its_step(tmp_path: Path) -> None:
    specs = """
        intent: inner
        steps:
          write: {call: erp.note, with: {text: a}}
        ---
        intent: checked
        guard: [{check: user.id == 'a'}]
        output: 1
        ---
        intent: ask
        steps:
          inner: {call: intent.inner}
          checked: {call: intent.checked}
        """
    intent = intent_of(tmp_path, specs)
    assert [step.id for step in intent.steps] == ["checked", "inner"]
    assert intent.steps[1].barriers == (0,)
    assert (intent.writes, intent.depth) == (True, 2)


def test_replies_that_look_at_error_or_status_answer_for_failures(tmp_path: Path) -> None:
    made = planned(
        tmp_path,
        """
        intent: ask
        steps: {a: {call: erp.orders, required: false}}
        output: ${ steps.a }
        reply:
          - {when: error.code == 'timeout', text: late}
          - {when: status.a == 'failed', text: "${ status.a }"}
          - {text: {en: one, de: eins}, suggestions: ["${ output.x }"]}
        """,
    )
    assert told(made) == []


def test_actions_name_intents(tmp_path: Path) -> None:
    specs = (
        "intent: ask\noutput: 1\nreply: [{text: a, actions: [{label: a, intent: aks}, {label: b, intent: '${ output }'}, {label: c}]}]\n"
    )
    assert marked(tmp_path, planned(tmp_path, specs)) == [("GW227", "aks")]


def test_slots_of_examples_are_inputs(tmp_path: Path) -> None:
    specs = (
        "intent: ask\nexamples: ['find { oder_id }', 'a {order_id} in {city}', 'plain {1}']\n"
        "input: {type: object, properties: {order_id: {}}}\noutput: 1\n---\n"
        "intent: bare\nexamples: ['say {x}']\noutput: 1\n"
    )
    made = planned(tmp_path, specs)
    assert marked(tmp_path, made) == [("GW224", "oder_id"), ("GW224", "city"), ("GW224", "x")]
    assert messages(made)[0] == "unknown input `oder_id` of `ask`"
    assert made.problems[0].hint == "did you mean `order_id`?"
