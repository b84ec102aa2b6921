"""Documents and operations that nothing names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.rules.found import Found, found

SOURCES = """
source: shop
type: fake
operations:
  one: {params: {type: object, properties: {id: {}}}, batch: {operation: many, param: ids, match: {id: id}}}
  many: {}
  put: {effect: write}
---
source: desk
type: http
servers: ['http://desk.test']
operations: {any: {request: GET /any}}
"""
GATEWAY = "gateway: shop\nidentity: [{anonymous: {roles: [anonymous]}}]\n"
USES = """intent: ask
access: {roles: [a]}
steps: {one: {call: shop.one, with: {id: "1"}}, put: {call: shop.put}, any: {call: desk.any}}
output: ${ [steps.one, steps.any] }
"""


def told(folder: Path, specs: str, gateway: str = GATEWAY) -> Found:
    return found(folder, specs, "GW27", gateway=gateway, sources=SOURCES)


def test_all_of_it_is_used(tmp_path: Path) -> None:
    assert told(tmp_path, USES) == []


@pytest.mark.parametrize(
    ("specs", "expected"),
    [
        (USES.replace(", any: {call: desk.any}", "").replace(", steps.any", ""), [("GW270", "desk")]),
        (USES.replace(", put: {call: shop.put}", ""), [("GW271", "put")]),
        (USES.replace(", put: {call: shop.put}", ", put: {emit: {to: shop.put, data: {}}}"), []),
        (USES.replace("call: desk.any}", "call: shop.many, fallback: [{call: desk.any}]}"), []),
        (USES + "---\ntransform: card\noutput: 1\n", [("GW272", "card")]),
        (USES + "---\ntransform: card\noutput: {$use: card2, value: 1}\n---\ntransform: card2\noutput: 1\n", [("GW272", "card")]),
        (USES.replace("call: desk.any", "call: desk.any, transform: card") + "---\ntransform: card\noutput: 1\n", []),
        (USES + "---\nintent: inner\naccess: {internal: true}\noutput: 1\n", [("GW275", "inner")]),
        (USES.replace("call: desk.any", "call: desk.any, transform: cadr") + "---\ntransform: card\noutput: 1\n", []),
        (USES + "---\nintent: other\noutptu: 1\n---\ntransform: card\noutput: 1\n", []),
    ],
)
def test_what_is_told(tmp_path: Path, specs: str, expected: Found) -> None:
    assert told(tmp_path, specs) == expected


def test_other_parts_use_sources_too(tmp_path: Path) -> None:
    rest = USES.replace(", any: {call: desk.any}", "").replace(", steps.any", "")
    proxy = "---\nroute: through\nmatch: {path: /x/**}\nproxy: {source: desk}\n"
    assert told(tmp_path, rest + proxy) == [("GW271", "any")]
    assert told(tmp_path, rest, GATEWAY + "handoff: {call: desk.any}\n") == []


def test_the_fallback_may_be_internal(tmp_path: Path) -> None:
    inner = "---\nintent: inner\naccess: {internal: true}\noutput: 1\n"
    assert told(tmp_path, USES + inner, GATEWAY + "fallback_intent: inner\n") == []
