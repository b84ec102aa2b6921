"""Who may share a cache's entries."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.rules.found import found

SOURCES = """
source: own
type: http
servers: ['http://own.test']
operations:
  mine: {request: GET /mine, headers: {X-User: "${ user.id }"}}
  ours: {request: GET /ours, query: {tenant: "${ tenant.id }"}}
  all: {request: GET /all, query: {lang: "${ ctx.locale }", of: "${ config.x }"}}
  kept: {request: GET /all, cache: {ttl: 1m, scope: tenant}}
"""
GATEWAY = """
gateway: shop
specs: [specs]
policies: [policies]
identity: [{scenario: {}}]
tenants: {known: {acme: {servers: {own: ['http://acme.test']}}}}
"""


def source(operation: str, more: str = "") -> str:
    return f"source: shop\ntype: http\nservers: ['http://shop.test']\n{more}\noperations:\n  any: {{request: GET /any, {operation}}}\n"


@pytest.mark.parametrize(
    ("operation", "more", "told"),
    [
        ("cache: {ttl: 1m, scope: public}", "", []),
        ("cache: {ttl: 1m, scope: user}, headers: {X-User: '${ user.id }'}", "", []),
        ("cache: {ttl: 1m, scope: tenant}, headers: {X-User: '${ user.id }'}", "", ["tenant"]),
        ("cache: {ttl: 1m}, headers: {X-User: '${ user.id }'}", "", []),
        ("cache: {ttl: 1m, scope: tenant}, query: {t: '${ tenant.id }'}", "", []),
        ("cache: {ttl: 1m, scope: public}, query: {t: '${ tenant.id }'}", "", ["public"]),
        ("cache: {ttl: 1m, scope: public}, query: {t: '${ ctx.locale }'}", "", []),
        ("cache: {ttl: 1m, scope: tenant}", "forward: [authorization]", ["tenant"]),
        ("cache: {ttl: 1m, scope: tenant}", "forward: [Cookie]", ["tenant"]),
        ("cache: {ttl: 1m, scope: public}", "forward: [Accept-Language]", []),
        ("cache: {ttl: 1m, scope: tenant}", "auth: {forward_token: true}", ["tenant"]),
        ("cache: {ttl: 1m, scope: public}", "auth: {identity_header: {key: 0123456789abcdef0123456789abcdef}}", ["public"]),
        ("cache: {ttl: 1m, scope: public}", "auth: {oauth2: {token_url: 'https://a', client_id: b, client_secret: c}}", ["public"]),
        ("cache: {ttl: 1m, scope: tenant}", "auth: {oauth2: {token_url: 'https://a', client_id: b, client_secret: c}}", []),
        ("cache: {ttl: 1m, scope: public}", "auth: {api_key: {value: x}}", ["public"]),
    ],
)
def test_operations(tmp_path: Path, operation: str, more: str, told: list[str]) -> None:
    specs = "intent: ask\nsteps: {a: {call: shop.any}}\noutput: ${ steps.a }\n"
    assert [word for _, word in found(tmp_path, specs, "GW530", sources=source(operation, more))] == told


def test_a_header_that_callers_are_known_by(tmp_path: Path) -> None:
    gateway = """
    gateway: shop
    identity: [{api_key: {header: X-Shop-Key, keys: [{hash: "sha256:%s", user: {id: ada}}]}}]
    """ % ("a" * 64)
    written = source("cache: {ttl: 1m, scope: public}", "forward: [x-shop-key]")
    assert [word for _, word in found(tmp_path, "intent: ask\noutput: 1\n", "GW530", gateway=gateway, sources=written)] == ["public"]


def test_servers_of_a_tenant(tmp_path: Path) -> None:
    written = source("cache: {ttl: 1m, scope: public}").replace("source: shop", "source: own")
    assert [word for _, word in found(tmp_path, "intent: ask\noutput: 1\n", "GW530", gateway=GATEWAY, sources=written)] == ["public"]


@pytest.mark.parametrize(
    ("intent", "told"),
    [
        ("output: 1", []),
        ("output: ${ user.id }", ["public"]),
        ("output: ${ tenant.id }", ["public"]),
        ("output: ${ tenant.config.user }", ["public"]),
        ("output: ${ input.user }", []),
        ("output: 1\nreply: Hello ${ user.name }", ["public"]),
        ("output: 1\nsummary: of user.id", []),
        ("output: 1\naccess: {when: user.vip}", []),
        ("output: 1\nguard: [{check: config.x == 'a'}]", ["public"]),
        ("steps: {a: {call: own.all, ensure: [{check: result.x == 'a'}]}}\noutput: ${ steps.a }", ["public"]),
        ("steps: {a: {call: own.all}}\noutput: ${ steps.a }", []),
        ("steps: {a: {call: own.mine}}\noutput: ${ steps.a }", ["public"]),
        ("steps: {a: {call: own.ours}}\noutput: ${ steps.a }", ["public"]),
        ("steps: {a: {call: own.all, fallback: [{call: own.mine}]}}\noutput: ${ steps.a }", ["public"]),
        ("steps: {a: {call: intent.inner}}\noutput: ${ steps.a }", ["public"]),
    ],
)
def test_intents(tmp_path: Path, intent: str, told: list[str]) -> None:
    specs = f"intent: ask\ncache: {{ttl: 1m, scope: public, key: [user.id]}}\ninput: {{type: object}}\n{intent}\n"
    inner = "---\nintent: inner\nsteps: {a: {call: own.mine}}\noutput: ${ steps.a }\n"
    gateway = GATEWAY.replace("tenants:", "config: {x: a}\n#")
    assert [word for _, word in found(tmp_path, specs + inner, "GW530", gateway=gateway, sources=SOURCES)] == told


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("call: own.mine, cache: {ttl: 1m, scope: tenant}", ["tenant"]),
        ("call: own.mine, cache: {ttl: 1m, scope: user}", []),
        ("call: own.all, cache: {ttl: 1m, scope: public}", []),
        ("call: own.kept, cache: {ttl: 1m, scope: public}", ["public"]),
        ("call: own.kept, cache: {ttl: 1m, scope: user}", []),
        ("call: own.kept, cache: {ttl: 1m}", []),
    ],
)
def test_steps(tmp_path: Path, step: str, told: list[str]) -> None:
    specs = f"intent: ask\nsteps: {{a: {{{step}}}}}\noutput: ${{ steps.a }}\n"
    gateway = GATEWAY.replace("tenants:", "config: {x: a}\n#")
    assert [word for _, word in found(tmp_path, specs, "GW530", gateway=gateway, sources=SOURCES)] == told
