"""Reads that are made item by item."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.rules.found import found

SOURCES = """
source: shop
type: fake
operations:
  any: {params: {type: object, properties: {id: {}}}}
  many: {}
  one: {params: {type: object, properties: {id: {}}}, batch: {operation: many, param: ids, match: {id: id}}}
  put: {effect: write}
---
source: here
type: static
operations: {any: {value: 1}}
"""


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("foreach: '[`1`]', call: shop.any", ["shop.any"]),
        ("foreach: '[`1`]', call: shop.any, max_items: 11", ["shop.any"]),
        ("foreach: '[`1`]', call: shop.any, max_items: 10", []),
        ("foreach: '[`1`]', call: shop.one, with: {id: '${ item }'}", []),
        ("foreach: '[`1`]', call: shop.put", []),
        ("foreach: '[`1`]', call: here.any", []),
        ("foreach: '[`1`]', call: intent.inner", []),
        ("call: shop.any", []),
    ],
)
def test_what_is_told(tmp_path: Path, step: str, told: list[str]) -> None:
    specs = f"intent: ask\nsteps: {{a: {{{step}}}}}\noutput: ${{ steps.a }}\n---\nintent: inner\noutput: 1\n"
    assert [word for _, word in found(tmp_path, specs, "GW307", sources=SOURCES)] == told
