"""What documents call."""

from __future__ import annotations

from pathlib import Path

from gateway.planner.targets import of_folder, sources_of
from tests.planner.folders import planned

GATEWAY = "gateway: shop\nspecs: [specs]\npolicies: [policies]\nidentity: [{scenario: {}}]\nhandoff: {call: erp.order, with: {id: '1'}}\n"
SPECS = """
intent: ask
version: 1
steps: {old: {call: erp.orders}}
output: ${ steps.old }
---
intent: ask
version: 2
mode: async
notify: [{channel: mail}, {call: erp.log}]
steps:
  let: {let: {x: 1}}
  one:
    call: erp.order
    with: {id: "1"}
    fallback: [{call: intent.inner, with: {a: 1}}, {return: null}]
  two: {call: erp.note, with: {text: a}, compensate: {call: erp.note, with: {text: b}}}
  three: {emit: {to: erp.log, data: {b: 1}}}
  four: {emit: {to: erp.log, data: 5}}
output: ${ steps.one }
---
intent: inner
input: {type: object}
"""


def test_every_call_and_where_it_stands(tmp_path: Path) -> None:
    made = planned(tmp_path, SPECS, gateway=GATEWAY)
    found = list(of_folder(made.planned.loaded))
    assert [(".".join(map(str, target.path)), target.called, dict(target.arguments), target.planned) for target in found] == [
        ("steps.old.call", "erp.orders", {}, True),
        ("steps.one.call", "erp.order", {"id": "1"}, True),
        ("steps.one.fallback.0.call", "intent.inner", {"a": 1}, True),
        ("steps.two.call", "erp.note", {"text": "a"}, True),
        ("steps.two.compensate.call", "erp.note", {"text": "b"}, False),
        ("steps.three.emit.to", "erp.log", {"b": 1}, True),
        ("steps.four.emit.to", "erp.log", {}, True),
        ("notify.1.call", "erp.log", {}, False),
        ("handoff.call", "erp.order", {"id": "1"}, False),
    ]
    assert [target.below for target in found][2:4] == [("steps", "one", "fallback", 0, "with"), ("steps", "two", "with")]
    assert ("erp", "orders") in set(sources_of(found))
    assert ("intent", "inner") not in set(sources_of(found))
