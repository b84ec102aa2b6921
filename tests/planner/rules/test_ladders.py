"""Rungs that nothing leads to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.rules.found import found

SOURCES = """
source: erp
type: fake
operations:
  any: {}
  kept: {cache: {ttl: 1m, stale_if_error: 10m}}
  short: {cache: {ttl: 1m}}
"""


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("call: erp.any, fallback: [{return: 1}]", []),
        ("call: erp.any, fallback: [{return: 1}, {call: erp.kept}, {return: 2}]", ["call"]),
        ("call: erp.any, fallback: [{return: 1}, {return: 2}]", ["return"]),
        ("call: erp.any, fallback: [{return: null}, {stale: 1m}]", ["stale", "1m"]),
        ("call: erp.any, fallback: [{call: erp.kept}, {return: 2}]", []),
        ("call: erp.any, fallback: [{when: error.retryable, return: 1}, {return: 2}]", []),
        (
            "call: erp.any, fallback: [{when: error.retryable, return: 1}, {when: ' error.retryable', call: erp.kept}]",
            ["' error.retryable'"],
        ),
        ("call: erp.any, fallback: [{when: error.retryable, call: erp.kept}, {when: error.retryable, return: 1}]", []),
        ("call: erp.any, fallback: [{when: error.code == 'a', return: 1}, {when: error.code == 'b', return: 2}]", []),
        ("call: erp.kept, fallback: [{stale: 10m}]", []),
        ("call: erp.kept, fallback: [{stale: 11m}]", ["11m"]),
        ("call: erp.short, fallback: [{stale: 1s}]", ["1s"]),
        ("call: intent.inner, fallback: [{stale: 1s}]", ["1s"]),
    ],
)
def test_what_is_told(tmp_path: Path, step: str, told: list[str]) -> None:
    specs = f"intent: ask\nsteps: {{a: {{{step}}}}}\noutput: ${{ steps.a }}\n---\nintent: inner\noutput: 1\n"
    assert [word for _, word in found(tmp_path, specs, "GW306", sources=SOURCES)] == told


def test_of_a_source_with_a_fault_nothing_is_said(tmp_path: Path) -> None:
    specs = "intent: ask\nsteps: {a: {call: erp.kept, fallback: [{stale: 5m}]}}\noutput: ${ steps.a }\n"
    assert found(tmp_path, specs, "GW306", sources=SOURCES.replace("type: fake", "type: fake\nconcurrency: 0")) == []
