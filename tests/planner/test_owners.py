"""Whose the answers of intents are, with what is kept below them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.planner.owners import Owners
from tests.planner.folders import planned

SOURCES = """
source: own
type: http
servers: ['http://own.test']
operations:
  plain: {request: GET /plain}
  public: {request: GET /plain, cache: {ttl: 1m, scope: public}}
  mine: {request: GET /plain, cache: {ttl: 1m, scope: user}}
  many: {request: GET /many, query: {ids: "${ args.ids }"}, cache: {ttl: 1m, scope: user}}
  one:
    request: GET /one/{id}
    params: {type: object, required: [id], properties: {id: {type: string}}}
    batch: {operation: many, param: ids, match: {id: id}}
"""


@pytest.mark.parametrize(
    ("intent", "scope"),
    [
        ("steps: {a: {call: own.plain}}\noutput: ${ steps.a }", "public"),
        ("steps: {a: {call: own.public}}\noutput: ${ steps.a }", "public"),
        ("steps: {a: {call: own.mine}}\noutput: ${ steps.a }", "user"),
        ("steps: {a: {call: own.one, with: {id: '1'}}}\noutput: ${ steps.a }", "user"),
        ("steps: {a: {call: own.plain, fallback: [{call: own.mine}]}}\noutput: ${ steps.a }", "user"),
        ("steps: {a: {call: own.public, cache: {ttl: 10s, scope: tenant}}}\noutput: ${ steps.a }", "tenant"),
        ("output: ${ session.id }", "user"),
        ("reply: ${ session.id }", "user"),
        ("guard: [{check: \"ctx.channel == 'web'\"}]\noutput: 1", "user"),
        ("steps: {a: {call: own.plain, ensure: [{check: \"result == 'x'\"}]}}\noutput: ${ steps.a }", "user"),
        ("output: ${ ctx.locale }", "public"),
        ("output: ${ tenant.id }", "tenant"),
    ],
)
def test_intents(tmp_path: Path, intent: str, scope: str) -> None:
    outer = "intent: outer\nsteps: {a: {call: intent.ask}}\noutput: ${ steps.a }\n"
    made = planned(tmp_path, f"{SOURCES}---\nintent: ask\n{intent}\n---\n{outer}").planned
    assert [Owners(made).of_intent(made.intents[name]).scope for name in ("ask", "outer")] == [scope, scope]
