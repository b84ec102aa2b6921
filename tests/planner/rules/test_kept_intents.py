"""Answers of intents that can't be kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.rules.found import found

HIDDEN = "steps: {o: {call: erp.order, with: {id: '1'}, ensure: [{check: \"result.owner == user.id\", deny: %s}]}}\noutput: ${ steps.o }"
INNER = "---\nintent: inner\n%s\n"


@pytest.mark.parametrize(
    ("cache", "intent", "told"),
    [
        ("{ttl: 30s, negative: 5s}", "output: 1", []),
        ("{ttl: auto}", "output: 1", ["auto"]),
        ("{ttl: 30s}", "output: ${ ctx.request_id }", ["cache"]),
        ("{ttl: 30s}", "output: ${ ctx }", ["cache"]),
        ("{ttl: 30s, key: [ctx.request_id]}", "output: 1", []),
        ("{ttl: 30s}", "reply: ${ ctx.request_id }", []),
        ("{ttl: 30s}", "output: ${ ctx.time }", []),
        ("{ttl: 30s}", "output: ${ now() }", []),
        ("{ttl: 30s}", "steps: {a: {let: {id: '${ ctx.request_id }'}}}\noutput: ${ steps.a }", ["cache"]),
        ("{ttl: 30s}", "steps: {a: {call: intent.inner}}\noutput: ${ steps.a }\n" + INNER % "output: ${ ctx.request_id }", ["cache"]),
        ("{ttl: 30s, negative: 5s}", HIDDEN % "forbidden", []),
        ("{ttl: 30s, negative: 5s}", HIDDEN % "not_found", ["5s"]),
        ("{ttl: 30s, negative: 0s}", HIDDEN % "not_found", []),
        ("{ttl: 30s, negative: 5s}", "steps: {a: {call: intent.inner}}\noutput: ${ steps.a }\n" + INNER % (HIDDEN % "not_found"), ["5s"]),
        ("{ttl: 30s}", "access: {internal: true}\noutput: 1", ["cache"]),
    ],
)
def test_what_is_told(tmp_path: Path, cache: str, intent: str, told: list[str]) -> None:
    assert [word for _, word in found(tmp_path, f"intent: ask\ncache: {cache}\n{intent}\n", "GW534")] == told


def test_what_its_calls_send(tmp_path: Path) -> None:
    sources = (
        "source: web\ntype: http\nservers: ['http://a.test']\noperations: {x: {request: GET /x, query: {id: '${ ctx.request_id }'}}}\n"
    )
    specs = "intent: ask\ncache: {ttl: 30s}\nsteps: {a: {call: web.x}}\noutput: ${ steps.a }\n"
    assert [word for _, word in found(tmp_path, specs, "GW534", sources=sources)] == ["cache"]


def test_without_a_cache_nothing_is_told(tmp_path: Path) -> None:
    assert found(tmp_path, "intent: ask\noutput: ${ ctx.request_id }\n", "GW534") == []
