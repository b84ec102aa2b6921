from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.app import Prepared, prepare
from gateway.planner.explain import Account, StepAccount, account
from gateway.planner.explain_text import WIDTH, render

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def assistant() -> Prepared:
    return prepare(ROOT, environ={})


def test_every_intent_of_the_assistant_fits_a_terminal(assistant: Prepared) -> None:
    assert assistant.plan is not None
    for intent in assistant.plan.catalogue:
        text = render(account(assistant.plan, intent))
        assert text.isascii()
        assert max(map(len, text.splitlines())) <= WIDTH
        assert all(step.id in text for step in intent.steps)
        assert not any(line != line.rstrip() for line in text.splitlines())


def step(name: str, **more: Any) -> StepAccount:
    plain = StepAccount(name, "call erp.order", "read", (), (), (), (), timeout=1.0, starts=0.0, ends=1.0)
    return msgspec.structs.replace(plain, **more)


def an_account(*steps: StepAccount, **more: Any) -> Account:
    names = tuple(each.id for each in steps)
    plain = Account(
        intent="ask",
        version=1,
        summary=None,
        place="specs/a.yaml:1",
        roles=(),
        conditions=(),
        input=(),
        pipeline=(("trace", "trace"),),
        guards=(),
        steps=steps,
        waves=(names,),
        deadline=2.0,
        budget=1.9,
        worst=1.0,
        critical=names,
        identity="tenant",
    )
    return msgspec.structs.replace(plain, **more)


def test_what_it_looks_like() -> None:
    text = render(an_account(step("order"), step("note", effect="write", after=("order",), barriers=("order",), ladder=("return null",))))
    assert text.splitlines() == [
        "ask (version 1)  specs/a.yaml:1",
        "",
        "who       nobody: no role allows it",
        "input     none",
        "identity  tenant",
        "pipeline  trace > steps",
        "",
        "steps that can run side by side",
        "  1. order | note",
        "",
        "what waits for what",
        "  order  call erp.order [read] at once",
        "  note  call erp.order [write] after order",
        "      else 0: return null",
        "      held back until the checks of order passed",
        "",
        "budget: 2s deadline, 1.9s of it for steps",
        "  order  |################              |  0ms to 1s",
        "  note   |################              |  0ms to 1s",
        "critical path  order > note",
        "worst case     1s",
    ]


def test_more_than_there_is_is_said() -> None:
    assert render(an_account(step("a", ends=3.0), worst=3.0)).endswith(
        "worst case     3s: more than there is, so the deadline cuts it short\n"
    )


def test_the_longest_names_and_expressions_fit_too() -> None:
    long = "x" * 200
    found = an_account(step(long, notes=(long,), ladder=(long,), starts=1000.0, ends=2000.25), intent=long, guards=(long,), worst=2000.25)
    assert max(map(len, render(found).splitlines())) <= WIDTH


def test_nothing_to_do_has_no_bars() -> None:
    text = render(an_account(budget=0.0, worst=0.0))
    assert "critical path  none" in text
