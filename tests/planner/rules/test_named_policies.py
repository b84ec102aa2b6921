"""Names in policies."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.rules.found import Found, found

CODES = {"GW227", "GW501", "GW510", "GW511", "GW512", "GW513"}
SOURCE = "source: shop\ntype: fake\n{key}\noperations: {{any: {{}}}}\n"
INTENTS = "intent: ask\nversion: 1\noutput: 1\n---\nintent: ask\nversion: 2\noutput: 1\n"
GATEWAY = "gateway: shop\nidentity: [{anonymous: {roles: [guest]}}]\n"
ROLES = "policy: roles\nroles: {guest: {allow: ['intent:ask']}}\n"


def told(folder: Path, policies: str, *, gateway: str = GATEWAY, source: str = "") -> Found:
    written = found(folder, INTENTS, "GW", policies=ROLES + "---\n" + policies, gateway=gateway, sources=SOURCE.format(key=source))
    return [each for each in written if each[0] in CODES]


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        ("policy: circuit_breakers\ncircuit_breakers: {slow: {}}\n", []),
        ("policy: circuit_breakers\ncircuit_breakers: {solw: {}}\n", [("GW510", "slow")]),
        ("policy: flags\nflags: {}\n", [("GW510", "slow")]),
        ("policy: circuit_breakers\ncircuit_breaker: {solw: {}}\n", []),
    ],
)
def test_circuit_breakers(tmp_path: Path, policies: str, expected: Found) -> None:
    assert told(tmp_path, policies, source="circuit_breaker: slow") == expected


@pytest.mark.parametrize(
    ("tier", "expected"),
    [
        ("", []),
        ("tier: default", []),
        ("tier: gold", [("GW511", "gold")]),
        ("tier: ${ if(user.id, 'gold', 'default') }", [("GW511", "gold")]),
        ("tier: ${ tenant.plan }", []),
    ],
)
def test_tiers(tmp_path: Path, tier: str, expected: Found) -> None:
    assert told(tmp_path, f"policy: rate_limits\nrate_limits: {{default: {{}}}}\n{tier}\n") == expected


def test_tiers_of_tenants_and_of_everybody(tmp_path: Path) -> None:
    tenants = GATEWAY + "tenants: {known: {acme: {rate_limits: gold}, other: {rate_limits: slow}}}\n"
    policies = "policy: rate_limits\nrate_limits: {slow: {}}\n"
    assert told(tmp_path, policies, gateway=tenants) == [("GW511", "gold"), ("GW511", "rate_limits")]


@pytest.mark.parametrize(
    ("releases", "expected"),
    [
        ("{ask: {stable: 1, canary: {version: 2, weight: 1}}}", []),
        ("{ask: {stable: 3}}", [("GW512", "3")]),
        ("{ask: {stable: 2, canary: {version: 4, weight: 1}}}", [("GW512", "4")]),
        ("{aks: {stable: 9}}", [("GW227", "aks")]),
    ],
)
def test_releases(tmp_path: Path, releases: str, expected: Found) -> None:
    assert told(tmp_path, f"policy: releases\nreleases: {releases}\n") == expected


@pytest.mark.parametrize(
    ("rule", "gateway", "expected"),
    [
        ("roles: [guest]", GATEWAY, []),
        ("roles: [guest, geust]", GATEWAY, [("GW501", "geust")]),
        ("tenants: [default]", GATEWAY, []),
        ("tenants: [acme]", GATEWAY, [("GW513", "acme")]),
        ("tenants: [acme, amce]", GATEWAY + "tenants: {known: {acme: {}}}\n", [("GW513", "amce")]),
        ("tenants: [acme]", "gateway: shop\nidentiti: []\n", []),
    ],
)
def test_flags(tmp_path: Path, rule: str, gateway: str, expected: Found) -> None:
    assert told(tmp_path, f"policy: flags\nflags: {{x: {{default: 1, rules: [{{{rule}, value: 2}}]}}}}\n", gateway=gateway) == expected


def test_roles_in_conditions(tmp_path: Path) -> None:
    more = "policy: roles\nroles: {}\nassign: [{roles: [guest, gest], when: user.vip}]\nrules: [{deny: ['intent:ask'], roles: [gust]}]\n"
    assert told(tmp_path, more) == [("GW501", "gest"), ("GW501", "gust")]


@pytest.mark.parametrize(
    ("intents", "expected"), [("'*'", []), ("ask", []), ("[ask, aks]", [("GW227", "aks")]), ("aks", [("GW227", "aks")])]
)
def test_audit(tmp_path: Path, intents: str, expected: Found) -> None:
    assert told(tmp_path, f"policy: audit\nrecord: {{intents: {intents}}}\n") == expected
