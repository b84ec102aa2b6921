"""The account as text: 80 columns, plain signs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.app import Prepared, prepare
from gateway.config.visible import width as columns
from gateway.planner.explain import Account, Asker, account
from gateway.planner.explain.account import CallAccount, FanOut, Grant, Line, RouteAccount, RungAccount, StepAccount, Verdict
from gateway.planner.explain.columns import WIDTH
from gateway.planner.explain.drawing import UNICODE
from gateway.planner.explain.text import render

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def assistant() -> Prepared:
    return prepare(ROOT, environ={})


def test_every_intent_of_the_assistant_fits_a_terminal(assistant: Prepared) -> None:
    assert assistant.plan is not None
    for intent in assistant.plan.catalogue:
        text = render(account(assistant.planned, assistant.plan, intent, Asker.of([("role", "agent")])))
        assert text.isascii()
        assert max(map(len, text.splitlines())) <= WIDTH
        assert all(step.id in text for step in intent.steps)
        assert not any(line != line.rstrip() for line in text.splitlines())


def step(name: str, **more: Any) -> StepAccount:
    plain = StepAccount(
        id=name,
        action="call erp.order",
        effect="read",
        after=(),
        barriers=(),
        when=None,
        foreach=None,
        required=True,
        ensures=(),
        ladder=(),
        calls=(),
        requests=FanOut(1, 1, 1),
        longest=1.0,
        starts=0.0,
        ends=1.0,
    )
    return msgspec.structs.replace(plain, **more)


def an_account(*steps: StepAccount, **more: Any) -> Account:
    names = tuple(each.id for each in steps)
    plain = Account(
        intent="ask",
        version=1,
        summary=None,
        place="specs/a.yaml:1",
        roles=(),
        grants=(),
        conditions=(),
        identities=(),
        routes=(),
        input=(),
        pipeline=(("trace", "trace"),),
        guards=(),
        scope="tenant",
        scope_because="nothing in it depends on who is calling",
        policies=(),
        steps=steps,
        waves=(names,) if names else (),
        requests=FanOut(2, 2, 2),
        deadline=2.0,
        budget=1.9,
        worst=1.0,
        critical=names,
    )
    return msgspec.structs.replace(plain, **more)


LOOKS = """\
ask (version 1) [specs/a.yaml:1]

who may call it
  customer  allow intent:ask [r.yaml:3]
  agent     inherits staff > customer: allow intent:ask [r.yaml:3]
  and  scope read [specs/a.yaml:2]
  as   anonymous [gateway.yaml:2]
  at   GET|POST /ask (route asking), for agent [specs/r.yaml:1]
         and  when user.id [specs/r.yaml:4]

asked for role=agent
  depends: intent:ask
      on the scope read [specs/a.yaml:2]

input     none
pipeline  trace > steps
answer    could be shared with every caller of the tenant: nothing in it depends
          on who is calling
holds     deadline 2s [specs/a.yaml:3]
guard     input.id (else forbidden) [specs/a.yaml:6]

steps that can run side by side
  1. order | note

what waits for what
  order: call erp.order (read), at once
      ensure result.mine (else forbidden) [specs/a.yaml:9]
      erp.order: equal calls shared with the same caller only, not cached
        sends user.id, header accept-language
        timeout 1s [specs/s.yaml:4]
        retry 2 (not in force yet) [specs/s.yaml:5]
        by default
  note: call erp.order (write), after order
      when input.note
      for each of input.notes (8 at a time, 1000 at most)
      else 0: when error.retryable: call erp.other (250ms at most)
      else 1: return null
      optional: a failure becomes null and an entry in errors
      held back until the checks of order passed
      requests: 0 to 1000, 2000 at most with every retry and rung

budget: 2s deadline, 1.9s of it for steps
  order  |################              |  0ms to 1s
  note   |################              |  0ms to 1s
critical path  order > note
worst case     1s
requests       2
"""


def test_what_it_looks_like() -> None:
    call = CallAccount(
        operation="erp.order",
        rung=None,
        effect="read",
        backend=True,
        shared="caller",
        sends=("user.id", "header accept-language"),
        cache=None,
        policies=(Line("timeout 1s", "specs/s.yaml:4"), Line("retry 2", "specs/s.yaml:5", in_force=False), Line("by default", None)),
    )
    written = step(
        "note",
        effect="write",
        after=("order",),
        barriers=("order",),
        ladder=(RungAccount(0, "call erp.other", "error.retryable", 0.25), RungAccount(1, "return null", None, None)),
        when="input.note",
        foreach="input.notes (8 at a time, 1000 at most)",
        required=False,
        requests=FanOut(0, 1000, 2000),
    )
    found = an_account(
        step("order", calls=(call,), ensures=(Line("result.mine (else forbidden)", "specs/a.yaml:9"),)),
        written,
        grants=(
            Grant("customer", (), "allow intent:ask", "r.yaml:3"),
            Grant("agent", ("staff", "customer"), "allow intent:ask", "r.yaml:3"),
        ),
        conditions=(Line("scope read", "specs/a.yaml:2"),),
        identities=(Line("anonymous", "gateway.yaml:2"),),
        routes=(RouteAccount("asking", ("GET", "POST"), "/ask", "specs/r.yaml:1", ("agent",), (Line("when user.id", "specs/r.yaml:4"),)),),
        guards=(Line("input.id (else forbidden)", "specs/a.yaml:6"),),
        policies=(Line("deadline 2s", "specs/a.yaml:3"),),
        asked=("role=agent",),
        verdicts=(Verdict("intent:ask", "depends", (Line("on the scope read", "specs/a.yaml:2"),)),),
    )
    assert render(found) == LOOKS


def test_with_nicer_signs() -> None:
    text = render(an_account(step("a"), step("b")), drawing=UNICODE)
    assert "  a  │████████████████              │  0ms to 1s\n" in text
    assert "critical path  a → b\n" in text


def test_what_is_cached_says_where() -> None:
    kept = CallAccount("erp.order", 0, "read", True, "tenant", (), Line('cache {"ttl": "30s"}', "s.yaml:7", in_force=False), ())
    lines = render(an_account(step("a", calls=(kept,)))).splitlines()
    assert "      erp.order: equal calls shared with every caller of the tenant, cached" in lines
    assert '        cache {"ttl": "30s"} (not in force yet) [s.yaml:7]' in lines


def test_more_than_there_is_is_said() -> None:
    assert "worst case     3s: more than there is, so the deadline cuts it short\n" in render(an_account(step("a", ends=3.0), worst=3.0))


def test_the_longest_names_and_expressions_fit_too() -> None:
    long = "x" * 200
    told = Line(long, f"{long}:1")
    found = an_account(
        step(long, when=long, ensures=(told,), ladder=(RungAccount(0, long, long, 1.0),), starts=1000.0, ends=2000.25),
        intent=long,
        guards=(told,),
        grants=(Grant(long, (long,), long, long),),
        identities=(told,),
        worst=2000.25,
    )
    assert max(map(len, render(found).splitlines())) <= WIDTH


def test_texts_that_act_on_a_terminal_are_written_out() -> None:
    text = render(an_account(step("a", when="'\x1b[2J\u202e'"), summary="一" * 60))
    assert "when '\\x1b[2J\\u202e'" in text
    assert max(map(columns, text.splitlines())) <= WIDTH


def test_nothing_to_do_has_no_bars() -> None:
    text = render(an_account(budget=0.0, worst=0.0, requests=FanOut()))
    assert "critical path  none" in text
    assert "  nobody: no role allows it" in text
