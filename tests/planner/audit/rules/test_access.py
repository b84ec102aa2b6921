from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.audit.folders import findings, told

HASH = "sha256:" + "0" * 64
KEYED = f"gateway: shop\nidentity: [{{api_key: {{keys: [{{hash: '{HASH}', user: {{id: a, roles: [clerk]}}}}]}}}}]\n"
SPECS = """
source: shop
type: http
servers: ['http://127.0.0.1']
operations: {{put: {{request: POST /a, effect: {effect}}}}}
---
intent: order
summary: Orders
access: {access}
steps: {{put: {{call: shop.put}}}}
output: ${{ steps.put }}
"""
PARENT = "{anonymous: {inherits: [guest]}, guest: {allow: ['intent:order']}, clerk: {}}"


def policy(roles: str) -> str:
    return f"policy: roles\nroles: {roles}\n"


@pytest.mark.parametrize(
    ("effect", "access", "roles", "place"),
    [
        ("write", "{}", "{anonymous: {allow: ['intent:order']}}", "policies/all.yaml:2:29"),
        ("write", "{}", "{anonymous: {allow: ['intent:o*']}}", "policies/all.yaml:2:29"),
        ("write", "{}", PARENT, "policies/all.yaml:2:57"),
        ("write", "{roles: [anonymous]}", "{anonymous: {}}", "specs/all.yaml:8:10"),
        ("read", "{}", "{anonymous: {allow: ['intent:order']}}", None),
        ("write", "{}", "{anonymous: {}, clerk: {allow: ['intent:order']}}", None),
        ("write", "{internal: true}", "{anonymous: {allow: ['intent:order']}}", None),
    ],
)
def test_anonymous_writes(tmp_path: Path, effect: str, access: str, roles: str, place: str | None) -> None:
    found = told(tmp_path, "GA501", specs=SPECS.format(effect=effect, access=access), policies=policy(roles))
    assert found == ([(place, "`order` writes, and callers without a credential may use it")] if place else [])


NOBODY = "{anonymous: {}, clerk: {}}"
CLERK = "{anonymous: {}, clerk: {allow: ['intent:order', 'intent:*', trace]}}"


@pytest.mark.parametrize(
    ("roles", "rules", "codes"),
    [
        (NOBODY, "rules: [{allow: ['intent:order']}]", ["GA501"]),
        (NOBODY, "rules: [{allow: ['intent:*', trace], when: ctx.channel == 'web'}]", ["GA501", "GA502", "GA504"]),
        (NOBODY, "rules: [{allow: ['intent:*', trace], roles: [anonymous]}]", ["GA501", "GA502", "GA504"]),
        (NOBODY, "rules: [{allow: ['intent:*', trace], roles: [clerk]}]", []),
        (CLERK, "assign: [{roles: [clerk], when: ctx.channel == 'web'}]", ["GA501", "GA502", "GA504"]),
        (CLERK, "assign: [{roles: [clerk], when: \"contains(user.groups, 'staff')\"}]", []),
        (CLERK, "assign: [{roles: [clerk], when: \"!(contains(user.groups, 'staff'))\"}]", ["GA501", "GA502", "GA504"]),
        (NOBODY, "rules: [{allow: ['intent:order', trace]}, {deny: ['intent:*', trace], roles: [anonymous]}]", []),
        (NOBODY, "rules: [{allow: ['intent:order', trace]}, {deny: ['intent:*', trace]}]", []),
    ],
)
def test_by_rules_and_by_roles_that_conditions_give(tmp_path: Path, roles: str, rules: str, codes: list[str]) -> None:
    specs = SPECS.format(effect="write", access="{}")
    found = findings(tmp_path, specs=specs, policies=policy(roles) + rules + "\n")
    assert sorted(each.code for each in found if each.code in {"GA501", "GA502", "GA504"}) == codes


def test_where_everybody_has_a_credential_a_rule_for_all_is_for_those(tmp_path: Path) -> None:
    specs = SPECS.format(effect="write", access="{}")
    rules = "rules: [{allow: ['intent:order', trace]}]\n"
    found = findings(tmp_path, specs=specs, gateway=KEYED, policies=policy("{clerk: {}}") + rules)
    assert not [each for each in found if each.code in {"GA501", "GA502", "GA504"}]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [("intent:*", True), ("route:**", True), ("intent:o*", False), ("intent:order", False), ("trace", False), ("source:*", False)],
)
def test_anonymous_everything(tmp_path: Path, pattern: str, found: bool) -> None:
    route = "---\nroute: order\nmatch: {path: /order}\nintent: order\n"
    specs = SPECS.format(effect="read", access="{}") + route
    expected = [("policies/all.yaml:2:29", f"callers without a credential are allowed `{pattern}`")] if found else []
    assert told(tmp_path, "GA502", specs=specs, policies=policy(f"{{anonymous: {{allow: ['{pattern}']}}}}")) == expected


def test_a_wide_role_of_somebody_else_is_not_everybodys(tmp_path: Path) -> None:
    assert told(tmp_path, "GA502", policies=policy("{anonymous: {}, clerk: {allow: ['intent:*']}}")) == []


@pytest.mark.parametrize(
    ("roles", "found"),
    [("{anonymous: {allow: [trace]}}", True), ("{anonymous: {}, clerk: {allow: [trace]}}", False), ("{anonymous: {}}", False)],
)
def test_anonymous_trace(tmp_path: Path, roles: str, found: bool) -> None:
    expected = [("policies/all.yaml:2:29", "callers without a credential are allowed `trace`")] if found else []
    assert told(tmp_path, "GA504", policies=policy(roles)) == expected


@pytest.mark.parametrize(
    ("roles", "patterns"),
    [
        ("{clerk: {allow: ['admin:*']}}", "`admin:*`"),
        ("{clerk: {inherits: [chief]}, chief: {allow: ['intent:*', 'admin:*']}}", "`intent:*`, `admin:*`"),
        ("{clerk: {allow: ['intent:a*', 'admin:reload']}, chief: {allow: ['admin:*']}}", None),
        ("{clerk: {}}\nrules: [{allow: ['admin:*'], roles: [clerk], when: user.id}]", "`admin:*`"),
        ("{clerk: {}, chief: {}}\nrules: [{allow: ['admin:*'], roles: [chief]}]", None),
    ],
)
def test_wide_keys(tmp_path: Path, roles: str, patterns: str | None) -> None:
    found = told(tmp_path, "GA503", gateway=KEYED, policies=policy(roles))
    assert found == ([("gateway.yaml:2:133", f"the holder of this key is allowed {patterns}")] if patterns else [])
