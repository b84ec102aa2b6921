"""The caches that intents get: how wide, and by what their answers are told apart."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from gateway.planner.owners import Owners
from gateway.planner.recalls import operations, plan_caches, read, scope_of
from tests.planner.folders import planned

HTTP = """
source: shop
type: http
servers: ["http://shop.test"]
forward: [Accept-Language]
operations:
  plain: {request: GET /plain}
  sent: {request: GET /sent, query: {at: "${ ctx.time }", tier: "${ user.tier }", of: "${ config.x }"}}
  order: {request: POST /orders}
"""


def specs(intent: str, more: str = "") -> str:
    return f"{HTTP}---\nintent: ask\n{intent}\n{more}"


@pytest.mark.parametrize(
    ("written", "intent", "scope"),
    [
        (None, "output: 1", "tenant"),
        ("public", "output: 1", "public"),
        ("user", "output: 1", "user"),
        (None, "output: ${ user.id }", "user"),
        ("public", "output: ${ user.id }", "user"),
        ("tenant", "guard: [{check: \"ctx.channel == 'a'\"}]\noutput: 1", "user"),
        ("public", "output: ${ tenant.id }", "tenant"),
    ],
)
def test_no_scope_is_wider_than_its_content(
    tmp_path: Path, written: Literal["user", "tenant", "public"] | None, intent: str, scope: str
) -> None:
    made = planned(tmp_path, specs(intent)).planned
    assert scope_of(Owners(made), made.intents["ask"], written) == scope


def test_times_and_parts(tmp_path: Path) -> None:
    cache = "cache: {ttl: 30s, stale_while_revalidate: 10s, stale_if_error: 1m, negative: 5s, key: [ctx.host], tags: [a, '${ input.b }']}"
    made = planned(tmp_path, specs(f"input: true\n{cache}\nsteps: {{a: {{call: shop.plain}}}}\noutput: ${{ steps.a }}")).planned
    found = plan_caches(made)["ask"]
    assert (found.fresh, found.while_revalidate, found.if_error, found.negative) == (30, 10, 60, 5)
    assert [len(found.members), len(found.tags), found.scope] == [1, 2, "tenant"]
    assert (list(found.barriers), dict(found.involved)) == (["ask"], {"shop.plain": ("shop.plain",)})


def test_what_makes_answers_differ(tmp_path: Path) -> None:
    inner = "---\nintent: inner\noutput: ${ ctx.channel }\n"
    intent = (
        "guard: [{check: \"ctx.host == 'a'\"}]\nsteps:\n  a: {call: shop.sent, ensure: [{check: \"ctx.client_ip == 'b'\"}]}\n"
        "  b: {call: intent.inner, when: \"tenant.plan == 'x'\"}\noutput: ['${ steps.a }', '${ steps.b }', '${ config.y }', '${ now() }']\n"
        "reply: ${ user.id }"
    )
    made = planned(tmp_path, specs(intent, inner)).planned
    plan = made.intents["ask"]
    found = read(plan, tuple(operations(made, plan)))
    assert sorted(found.identity) == [("ctx", "channel"), ("tenant", "plan"), ("user", "tier")]
    assert {name.lower() for name in found.forwards} == {"accept-language"}


def test_intents_without_a_cache_and_those_that_write(tmp_path: Path) -> None:
    writes = "---\nintent: writes\ncache: {ttl: 1m}\nsteps: {a: {call: shop.order}}\noutput: 1\n"
    made = planned(tmp_path, specs("output: 1", writes))
    assert plan_caches(made.planned) == {}
    assert "GW312" in made.codes  # a key that has no place on a write
