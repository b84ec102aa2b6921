"""What levels mean for an intent is told beside when they begin."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.planner.explain.lines import Lines
from gateway.planner.explain.policies import policies
from gateway.testing.scenario import prepare

SOURCES = """
source: erp
type: fake
operations: {order: {cache: {ttl: 1m, stale_if_error: 1h}}, parts: {}, note: {effect: write}}
---
source: shop
type: static
operations: {hours: {value: 9}}
---
"""
POLICY = """policy: degradation
levels:
  maintenance: {when: "config.closed"}
  reduced: {when: "length(ctx.open_circuits) > `1`"}
  static: {when: "length(ctx.open_circuits) > `3`"}
"""


@pytest.mark.parametrize(
    ("steps", "reduced", "static"),
    [
        ("a: {call: shop.hours}", "nothing is left out", "answers without any backend"),
        ("a: {call: erp.parts}\n  b: {call: erp.parts, required: false}", "leaves out b", "fails at a"),
        ("a: {call: erp.order}\n  b: {call: erp.note, required: false}", "nothing is left out", "a from what is kept or returned"),
        ("a: {call: erp.parts, fallback: [{return: 1}]}", "nothing is left out", "a from what is kept or returned"),
        ("a: {call: erp.parts, fallback: [{call: erp.order}]}", "nothing is left out", "a from what is kept or returned"),
        ("a: {call: erp.parts, fallback: [{call: shop.hours}]}", "nothing is left out", "a from what is kept or returned"),
    ],
)
def test_each_level_tells_when_it_begins_and_what_it_does(tmp_path: Path, steps: str, reduced: str, static: str) -> None:
    output = ", ".join(f"{name}: '${{ steps.{name} }}'" for name in ("a", "b") if f"{name}: " in steps)
    intent = f"{SOURCES}intent: ask\nsteps:\n  {steps}\noutput: {{{output}}}\n"
    made = prepare(tmp_path, {"specs/all.yaml": intent, "policies/levels.yaml": POLICY}, {})
    assert "ask" in made.planned.intents
    told = [(line.text, line.place) for line in policies(made.planned, made.planned.loaded.intents["ask"][-1], Lines(made.planned))]
    assert told[told.index(("policy degradation", "policies/levels.yaml:1")) + 1 :] == [
        (f"level reduced when length(ctx.open_circuits) > `1`: {reduced}", "policies/levels.yaml:4"),
        (f"level static when length(ctx.open_circuits) > `3`: {static}", "policies/levels.yaml:5"),
        ("level maintenance when config.closed", "policies/levels.yaml:3"),
    ]
