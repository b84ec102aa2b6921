"""Steps in their places, as the plan has them."""

from __future__ import annotations

from pathlib import Path

from gateway.runtime.plan import IntentPlan
from tests.planner.folders import intent_of, messages, planned, told


def by_name(intent: IntentPlan) -> dict[str, tuple[list[str], list[str], list[str]]]:
    """For each step: what it waits for, what follows, and what holds it back."""
    names = [step.id for step in intent.steps]
    return {
        step.id: tuple([names[position] for position in positions] for positions in (step.waits_for, step.followers, step.barriers))  # type: ignore[misc]
        for step in intent.steps
    }


def test_positions_follow_references_and_order(tmp_path: Path) -> None:
    intent = intent_of(
        tmp_path,
        """
        intent: ask
        steps:
          last: {call: erp.order, with: {id: "${ steps.left.id }${ steps.right.id }"}}
          right: {call: erp.order, with: {id: "${ steps.first.id }"}}
          left: {call: erp.order, with: {id: "${ steps.first.id }"}}
          first: {call: erp.order, with: {id: "1"}}
        output: ${ steps.last }
        """,
    )
    assert [step.id for step in intent.steps] == ["first", "right", "left", "last"]
    assert intent.first == (0,)
    assert by_name(intent)["last"] == (["right", "left"], [], [])
    assert by_name(intent)["first"] == ([], ["right", "left"], [])


def test_what_nothing_reads_is_pruned_with_a_warning(tmp_path: Path) -> None:
    made = planned(
        tmp_path,
        """
        intent: ask
        steps:
          idle: {call: erp.orders}
          checked: {call: erp.order, with: {id: "1"}, ensure: [{check: "result.owner == user.id"}]}
          write: {call: erp.note, with: {text: "${ steps.read.text }"}}
          read: {call: erp.orders}
          after: {call: erp.orders}
          last: {emit: {to: erp.log, data: {}}, depends_on: [after]}
        """,
    )
    assert told(made) == [("GW231", 3, 3)]
    intent = made.plan.catalogue.get("ask")
    assert intent is not None
    assert {step.id for step in intent.steps} == {"checked", "write", "read", "after", "last"}


def test_writes_wait_for_the_checks_that_are_not_behind_them(tmp_path: Path) -> None:
    intent = intent_of(
        tmp_path,
        """
        intent: ask
        steps:
          write: {call: erp.note, with: {text: a}}
          before: {call: erp.order, with: {id: "1"}, ensure: [{check: "result.owner == user.id"}]}
          behind: {call: erp.order, with: {id: "${ steps.write.id }"}, ensure: [{check: "result.owner == user.id"}]}
        """,
    )
    found = by_name(intent)
    assert found["write"] == (["before"], ["behind"], ["before"])
    assert found["before"] == ([], ["write"], [])
    assert intent.writes


def test_two_writes_with_checks_of_their_own_block_each_other_until_ordered(tmp_path: Path) -> None:
    specs = """
        intent: ask
        steps:
          a: {call: erp.note, with: {text: a}, ensure: [{check: "result.ok"}]}
          b: {call: erp.note, with: {text: b}, ensure: [{check: "result.ok"}]MORE}
        """
    made = planned(tmp_path, specs.replace("MORE", ""))
    assert told(made) == [("GW301", 3, 3)]
    assert messages(made) == ["`a` and `b` wait for each other's `ensure`"]
    ordered = intent_of(tmp_path, specs.replace("MORE", ", depends_on: [a]"))
    assert by_name(ordered)["b"][2] == ["a"]


def test_a_fault_in_the_document_keeps_back_warnings_that_follow_from_it(tmp_path: Path) -> None:
    made = planned(
        tmp_path,
        """
        intent: ask
        steps: {a: {call: erp.orders}}
        output: ${ steps.b }
        """,
    )
    assert told(made) == [("GW220", 3, 18)]
