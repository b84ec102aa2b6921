"""Names in gateway.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.rules.found import Found, found

SOURCES = """
source: shop
type: http
servers: ['http://shop.test']
operations: {any: {request: GET /any}}
---
source: here
type: static
operations: {any: {value: 1}}
"""


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("fallback_intent: ask", []),
        ("fallback_intent: aks", [("GW227", "aks")]),
        ("fallback_intent: broken", []),
        ("tenants: {known: {acme: {servers: {shop: ['http://a.test']}}}}", []),
        ("tenants: {known: {acme: {servers: {shpo: ['http://a.test']}}}}", [("GW222", "shpo")]),
        ("tenants: {known: {acme: {servers: {here: ['http://a.test']}}}}", [("GW233", "here")]),
        ("tenants: {known: {acme: {intents: {allow: [ask], deny: ['a*']}}}}", []),
        ("tenants: {known: {acme: {intents: {allow: [aks], deny: ['x*']}}}}", [("GW227", "aks"), ("GW504", "'x*'")]),
    ],
)
def test_what_is_told(tmp_path: Path, written: str, expected: Found) -> None:
    specs = "intent: ask\noutput: 1\n---\nintent: broken\noutptu: 1\n"
    problems = found(tmp_path, specs, "GW", gateway=f"gateway: shop\nidentity: [{{scenario: {{}}}}]\n{written}\n", sources=SOURCES)
    assert [each for each in problems if each[0] in {"GW222", "GW227", "GW233", "GW504"}] == expected
