"""Roles, circuit breakers and tiers that nothing names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.rules.found import found

ROLES = "policy: roles\nroles: {guest: {}, anonymous: {}, customer: {allow: ['intent:ask']}}\n"
GATEWAY = "gateway: shop\nidentity: [{anonymous: {roles: [anonymous]}}]\n"
TENANTS = GATEWAY + "tenants: {known: {acme: {rate_limits: gold}}}\n"
INTENT = "intent: ask\noutput: 1\n"


def told(folder: Path, specs: str = INTENT, policies: str = ROLES, gateway: str = GATEWAY, sources: str = "") -> list[str]:
    return [word for _, word in found(folder, specs, "GW54", policies=policies, gateway=gateway, sources=sources)]


@pytest.mark.parametrize(
    ("specs", "roles", "expected"),
    [
        (INTENT, ROLES, ["guest"]),
        (INTENT, ROLES.replace("guest: {}", "guest: {inherits: [anonymous]}"), []),
        (INTENT, ROLES.replace("guest: {}", "guest: {clears: [pii]}"), []),
        (INTENT, ROLES.replace("anonymous: {}", "anonymous: {inherits: [guest]}"), []),
        (INTENT, ROLES + "assign: [{roles: [guest], when: user.vip}]\n", []),
        (INTENT, ROLES + "rules: [{deny: ['intent:ask'], roles: [guest]}]\n", []),
        ("intent: ask\naccess: {roles: [guest]}\noutput: 1\n", ROLES, []),
        ("intent: ask\nguard: [{check: \"!(contains(user.roles, 'guest'))\"}]\noutput: 1\n", ROLES, []),
        (INTENT + "---\nroute: a\nmatch: {path: /a}\nintent: ask\naccess: {roles: [guest]}\n", ROLES, []),
        (INTENT, ROLES + "---\npolicy: flags\nflags: {x: {default: 1, rules: [{roles: [guest], value: 2}]}}\n", []),
    ],
)
def test_roles(tmp_path: Path, specs: str, roles: str, expected: list[str]) -> None:
    assert told(tmp_path, specs, roles) == expected


def test_without_identity_nobody_has_a_role(tmp_path: Path) -> None:
    assert told(tmp_path, gateway="gateway: shop\n") == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("circuit_breaker: slow\noperations: {any: {}}", []),
        ("operations: {any: {circuit_breaker: slow}}", []),
        ("operations: {any: {circuit_breaker: {failure_threshold: 2}}}", ["slow"]),
    ],
)
def test_circuit_breakers(tmp_path: Path, source: str, expected: list[str]) -> None:
    policies = ROLES.replace("guest: {}, ", "") + "---\npolicy: circuit_breakers\ncircuit_breakers: {slow: {}}\n"
    specs = "intent: ask\nsteps: {a: {call: shop.any}}\noutput: ${ steps.a }\n"
    assert told(tmp_path, specs, policies, sources=f"source: shop\ntype: fake\n{source}\n") == expected


@pytest.mark.parametrize(
    ("tier", "gateway", "expected"),
    [
        ("", GATEWAY, ["gold"]),
        ("tier: gold", GATEWAY, []),
        ("tier: \"${ if(user.id, 'gold', 'default') }\"", GATEWAY, []),
        ("tier: \"${ if(user.id, 'default', 'default') }\"", GATEWAY, ["gold"]),
        ("tier: ${ tenant.plan }", GATEWAY, []),
        ("", TENANTS, []),
    ],
)
def test_tiers(tmp_path: Path, tier: str, gateway: str, expected: list[str]) -> None:
    policies = ROLES.replace("guest: {}, ", "") + f"---\npolicy: rate_limits\nrate_limits: {{default: {{}}, gold: {{}}}}\n{tier}\n"
    assert told(tmp_path, policies=policies, gateway=gateway) == expected
