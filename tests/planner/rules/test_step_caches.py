"""Caches that keep nothing, or would widen what they may only narrow."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.rules.found import found

SOURCES = """
source: erp
type: fake
operations:
  bare: {}
  kept: {cache: {ttl: 30s, stale_if_error: 10m}}
  following: {cache: {ttl: auto}}
  written: {effect: write}
"""


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("call: erp.kept, cache: {ttl: 30s, stale_if_error: 10m, scope: user}", []),
        ("call: erp.kept, cache: {ttl: auto}", []),
        ("call: erp.kept, cache: {ttl: 31s}", ["31s"]),
        ("call: erp.kept, cache: {ttl: 1s, stale_if_error: 11m}", ["11m"]),
        ("call: erp.kept, cache: {ttl: 1s, stale_while_revalidate: 1s}", ["1s"]),
        ("call: erp.kept, cache: {ttl: 1s, stale_while_revalidate: 0s}", []),
        ("call: erp.kept, cache: {ttl: 1s, key: [user.id], negative: 1s, tags: [a]}", ["key", "negative", "tags"]),
        ("call: erp.following, cache: {ttl: 1h}", []),
        ("call: erp.bare, cache: {ttl: 1s}", ["cache"]),
        ("call: erp.bare", []),
    ],
)
def test_what_is_told_of_steps(tmp_path: Path, step: str, told: list[str]) -> None:
    intent = f"intent: one\naccess: {{roles: [customer]}}\nsteps:\n  step: {{{step}}}\noutput: ${{ steps.step }}"
    assert [text for _, text in found(tmp_path, intent, "GW304", sources=SOURCES)] == told


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("source: a\ntype: static\noperations: {b: {value: 1, cache: {ttl: auto}}}", ["auto"]),
        ("source: a\ntype: static\noperations: {b: {value: 1, cache: {ttl: 5s}}}", []),
        ("source: a\ntype: http\nservers: ['http://a.test']\noperations: {b: {request: GET /b, cache: {ttl: auto}}}", []),
    ],
)
def test_what_is_told_of_operations(tmp_path: Path, source: str, told: list[str]) -> None:
    assert [text for _, text in found(tmp_path, source, "GW308")] == told
