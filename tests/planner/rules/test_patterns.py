"""Patterns on names outside of roles."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.rules.found import found

SPECS = "intent: billing_open\noutput: 1\n---\nroute: shop\nmatch: {path: /a}\nintent: billing_open\n"
ROLES = "policy: roles\nroles: {a: {allow: ['intent:*']}}\n"
GATEWAY = "gateway: shop\nidentity: [{anonymous: {roles: [a]}}]\n"


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("intent:billing_open", []),
        ("intent:billing_*", []),
        ("intent:*_open", []),
        ("intent:*", []),
        ("route:shop", []),
        ("admin:anything", []),
        ("trace", []),
        ("release:pin", []),
        ("intent:billing_opne", ["GW503"]),
        ("route:billing_open", ["GW503"]),
        ("source:shop", ["GW503"]),
        ("intents:billing_open", ["GW503"]),
        ("intent:biling_*", ["GW504"]),
        ("intent:billing.open*", ["GW504"]),
    ],
)
def test_permissions(tmp_path: Path, pattern: str, told: list[str]) -> None:
    policies = f"{ROLES}rules: [{{deny: ['{pattern}']}}]\n"
    problems = found(tmp_path, SPECS, "GW50", policies=policies, gateway=GATEWAY, sources="")
    assert [code for code, _ in problems if code != "GW507"] == told


@pytest.mark.parametrize(
    ("pattern", "told"),
    [("billing_open", []), ("billing_*", []), ("*", []), ("**", []), ("shop", ["GW227"]), ("x*", ["GW504"])],
)
def test_intents(tmp_path: Path, pattern: str, told: list[str]) -> None:
    tenants = f"tenants: {{known: {{acme: {{intents: {{deny: ['{pattern}']}}}}}}}}\n"
    problems = found(tmp_path, SPECS, "GW", policies=ROLES, gateway=GATEWAY + tenants, sources="")
    assert [code for code, _ in problems if code in {"GW227", "GW504"}] == told
