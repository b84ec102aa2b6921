"""Estimated requests to backends."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.planner.budget import Budgets
from gateway.planner.explain.account import FanOut
from gateway.planner.explain.requests import Requests
from tests.planner.explain.folders import ask, folder

EACH = "foreach: '[`1`]', max_items: 15"


@pytest.mark.parametrize(
    ("step", "least", "usual", "most"),
    [
        ("call: shop.plain", 1, 1, 1),
        ("call: here.fact", 0, 0, 0),
        ("let: {x: 1}", 0, 0, 0),
        ("call: shop.plain, when: input.x", 0, 1, 1),
        (f"{EACH}, call: shop.plain", 0, 15, 15),
        ("call: bare.plain, fallback: [{call: shop.plain}, {call: here.fact}, {return: 1}]", 1, 1, 2),
        (f"{EACH}, call: bare.one, with: {{id: '${{ item }}'}}", 0, 3, 3),
        (f"{EACH}, call: bare.one, with: {{id: '${{ item }}', lang: '${{ ctx.locale }}'}}", 0, 3, 3),
        (f"{EACH}, call: bare.one, with: {{id: '${{ item }}', lang: '${{ item }}'}}", 0, 15, 15),
        (f"{EACH}, call: bare.one, with: {{id: '${{ item }}'}}, fallback: [{{call: bare.plain}}]", 0, 3, 18),
    ],
)
def test_of_a_step(tmp_path: Path, step: str, least: int, usual: int, most: int) -> None:
    made, intent = ask(tmp_path, f"a: {{{step}}}", "input: {type: object, properties: {x: {}}}\n")
    requests = Requests(made.planned, Budgets(made.planned))
    assert requests.of_step(intent, intent.steps[0]) == requests.of(intent) == FanOut(least, usual, most)


def test_retries_that_are_written_count(tmp_path: Path) -> None:
    specs = "intent: ask\nsteps: {a: {call: again.get}}\noutput: ${ steps.a }\n---\nsource: again\ntype: http\n"
    made = folder(tmp_path, f"{specs}servers: ['http://127.0.0.1:9']\nretry: {{max: 2}}\noperations: {{get: {{request: GET /}}}}\n")
    assert Requests(made.planned, Budgets(made.planned)).of(made.plan.catalogue.intents["ask"]) == FanOut(1, 1, 3)


def test_hedges_of_each_try_count(tmp_path: Path) -> None:
    specs = "intent: ask\nsteps: {a: {call: again.get}}\noutput: ${ steps.a }\n---\nsource: again\ntype: http\n"
    operation = "{request: GET /, retry: {max: 2}, hedge: {delay: 1s, max: 3}}"
    made = folder(tmp_path, f"{specs}servers: ['http://127.0.0.1:9']\noperations: {{get: {operation}}}\n")
    assert Requests(made.planned, Budgets(made.planned)).of(made.plan.catalogue.intents["ask"]) == FanOut(1, 1, 12)


def test_sub_intents_make_theirs(tmp_path: Path) -> None:
    inner = "---\nintent: inner\nsteps: {a: {call: shop.plain}, b: {call: bare.plain, when: steps.a}}\noutput: ${ steps.b }\n"
    made, intent = ask(tmp_path, "a: {foreach: '[`1`]', max_items: 4, call: intent.inner}", inner)
    requests = Requests(made.planned, Budgets(made.planned))
    assert requests.of(made.plan.catalogue.intents["inner"]) == FanOut(1, 2, 2)
    assert requests.of(intent) == FanOut(0, 8, 8)
