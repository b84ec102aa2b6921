"""Retries that can't help, and those that a step widens."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.rules.found import found

SOURCES = """
source: desk
type: fake
timeout: 1s
operations:
  plain: {}
  tried: {retry: {max: 2, codes: [connect, 503], backoff: 50ms..100ms}}
  never: {retry: {max: 0}}
  usual: {retry: {max: 1}}
  keyed: {effect: write, idempotency: {}, retry: {max: 1}}
  put: {effect: write}
---
source: hasty
type: fake
retry: {max: 1}
operations: {any: {}, calm: {retry: {max: 0}}}
"""
INNER = "---\nintent: inner\naccess: {internal: true}\nsteps: {a: {call: desk.plain}}\noutput: ${ steps.a }\n"


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("call: desk.tried", []),
        ("call: desk.tried, retry: {max: 2, codes: [503], backoff: 10ms..100ms}", []),
        ("call: desk.tried, retry: {max: 3}", ["3"]),
        ("call: desk.tried, retry: {codes: [503, 504, timeout]}", ["504", "timeout"]),
        ("call: desk.tried, retry: {backoff: 50ms..101ms}", ["50ms..101ms"]),
        ("call: desk.tried, retry: {max: 3, codes: [502], backoff: 1s..2s}", ["3", "502", "1s..2s"]),
        ("call: desk.usual, retry: {codes: [connect, 502, 503, 504], backoff: 25ms..250ms}", []),
        ("call: desk.usual, retry: {codes: [500]}", ["500"]),
        ("call: desk.usual, retry: {backoff: 25ms..300ms}", ["25ms..300ms"]),
        ("call: desk.plain, retry: {max: 1}", ["retry"]),
        ("call: desk.plain, retry: {max: 0}", []),
        ("call: desk.never, retry: {}", ["retry"]),
        ("call: hasty.any, retry: {max: 1}", []),
        ("call: hasty.any, retry: {max: 2}", ["2"]),
        ("call: hasty.calm, retry: {max: 1}", ["retry"]),
        ("call: intent.inner, retry: {max: 1}", ["retry"]),
        ("call: desk.keyed, retry: {max: 1}", []),
        ("call: desk.keyed, retry: {max: 2}", ["2"]),
        ("call: desk.put, retry: {max: 1}", []),
    ],
)
def test_a_step_only_narrows(tmp_path: Path, step: str, told: list[str]) -> None:
    specs = f"intent: ask\nsteps: {{a: {{{step}}}}}\noutput: ${{ steps.a }}\n{INNER}"
    assert [word for _, word in found(tmp_path, specs, "GW304", sources=SOURCES)] == told


@pytest.mark.parametrize(
    ("retry", "told"),
    [
        ("{max: 1}", []),
        ("{codes: [connect, timeout, 408, 429, 500, 501, 599], backoff: 1s..1s}", []),
        (
            "{codes: [200, 301, 400, 401, 404, 409, 425, 499, 600, 0, -503]}",
            ["200", "301", "400", "401", "404", "409", "425", "499", "600", "0", "-503"],
        ),
        ("{backoff: 2s..1s}", ["2s..1s"]),
    ],
)
def test_what_is_tried_again_may_pass(tmp_path: Path, retry: str, told: list[str]) -> None:
    owner = f"source: desk\ntype: fake\nretry: {retry}\noperations: {{any: {{}}}}\n"
    assert [word for _, word in found(tmp_path / "source", "intent: ask\noutput: 1\n", "GW316", sources=owner)] == told
    operation = f"source: desk\ntype: fake\noperations: {{any: {{retry: {retry}}}}}\n"
    assert [word for _, word in found(tmp_path / "operation", "intent: ask\noutput: 1\n", "GW316", sources=operation)] == told


@pytest.mark.parametrize(
    ("hedge", "told"),
    [("timeout: 1s, hedge: {delay: 999ms}", []), ("timeout: 1s, hedge: {delay: 1s}", ["1s"]), ("hedge: {delay: 6s}", ["6s"])],
)
def test_a_hedge_comes_before_the_end(tmp_path: Path, hedge: str, told: list[str]) -> None:
    source = f"source: desk\ntype: fake\noperations: {{any: {{{hedge}}}}}\n"
    assert [word for _, word in found(tmp_path, "intent: ask\noutput: 1\n", "GW317", sources=source)] == told


def test_of_a_source_with_a_fault_nothing_is_said(tmp_path: Path) -> None:
    specs = "intent: ask\nsteps: {a: {call: desk.tried, retry: {max: 1}}}\noutput: ${ steps.a }\n"
    assert found(tmp_path, specs, "GW304", sources=SOURCES.replace("timeout: 1s", "timeout: 1")) == []
