"""The longest that steps and intents can take."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.planner.budget import Budget, Budgets
from gateway.testing.scenario import prepare
from tests.planner.folders import planned

RETRIED = """
source: shop
type: fake
timeout: 400ms
retry: {max: 2, backoff: 10ms..50ms}
operations:
  find: {}
  once: {retry: {max: 0}}
  order: {effect: write}
  keyed: {effect: write, idempotency: {}}
  many: {}
  one:
    params: {type: object, properties: {id: {type: string}}}
    retry: {max: 0}
    batch: {operation: many, param: ids, match: {id: id}}
"""


def budgets(folder: Path, steps: str, *, deadline: str = "10s") -> Budget:
    written = f"intent: ask\ndeadline: {deadline}\nsteps: {{{steps}}}\noutput: ${{ [steps.a] }}\n"
    made = prepare(folder, {"specs/shop.yaml": RETRIED, "specs/ask.yaml": written}, {})
    return Budgets(made.planned).of(made.plan.catalogue.intents["ask"])


@pytest.mark.parametrize(
    ("step", "longest"),
    [
        ("call: shop.find", 3 * 0.4 + 2 * 0.05),
        ("call: shop.find, timeout: 100ms", 3 * 0.1 + 2 * 0.05),
        ("call: shop.find, retry: {max: 1}", 2 * 0.4 + 0.05),
        ("call: shop.find, retry: {max: 2, backoff: 1ms..20ms}", 3 * 0.4 + 2 * 0.02),
        ("call: shop.once", 0.4),
        ("call: shop.order", 0.4),
        ("call: shop.keyed", 3 * 0.4 + 2 * 0.05),
        ("call: shop.once, fallback: [{call: shop.find, timeout: 50ms}, {call: shop.once}, {return: null}]", 0.4 + 3 * 0.05 + 0.1 + 0.4),
        ("foreach: '[`1`]', call: shop.once, max_items: 9, concurrency: 4", 3 * 0.4),
        ("foreach: '[`1`]', call: shop.one, with: {id: '${ item }'}", 0.4),
        ("let: {x: 1}", 0.0),
    ],
)
def test_how_long_a_step_can_take(tmp_path: Path, step: str, longest: float) -> None:
    found = budgets(tmp_path, f"a: {{{step}}}")
    assert found.timings[0].longest == pytest.approx(longest)
    assert found.worst == pytest.approx(longest)


def test_the_critical_path_is_the_chain_that_ends_last(tmp_path: Path) -> None:
    found = budgets(
        tmp_path,
        "slow: {call: shop.once}, quick: {call: shop.once, timeout: 10ms}, last: {call: shop.once, depends_on: [slow]},"
        " a: {let: {x: '${ [steps.quick, steps.last] }'}}",
        deadline="900ms",
    )
    assert found.critical == ("slow", "last")  # what takes no time adds nothing
    assert (found.worst, found.exceeded) == (0.8, False)
    assert 0.85 < found.available < found.deadline == 0.9


def test_more_than_there_is(tmp_path: Path) -> None:
    assert budgets(tmp_path, "a: {call: shop.find}", deadline="1s").exceeded


def test_nothing_to_do(tmp_path: Path) -> None:
    made = planned(tmp_path, "intent: ask\noutput: 1\n")
    found = Budgets(made.planned).of(made.plan.catalogue.intents["ask"])
    assert (found.worst, found.critical, found.timings) == (0.0, (), ())


def test_a_sub_intent_takes_its_own_worst_case_within_its_deadline(tmp_path: Path) -> None:
    made = planned(
        tmp_path,
        """
        intent: ask
        steps:
          within: {call: intent.quick}
          cut: {call: intent.slow}
          narrowed: {call: intent.slow, timeout: 70ms}
        output: ${ steps }
        ---
        intent: quick
        steps: {a: {call: erp.orders, timeout: 200ms}}
        output: ${ steps.a }
        ---
        intent: slow
        deadline: 300ms
        steps: {a: {call: erp.orders}}
        output: ${ steps.a }
        """.replace("${ steps }", "['${ steps.within }', '${ steps.cut }', '${ steps.narrowed }']"),
    )
    found = Budgets(made.planned).of(made.plan.catalogue.intents["ask"])
    assert {timing.step: timing.longest for timing in found.timings} == {"within": 0.2, "cut": 0.3, "narrowed": 0.07}
