"""Which intents that write may be carried out again, and when a record is of another configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.planner.idempotency import is_repeatable, plan_once
from gateway.runtime.once import Revision
from gateway.testing.scenario import prepare
from tests.planner.folders import planned

SHOP = """
source: shop
type: http
servers: ["http://shop.test"]
operations:
  order: {request: GET /order}
  heeds: {request: POST /heeds, effect: write, idempotency: {}}
  forgets: {request: POST /forgets, effect: write}
---
intent: inner
access: {internal: true}
input: {type: object, properties: {x: {type: array}}}
steps: {a: {call: shop.heeds}}
output: 1
---
intent: chooses
access: {internal: true}
input: {type: object, properties: {x: {type: array}}}
steps: {a: {call: shop.heeds, when: input.x}}
output: 1
---
intent: forgets
access: {internal: true}
steps: {a: {call: shop.forgets}}
output: 1
"""
HEAD = "---\nintent: ask\ninput: {type: object, properties: {x: {type: array}}}\noutput: 1\nsteps:\n"


@pytest.mark.parametrize(
    ("steps", "repeatable"),
    [
        ("{a: {call: shop.heeds}}", True),
        ("{a: {call: shop.forgets}}", False),
        ("{a: {call: shop.heeds}, b: {call: shop.forgets}}", False),
        ("{a: {call: shop.order}, b: {call: shop.heeds, depends_on: [a]}}", True),
        ("{b: {call: shop.heeds, when: input.x}}", True),
        ("{b: {call: shop.heeds, when: user.id == 'a'}}", False),
        ("{b: {call: shop.heeds, when: 'now() > input.x[0]'}}", False),
        ("{a: {call: shop.order}, b: {call: shop.heeds, when: steps.a.x}}", False),
        ("{a: {call: shop.order, when: steps.b}, b: {call: shop.heeds}}", True),
        ("{b: {call: shop.heeds, foreach: input.x, as: each}}", True),
        ("{a: {call: shop.order}, b: {call: shop.heeds, foreach: steps.a.x, as: each}}", False),
        ("{b: {call: shop.heeds, fallback: [{call: shop.heeds}]}}", False),
        ("{b: {call: shop.heeds, fallback: [{return: 1}]}}", True),
        ("{b: {call: shop.heeds, fallback: [{call: intent.inner}]}}", False),
        ("{b: {call: intent.inner}}", True),
        ("{b: {call: intent.chooses}}", False),
        ("{b: {call: intent.forgets}}", False),
    ],
)
def test_only_what_does_nothing_twice_may_be_done_again(tmp_path: Path, steps: str, repeatable: bool) -> None:
    made = planned(tmp_path, f"{SHOP}{HEAD}  {steps}\n")
    assert is_repeatable(made.planned, made.plan.catalogue.intents["ask"]) is repeatable


def test_intents_that_write_and_can_be_asked_for_have_records(tmp_path: Path) -> None:
    reads = "---\nintent: reads\nsteps: {a: {call: shop.order}}\noutput: '${steps.a}'\n"
    made = planned(tmp_path, f"{SHOP}{HEAD}  {{a: {{call: intent.inner}}}}\n{reads}")
    found = plan_once(made.planned)
    assert list(found) == ["ask"]
    assert set(found["ask"].barriers) == {"ask", "inner"}
    assert found["ask"].involved == {"shop.heeds": ("shop.heeds",)}


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("output: 1", "output: 1", (True, True)),
        ("output: 1\nsteps:", "output: 2\nsteps:", (False, False)),
        ("steps: {a: {call: shop.heeds}}", "steps: {a: {call: shop.heeds, timeout: 1s}}", (False, False)),
        ("POST /heeds", "POST /other", (False, False)),
        ("http://shop.test", "http://other.test", (True, False)),
        ("steps: {a: {call: shop.forgets}}", "steps: {a: {call: shop.forgets, timeout: 1s}}", (True, True)),
    ],
)
def test_a_revision_is_that_of_the_intent_and_of_what_it_calls(tmp_path: Path, before: str, after: str, same: tuple[bool, bool]) -> None:
    text = f"{SHOP}{HEAD}  {{a: {{call: intent.inner}}}}\n"
    assert before in text
    revisions = [
        plan_once(planned(tmp_path / name, written).planned)["ask"].revision
        for name, written in (("a", text), ("b", text.replace(before, after)))
    ]
    one, other = revisions
    assert (one.answers == other.answers, one.calls == other.calls) == same
    assert Revision.of(str(one)) == one


def test_other_masks_make_another_revision(tmp_path: Path) -> None:
    text = f"{SHOP}{HEAD}  {{a: {{call: intent.inner}}}}\n"
    masks = "policy: masking\nrules: [{classification: pii, mask: partial}]\n"
    one = planned(tmp_path / "a", text)
    other = prepare(tmp_path / "b", {"specs/all.yaml": text, "policies/masks.yaml": masks}, {})
    assert plan_once(one.planned)["ask"].revision.answers != plan_once(other.planned)["ask"].revision.answers
