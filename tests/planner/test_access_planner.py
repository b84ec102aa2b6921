"""From roles, rules and `access` to decisions with their lines. Default is deny."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.runtime.plan import IntentPlan
from gateway.sdk import EVERYBODY, Access, Caller, Scope, user_root
from gateway.testing.scenario import Scenario
from tests.planner.folders import planned

ROLES = """policy: roles
roles:
  guest: {}
  customer: {allow: ["intent:ask", trace]}
  agent: {inherits: [customer], allow: ["intent:b*"]}
  admin: {allow: ["admin:*"]}
rules:
"""
INTENT = "intent: ask\naccess: {}\noutput: 1\n"


def made(folder: Path, rules: str = "", specs: str = INTENT) -> Scenario:
    return planned(folder, specs, roles=ROLES + (rules or "  []\n"))


def access_of(folder: Path, rules: str = "", specs: str = INTENT, name: str = "ask") -> Access:
    return intent(made(folder, rules, specs), name).access


def intent(scenario: Scenario, name: str) -> IntentPlan:
    plan = scenario.plan.catalogue.get(name)
    assert plan is not None
    return plan


def asking(*roles: str, **user: Any) -> tuple[Caller, Scope]:
    caller = Caller(("test", "", "u"), user_root("u", {"roles": roles, **user}))
    return caller, {"user": caller.user, "tenant": {"id": "default"}, "ctx": {"time": "2026-11-20T12:00:00+00:00"}, "config": {}}


def decided(access: Access, *roles: str, **user: Any) -> tuple[bool, str | None, str]:
    decision = access.decide(*asking(*roles, **user))
    return decision.allowed, decision.rule, decision.reason


def test_an_intent_is_open_to_policy_and_own_roles_and_their_heirs(tmp_path: Path) -> None:
    specs = "intent: ask\naccess: {roles: [admin], scopes: [read], internal: true, when: \"user.level == 'gold'\"}\noutput: 1\n"
    access = access_of(tmp_path, specs=specs)
    assert access.roles == {"customer", "agent", "admin"}
    assert (access.scopes, access.internal) == ({"read"}, True)
    assert decided(access, "admin", scopes=["read"], level="gold") == (True, "specs/all.yaml:2", "role admin: access.roles names it")
    assert decided(access, "agent", scopes=["read"]) == (False, "specs/all.yaml:2", "it does not hold that user.level == 'gold'")
    assert decided(access, "agent") == (False, "specs/all.yaml:2", "not all of the scopes read")


def test_without_a_policy_every_role_will_do_and_none_is_allowed(tmp_path: Path) -> None:
    plan = planned(tmp_path, "intent: ask\naccess: {roles: [whoever]}\noutput: 1\n").plan.catalogue.get("ask")
    assert plan is not None
    assert plan.access.roles == {"whoever"}


def test_what_nothing_allows_is_denied(tmp_path: Path) -> None:
    access = access_of(tmp_path)
    assert decided(access) == decided(access, "guest") == decided(access, "nonsense") == (False, None, "nothing allows it")


def test_the_line_behind_a_permission(tmp_path: Path) -> None:
    access = access_of(tmp_path)
    assert decided(access, "customer") == (True, "policies/roles.yaml:4", "role customer: allow intent:ask")
    assert decided(access, "guest", "agent") == (True, "policies/roles.yaml:4", "role agent inherits customer: allow intent:ask")


@pytest.mark.parametrize(
    ("rules", "roles", "user", "expected"),
    [
        ("  - {deny: ['intent:ask']}\n", ["agent"], {}, (False, "policies/roles.yaml:8", "deny intent:ask")),
        ("  - {deny: ['intent:a*'], roles: [agent], reason: no}\n", ["agent"], {}, (False, "policies/roles.yaml:8", "no")),
        (
            "  - {deny: ['intent:a*'], roles: [agent]}\n",
            ["customer"],
            {},
            (True, "policies/roles.yaml:4", "role customer: allow intent:ask"),
        ),
        ("  - {deny: ['intent:a*'], roles: [customer]}\n", ["agent"], {}, (False, "policies/roles.yaml:8", "deny intent:a*")),
        ("  - {deny: ['intent:a*'], roles: [guest]}\n", ["agent", "guest"], {}, (False, "policies/roles.yaml:8", "deny intent:a*")),
        ("  - {deny: ['intent:a*'], when: user.a == user.b}\n", ["agent"], {"a": 1, "b": 2}, (True, "policies/roles.yaml:4", None)),
        ("  - {deny: ['intent:a*'], when: user.a == user.b}\n", ["agent"], {"a": 1}, (False, "policies/roles.yaml:8", None)),
        ("  - {deny: ['intent:a*'], unless: user.a == user.b}\n", ["agent"], {"a": 1, "b": 1}, (True, "policies/roles.yaml:4", None)),
        ("  - {deny: ['intent:a*'], unless: user.a == user.b}\n", ["agent"], {"a": 1}, (False, "policies/roles.yaml:8", None)),
        ("  - {allow: ['intent:ask']}\n", [], {}, (True, "policies/roles.yaml:8", "allow intent:ask")),
        ("  - {allow: ['intent:ask'], roles: [guest]}\n", ["guest"], {}, (True, "policies/roles.yaml:8", "allow intent:ask")),
        ("  - {allow: ['intent:ask'], roles: [guest]}\n", ["admin"], {}, (False, None, None)),
        ("  - {allow: ['intent:ask'], when: user.a == user.b}\n", ["guest"], {"a": 1, "b": 1}, (True, "policies/roles.yaml:8", None)),
        ("  - {allow: ['intent:ask'], when: user.a == user.b}\n", ["guest"], {"a": 1}, (False, None, None)),
        ("  - {allow: ['intent:ask'], unless: user.a == user.b}\n", ["guest"], {"a": 1, "b": 2}, (True, "policies/roles.yaml:8", None)),
        ("  - {allow: ['intent:ask'], unless: user.a == user.b}\n", ["guest"], {"a": 1}, (False, None, None)),
        ("  - {allow: ['intent:*']}\n  - {deny: ['intent:*'], roles: [guest]}\n", ["guest"], {}, (False, "policies/roles.yaml:9", None)),
        (
            "  - {deny: ['intent:*'], when: user.a}\n  - {deny: ['intent:*']}\n",
            ["guest"],
            {"a": True},
            (False, "policies/roles.yaml:9", None),
        ),
    ],
)
def test_rules(tmp_path: Path, rules: str, roles: list[str], user: dict[str, Any], expected: tuple[Any, ...]) -> None:
    found = decided(access_of(tmp_path, rules), *roles, **user)
    assert found[: 2 if expected[2] is None else 3] == expected[: 2 if expected[2] is None else 3]


@pytest.mark.parametrize(
    ("rules", "reached"),
    [
        ("", {"customer", "agent"}),
        ("  - {allow: ['intent:ask'], roles: [guest], when: user.a}\n", {"customer", "agent", "guest"}),
        ("  - {allow: ['intent:ask'], when: user.a}\n", {"guest", "customer", "agent", "admin", EVERYBODY}),
        ("  - {deny: ['intent:ask'], roles: [agent]}\n", {"customer"}),
        ("  - {deny: ['intent:ask'], roles: [agent], when: user.a}\n", {"customer", "agent"}),
        ("  - {deny: ['intent:ask'], unless: user.a}\n", {"customer", "agent"}),
        ("  - {allow: ['intent:ask']}\n  - {deny: ['intent:ask']}\n", set()),
        ("  - {deny: ['intent:ask'], roles: [customer]}\n", set()),
    ],
)
def test_who_may_come_as_far_as_can_be_told_beforehand(tmp_path: Path, rules: str, reached: set[str]) -> None:
    assert access_of(tmp_path, rules).roles == reached


CALLING = """intent: ask
steps: {a: {call: intent.inner, fallback: [{call: erp.orders}, {return: null}]}}
output: ${ steps.a }
---
intent: inner
access: {internal: true, roles: [customer]}
steps: {a: {call: hr.person}}
output: ${ steps.a }
---
intent: beside
access: {roles: [customer]}
output: 1
---
source: hr
type: fake
operations: {person: {}}
"""


@pytest.mark.parametrize(
    ("pattern", "closed"),
    [("source:hr", {"ask", "inner"}), ("source:erp", {"ask"}), ("source:*", {"ask", "inner"}), ("source:h*", {"ask", "inner"})],
)
def test_who_is_denied_a_source_is_denied_what_may_call_it(tmp_path: Path, pattern: str, closed: set[str]) -> None:
    scenario = made(tmp_path, f"  - {{deny: ['{pattern}'], roles: [agent]}}\n", CALLING)
    for name in ("ask", "inner", "beside"):
        assert intent(scenario, name).access.permits(*asking("customer"))
        assert intent(scenario, name).access.permits(*asking("agent")) is (name not in closed)


def test_to_be_allowed_a_source_allows_no_intent(tmp_path: Path) -> None:
    assert not access_of(tmp_path, "  - {allow: ['source:*']}\n", CALLING).permits(*asking("guest"))


def test_denials_of_intents_come_before_those_of_sources_and_both_before_permissions(tmp_path: Path) -> None:
    rules = "  - {allow: ['intent:ask'], when: user.a}\n  - {deny: ['source:hr'], when: user.a}\n  - {deny: ['intent:ask'], when: user.a}\n"
    access = access_of(tmp_path, rules, CALLING)
    assert [rule.decision.reason for rule in access.rules] == ["deny intent:ask", "deny source:hr", "allow intent:ask"]


def test_a_route_has_permissions_and_denials_of_its_own(tmp_path: Path) -> None:
    specs = INTENT + "---\nroute: at\nmatch: {path: /a}\nintent: ask\naccess: {roles: [guest]}\n"
    rules = "  - {allow: ['route:at'], roles: [agent]}\n  - {deny: ['route:*'], when: user.slow}\n"
    (route,) = made(tmp_path, rules, specs).plan.routes
    assert route.access is not None
    assert decided(route.access, "agent") == (True, "policies/roles.yaml:8", "allow route:at")
    assert decided(route.access, "guest")[0]
    assert not decided(route.access, "customer")[0]
    assert not decided(route.access, "agent", slow=True)[0]


def test_a_denial_holds_for_a_route_that_asks_for_nothing_itself(tmp_path: Path) -> None:
    specs = INTENT + "---\nroute: at\nmatch: {path: /a}\nintent: ask\n"
    rules = "  - {deny: ['route:*'], roles: [customer]}\n  - {deny: ['route:at'], when: user.slow}\n"
    (route,) = made(tmp_path, rules, specs).plan.routes
    assert route.access is not None
    assert decided(route.access, "guest", slow=False)[0]
    assert not decided(route.access, "customer", slow=False)[0]
    assert not decided(route.access, "guest", slow=True)[0]
    assert decided(route.access)[0]


def test_a_route_that_no_rule_is_about_is_as_open_as_its_intent(tmp_path: Path) -> None:
    specs = INTENT + "---\nroute: at\nmatch: {path: /a}\nintent: ask\n"
    (route,) = made(tmp_path, "  - {deny: ['route:other_*', 'intent:ask'], roles: [customer]}\n", specs).plan.routes
    assert route.access is None


@pytest.mark.parametrize(
    ("access", "user", "permitted"),
    [
        ("{acr: [gold, mfa]}", {"acr": "mfa"}, True),
        ("{acr: [gold, mfa]}", {"acr": "pwd"}, False),
        ("{acr: [gold, mfa]}", {}, False),
        ("{max_age: 5m}", {"auth_time": 1795175940}, True),
        ("{max_age: 5m}", {"auth_time": 1}, False),
        ("{max_age: 5m}", {}, False),
        ("{acr: [mfa], max_age: 5m}", {"acr": "mfa"}, False),
    ],
)
def test_how_a_caller_signed_in(tmp_path: Path, access: str, user: dict[str, Any], permitted: bool) -> None:
    found = access_of(tmp_path, specs=f"intent: ask\naccess: {access}\noutput: 1\n")
    assert decided(found, "customer", **user)[:2] == (permitted, "policies/roles.yaml:4" if permitted else "specs/all.yaml:2")


def test_other_permissions(tmp_path: Path) -> None:
    rules = """  - {allow: [trace], roles: [guest], when: user.a == user.b}
  - {deny: ["admin:r*"], when: user.a == user.b}
  - {allow: ["release:pin"], roles: [guest]}
"""
    permitted = made(tmp_path, rules).plan.permitted
    equal, unknown = asking("guest", "admin", a=1, b=1), asking("guest", "admin", a=1)
    assert permitted(*split(equal, "trace"))
    assert not permitted(*split(unknown, "trace"))
    assert permitted(*split(asking("agent"), "trace"))
    assert permitted(*split(unknown, "admin:stop"))
    assert not permitted(*split(unknown, "admin:reload"))
    assert permitted(*split(unknown, "release:pin"))
    assert not permitted(*split(asking("agent"), "release:pin"))


def test_without_a_scope_every_condition_is_unknown(tmp_path: Path) -> None:
    rules = "  - {allow: [trace], roles: [guest], when: user.a}\n  - {deny: ['admin:*'], unless: user.a}\n"
    permitted = made(tmp_path, rules).plan.permitted
    assert not permitted(asking("guest", a=True)[0], "trace", None)
    assert not permitted(asking("admin", a=True)[0], "admin:stop", None)
    assert permitted(asking("customer")[0], "trace", None)


def split(who: tuple[Caller, Scope], permission: str) -> tuple[Caller, str, Scope]:
    return who[0], permission, who[1]
