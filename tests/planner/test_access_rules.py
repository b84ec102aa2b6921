"""`assign` and `rules`, compiled. What can't be compiled refuses to start."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planner.folders import own, planned, told

INTENT = "intent: ask\noutput: 1\n---\nintent: bill_all\noutput: 1\n"
ROLES = """policy: roles
roles:
  customer: {}
  agent: {inherits: [customer]}
"""
GATEWAY = "gateway: shop\nidentity: [{anonymous: {roles: [customer]}}]\n"


def test_rules_about_a_permission_in_the_order_written(tmp_path: Path) -> None:
    rules = """rules:
  - {allow: ["intent:bill_*", "intent:ask"], roles: [agent]}
  - {deny: ["intent:*"], roles: [customer], unless: user.vip, reason: not for everybody}
  - {allow: [trace]}
"""
    found = planned(tmp_path, INTENT, roles=ROLES + rules).planned.access.rules
    assert [(rule.spot, pattern) for rule, pattern in found.about(["intent:ask"], allows=True)] == [("policies/roles.yaml:6", "intent:ask")]
    ((denial, pattern),) = found.about(["route:x", "intent:ask"], allows=False)
    assert (pattern, denial.roles, denial.conditional, denial.told(pattern)) == (
        "intent:*", {"customer", "agent"}, True, "not for everybody",
    )  # fmt: skip
    assert [rule.told("trace") for rule in found.all()][2] == "allow trace"
    assert not list(found.about(["admin:x"], allows=False))


def test_assignments_in_the_order_written(tmp_path: Path) -> None:
    assign = "assign:\n  - {roles: [agent, customer], when: user.vip}\n  - {roles: [agent], when: tenant.id == 'a'}\n"
    found = planned(tmp_path, INTENT, roles=ROLES + assign).planned.access.rules.assignments
    assert [(each.roles, each.when.source, each.rule) for each in found] == [
        (("agent", "customer"), "user.vip", "policies/roles.yaml:6"),
        (("agent",), "tenant.id == 'a'", "policies/roles.yaml:7"),
    ]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ("rules: [{deny: ['intent:ask'], when: 'user.a =='}]", "GW201"),
        ("rules: [{allow: ['intent:ask'], unless: 'user.a == 1'}]", "GW2"),
        ("rules: [{deny: ['intent:ask'], when: 'input.a'}]", "GW2"),
        ("assign: [{roles: [agent], when: '!user.a.b'}]", "GW2"),
        ("assign: [{roles: [agent], when: \"contains('abc', user.id)\"}]", "GW2"),
        ("assign: [{roles: [agent], when: \"contains(user.grups, 'a')\"}]", "GW2"),
        ("rules: [{deny: ['intent:ask'], when: 'tenant.pln'}]", "GW2"),
        ("rules: [{deny: ['intent:ask'], roles: [agnt]}]", "GW501"),
        ("assign: [{roles: [agnt], when: user.id}]", "GW501"),
        ("rules: [{reason: neither}]", "GW1"),
        ("rules: [{allow: ['intent:ask'], deny: ['intent:ask']}]", "GW1"),
        ("rules: [{deny: []}]", "GW1"),
        ("rules: [{deny: ['intent:ask'], roles: []}]", "GW1"),
        ("assign: [{roles: [agent]}]", "GW1"),
        ("rules: [{deny: ['intent:aks']}]", "GW503"),
        ("rules: [{allow: ['source:ask']}]", "GW503"),
        ("rules: [{deny: ['release:pinn']}]", "GW503"),
        ("rules: [{deny: ['trace:all']}]", "GW503"),
        ("rules: [{deny: ['admin']}]", "GW503"),
    ],
)
def test_what_refuses_to_start(tmp_path: Path, more: str, code: str) -> None:
    made = planned(tmp_path, INTENT, roles=f"{ROLES}{more}\n", gateway=GATEWAY)
    errors = [(problem.code, problem.place.line) for problem in own(made) if problem.severity == "error"]
    assert [line for _, line in errors] == [5]
    assert errors[0][0].startswith(code)
    with pytest.raises(AssertionError):
        _ = made.plan


def test_conditions_of_a_broken_policy_are_not_guessed(tmp_path: Path) -> None:
    made = planned(tmp_path, INTENT, roles=ROLES + "assing: []\nassign: [{roles: [agent], when: user.id}]\n", gateway=GATEWAY)
    assert [code for code, _, _ in told(made)] == ["GW101"]
