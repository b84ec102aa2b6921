"""What an account says of kept answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.planner.explain.account import Account
from gateway.planner.explain.intent import account
from gateway.planner.explain.text import render
from tests.planner.folders import planned

SPECS = """
source: shop
type: http
servers: ["http://shop.test"]
forward: [Accept-Language]
operations: {any: {request: GET /any, query: {plan: "${ tenant.plan }"}}}
---
intent: ask
%s
steps: {a: {call: shop.any}}
output: ["${ steps.a }", "${ money(`1`, 'EUR') }", "${ now() }"]
"""


def told(folder: Path, cache: str) -> Account:
    made = planned(folder, SPECS % cache)
    return account(made.planned, made.plan, made.planned.intents["ask"])


@pytest.mark.parametrize(
    ("more", "scope", "whose"),
    [
        ("", "tenant", ["the tenant"]),
        (", scope: user", "user", ["the tenant", "the caller"]),
    ],
)
def test_the_scope_and_the_key(tmp_path: Path, more: str, scope: str, whose: list[str]) -> None:
    kept = told(tmp_path, f"cache: {{ttl: 30s, key: [ctx.channel]{more}}}").kept
    assert kept is not None
    assert kept.scope == scope
    read = ["ctx.locale", "tenant.plan", "header accept-language"]
    assert list(kept.key) == ["the intent and its version", *whose, "the whole input", "ctx.channel", *read]
    assert kept.cache.place == "specs/all.yaml:8"
    assert kept.cache.text.startswith('cache {"ttl": "30s"')


def test_it_is_shown(tmp_path: Path) -> None:
    text = " ".join(render(told(tmp_path, "cache: {ttl: 30s}")).split())
    assert 'kept cache {"ttl": "30s"} [specs/all.yaml:8] given to every caller of the tenant who may ask, where these are equal:' in text
    assert "the tenant, the whole input, ctx.locale, tenant.plan, header accept-language" in text


def test_nothing_is_said_where_nothing_is_kept(tmp_path: Path) -> None:
    made = told(tmp_path, "summary: x")
    assert made.kept is None
    assert "kept" not in render(made)
