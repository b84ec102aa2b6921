"""Permissions that a denial always takes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.rules.found import found

SPECS = """intent: bill_all
steps: {a: {call: erp.orders}}
output: ${ steps.a }
---
intent: bill_one
output: 1
---
intent: ask
access: {roles: [clerk]}
output: 1
"""
SOURCES = "source: erp\ntype: fake\noperations: {orders: {}}\n"
GATEWAY = "gateway: shop\nidentity: [{scenario: {}}]\n"


def told(folder: Path, roles: str, rules: str) -> list[str]:
    policies = f"policy: roles\nroles: {roles}\nrules: [{rules}]\n"
    return [word for _, word in found(folder, SPECS, "GW507", policies=policies, gateway=GATEWAY, sources=SOURCES)]


ROLES = "{a: {allow: ['intent:bill_*']}, b: {inherits: [a], allow: ['intent:bill_one']}, clerk: {allow: [trace, 'admin:read']}}"


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ("{deny: ['intent:bill_*']}", ["'intent:bill_*'", "'intent:bill_one'"]),
        ("{deny: ['intent:bill_*'], roles: [a]}", ["'intent:bill_*'", "'intent:bill_one'"]),
        ("{deny: ['intent:bill_*'], roles: [b]}", ["'intent:bill_one'"]),
        ("{deny: ['intent:bill_one']}", ["'intent:bill_one'"]),
        ("{deny: ['intent:bill_one']}, {deny: ['intent:bill_all'], roles: [a]}", ["'intent:bill_*'", "'intent:bill_one'"]),
        ("{deny: ['intent:bill_one']}, {deny: ['source:erp']}", ["'intent:bill_*'", "'intent:bill_one'"]),
        ("{deny: ['intent:bill_*'], when: user.slow}", []),
        ("{deny: ['intent:bill_*'], unless: user.vip}", []),
        ("{deny: ['intent:bill_*'], roles: [clerk]}", []),
        ("{deny: ['intent:a*'], roles: [clerk]}", ["clerk"]),
        ("{deny: [trace]}", ["trace"]),
        ("{deny: ['admin:*']}", ["'admin:read'"]),
        ("{deny: ['admin:write']}", []),
        ("{allow: ['intent:ask'], roles: [a, b]}, {deny: ['intent:ask'], roles: [a]}", ["'intent:ask'"]),
        ("{allow: ['intent:ask'], roles: [a, clerk]}, {deny: ['intent:ask'], roles: [a]}", []),
        ("{allow: ['intent:ask']}, {deny: ['intent:ask'], roles: [a, clerk]}", ["clerk"]),
        ("{allow: ['intent:ask'], when: user.vip}, {deny: ['intent:ask']}", ["clerk", "'intent:ask'"]),
    ],
)
def test_what_never_allows_anything(tmp_path: Path, rules: str, expected: list[str]) -> None:
    assert sorted(told(tmp_path, ROLES, rules)) == sorted(expected)
