"""Written limits against the deadline."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.planner.rules.budgets import seconds
from gateway.testing.scenario import prepare
from tests.planner.rules.found import found

SOURCES = """
source: unsaid
type: fake
operations:
  any: {}
  slow: {timeout: 1s}
  retried: {retry: {max: 9, backoff: 10ms..1s}}
---
source: said
type: fake
timeout: 600ms
operations:
  any: {}
  quick: {timeout: 100ms}
  tried: {retry: {max: 2}}
  many: {}
  one: {params: {type: object, properties: {id: {}}}, batch: {operation: many, param: ids, match: {id: id}}}
  put: {effect: write, idempotency: {}}
"""


def over(folder: Path, steps: str, *, deadline: str = "1s", more: str = "") -> list[tuple[str, str]]:
    names = "a, b, c"
    read = "[" + ", ".join(f"steps.{name}" for name in names.split(", ") if f"{name}: {{" in steps) + "]"
    return found(folder, f"intent: ask\ndeadline: {deadline}\nsteps: {{{steps}}}\noutput: ${{ {read} }}\n{more}", "GW30", sources=SOURCES)


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ("a: {call: said.any}, b: {call: said.quick, depends_on: [a]}", []),
        ("a: {call: said.any}, b: {call: said.any}", []),
        ("a: {call: said.any}, b: {call: said.any, depends_on: [a]}", [("GW305", "said.any")]),
        ("a: {call: said.any}, b: {call: said.any, depends_on: [a], timeout: 300ms}", []),
        ("a: {call: unsaid.any}, b: {call: unsaid.any, depends_on: [a]}", []),
        ("a: {call: unsaid.any, timeout: 700ms}, b: {call: unsaid.any, depends_on: [a], timeout: 700ms}", [("GW305", "unsaid.any")]),
        ("a: {call: said.tried}", [("GW305", "said.tried")]),
        ("a: {call: said.tried, retry: {max: 0}}", []),
        ("a: {call: unsaid.retried}", [("GW305", "unsaid.retried")]),
        ("a: {call: unsaid.slow}", [("GW305", "unsaid.slow")]),
        ("a: {call: unsaid.slow, required: false}", []),
        ("a: {call: unsaid.slow, fallback: [{return: 1}]}", []),
        ("a: {call: unsaid.slow, fallback: [{when: error.code == 'timeout', return: 1}]}", [("GW305", "unsaid.slow")]),
        ("a: {call: unsaid.slow, required: false}, b: {call: said.quick, depends_on: [a]}", [("GW305", "unsaid.slow")]),
        ("a: {foreach: '[`1`]', call: said.quick, max_items: 80, item_error: drop}", [("GW307", "said.quick")]),
        ("a: {foreach: '[`1`]', call: said.quick, max_items: 10, concurrency: 1}", [("GW305", "said.quick")]),
        ("a: {foreach: '[`1`]', call: said.one, with: {id: '${ item }'}}", []),
        ("a: {emit: {to: said.put, data: {}}}, b: {emit: {to: said.put, data: {}}, depends_on: [a]}", [("GW305", "said.put")]),
        ("a: {call: said.any, fallback: [{call: said.any}]}", [("GW305", "said.any")]),
    ],
)
def test_the_critical_path(tmp_path: Path, steps: str, told: list[tuple[str, str]]) -> None:
    assert over(tmp_path, steps) == told


def test_the_slowest_of_the_chain_is_shown_and_the_sum_told(tmp_path: Path) -> None:
    specs = """intent: ask
deadline: 1s
steps: {a: {call: said.quick}, b: {call: unsaid.slow, depends_on: [a]}, c: {call: said.any, depends_on: [b]}, d: {call: said.any}}
output: ${ [steps.a, steps.b, steps.c, steps.d] }
"""
    made = prepare(tmp_path, {"specs/sources.yaml": SOURCES, "specs/all.yaml": specs}, {})
    (problem,) = [problem for problem in made.problems if problem.code == "GW305"]
    assert problem.path == ("steps", "b", "call")
    assert problem.message == "at worst `a` 100ms + `b` 1s + `c` 600ms = 1.7s > 980ms, which is what steps have of the deadline"
    assert problem.hint == "narrow a `timeout`, or write `deadline: 1.8s`"
    assert problem.severity == "warning"


def test_a_part_counts_as_long_as_it_may_take(tmp_path: Path) -> None:
    inner = "---\nintent: inner\naccess: {internal: true}\ndeadline: 5s\nsteps: {a: {call: unsaid.slow}}\noutput: ${ steps.a }\n"
    assert over(tmp_path, "a: {call: intent.inner}", more=inner) == [("GW305", "intent.inner")]
    assert over(tmp_path, "a: {call: intent.inner}", deadline="2s", more=inner) == []


@pytest.mark.parametrize(
    ("rungs", "told"),
    [
        ("{call: said.quick}", [("GW306", "said.quick")]),
        ("{when: error.code == 'timeout', call: said.quick}", [("GW306", "said.quick")]),
        ("{when: error.retryable, call: said.quick}", [("GW306", "said.quick")]),
        ("{when: error.code == 'not_found', call: said.quick}, {return: 1}", []),
        ("{when: error.code == 'timeout' && user.vip, call: said.quick}, {return: 1}", []),
        ("{return: 1}", []),
    ],
)
def test_a_rung_behind_the_deadline(tmp_path: Path, rungs: str, told: list[tuple[str, str]]) -> None:
    assert over(tmp_path, f"a: {{call: unsaid.slow, fallback: [{rungs}]}}") == told


def test_rungs_add_up(tmp_path: Path) -> None:
    rungs = "fallback: [{call: said.any}, {call: said.quick}, {return: 1}]"
    assert over(tmp_path, f"a: {{call: said.any, {rungs}}}") == [("GW306", "said.quick")]
    assert over(tmp_path, f"a: {{call: said.any, {rungs}}}", deadline="1300ms") == []
    assert over(tmp_path, f"a: {{call: unsaid.any, {rungs}}}") == []


@pytest.mark.parametrize(
    ("amount", "written"),
    [(0.98, "980ms"), (1.0, "1s"), (2.95, "2.95s"), (1.23456, "1.235s"), (60.0, "1m"), (90.0, "90s"), (7200.0, "2h"), (2592000.0, "720h")],
)
def test_lengths_of_time(amount: float, written: str) -> None:
    assert seconds(amount) == written
